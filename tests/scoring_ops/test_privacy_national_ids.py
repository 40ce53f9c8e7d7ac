"""National ids: found by check digits, separators and names, and told from orders, parcels and devices.

The numbers are published examples of the authorities and of the schemes' descriptions, or have computed check digits.
"""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.conversation import Conversation
from scoring_ops.national_id_schemes import DIGITS, LETTERED
from scoring_ops.national_ids import find_national_ids
from scoring_ops.privacy import mask, unmask
from tests.builders import make_conversation


def masked_text(text: str, language: str | None = None) -> str:
    return mask(make_conversation(("customer", text), language=language)).conversation.messages[0].text


# Language, a valid number, and the same with a place changed so that no check fits.
CHECKED = [
    ("en", "536-22-8145", "000-22-8145"),  # SSN: an area never issued
    ("en", "912-70-1234", "912-69-1234"),  # ITIN: a group never issued
    ("en-GB", "401 023 2137", "401 023 2138"),  # NHS
    ("en-GB", "AB 12 34 56 C", "QQ 12 34 56 C"),  # NINO: no check digit, a prefix never issued
    ("en", "AB123456C", "BG123456C"),
    ("en-CA", "046 454 286", "046 454 287"),  # SIN
    ("de", "86095742719", "86095742718"),  # Steuer-ID
    ("en", "86 095 742 719", "86 095 742 718"),
    ("de", "15 070649 C 103", "15 070649 C 104"),  # Versicherungsnummer
    ("de", "65170839J003", "65170839J004"),
    ("fr", "2 55 08 14 168 025 38", "2 55 08 14 168 025 39"),  # NIR
    ("fr", "184127645108946", "184127645108947"),
    ("fr", "184122A45108933", "184122A45108934"),  # NIR, Corsica
    ("es", "12345678Z", "12345678A"),  # DNI
    ("es", "12345678-z", "12345678-t"),
    ("es", "X1234567L", "X1234567M"),  # NIE
    ("es", "Y-2345678-Z", "Y-2345678-T"),
    ("it", "MRTMTT25D09F205Z", "MRTMTT25D09F205A"),  # codice fiscale
    ("en", "rssmra85t10a562s", "rssmra85t10a562t"),
    ("nl", "1112.22.333", "1112.22.334"),  # BSN
    ("nl", "85.07.30-033.28", "85.07.30-033.29"),  # Belgian national number
    ("fr-BE", "85073003328", "85073003329"),
    ("pl", "44051401359", "44051401358"),  # PESEL
    ("sv", "811218-9876", "811218-9875"),  # personnummer
    ("sv", "19811218-9876", "19811218-9875"),
    ("da", "0707614285", "0707614286"),  # CPR, mod 11
    ("da", "070761-4286", "071361-4286"),  # CPR: since 2007 the date is all that can be checked
    ("no", "17054026641", "17054026642"),  # fødselsnummer
    ("nb", "170540 26641", "170540 26642"),
    ("en", "131052-308T", "131052-308U"),  # HETU
    ("fi", "131052A308T", "131052A308U"),
    ("fi", "131052A3140", "131052A3141"),
    ("fi", "131052-3140", "131052-3141"),
    ("en", "529.982.247-25", "529.982.247-26"),  # CPF
    ("pt-BR", "52998224725", "52998224726"),
    ("en", "HEGG560427MVZRRL04", "HEGG560427MVZRRL05"),  # CURP
    ("en-IN", "9999 4105 7058", "9999 4105 7059"),  # Aadhaar
    ("hi", "ABCPE1234F", "ABCZE1234F"),  # PAN: the fourth letter is P for a person
    ("en", "11010519491231002X", "11010519491231003X"),  # Chinese resident id
    ("zh", "440524188001010014", "440524188001010015"),
    ("ko", "800101-2345678", "801301-2345678"),  # RRN: since 2020 the date is all that can be checked
    ("en-AU", "123 456 782", "123 456 783"),  # TFN
    ("de", "756.9217.0769.85", "756.9217.0769.86"),  # AHV
    ("tr", "10000000146", "10000000147"),  # TC kimlik
]


@pytest.mark.parametrize(("language", "valid", "broken"), CHECKED)
def test_a_valid_number_is_masked_and_one_whose_check_fails_is_not(language: str, valid: str, broken: str) -> None:
    assert masked_text(f"it is {valid}, please", language) == "it is [NATIONAL_ID_1], please"
    assert masked_text(f"it is {broken}, please", language) == f"it is {broken}, please"


NAMED = [
    ("en", "My SSN is 536228145.", "My SSN is [NATIONAL_ID_1]."),
    ("en", "social security number: 536 22 8145", "social security number: [NATIONAL_ID_1]"),
    ("en", "536228145 is my ssn", "[NATIONAL_ID_1] is my ssn"),
    ("en", "NHS no. 9434765918", "NHS no. [NATIONAL_ID_1]"),
    ("en", "National Insurance number QQ123456C", "National Insurance number [NATIONAL_ID_1]"),
    ("en", "my SIN (for the tax form) is 046454287", "my SIN (for the tax form) is [NATIONAL_ID_1]"),
    ("en", "my tfn is 123456783", "my tfn is [NATIONAL_ID_1]"),
    ("en", "Aadhaar number 999941057059", "Aadhaar number [NATIONAL_ID_1]"),
    ("en", "PAN card ABCPE1234F", "PAN card [NATIONAL_ID_1]"),
    ("en", "national identity card no 123456789012", "national identity card no [NATIONAL_ID_1]"),
    ("de", "Meine Steuer-ID lautet 86095742718", "Meine Steuer-ID lautet [NATIONAL_ID_1]"),
    ("de", "Steuer-Identifikationsnummer 86095742718", "Steuer-Identifikationsnummer [NATIONAL_ID_1]"),
    ("fr", "mon numéro de sécurité sociale: 1841276451089", "mon numéro de sécurité sociale: [NATIONAL_ID_1]"),
    ("es", "mi DNI es 12345678", "mi DNI es [NATIONAL_ID_1]"),
    (None, "NIE X1234567M", "NIE [NATIONAL_ID_1]"),
    ("nl", "mijn BSN is 111222334 06 12345678", "mijn BSN is [NATIONAL_ID_1] [PHONE_1]"),
    ("nl", "111222333 is mijn bsn", "[NATIONAL_ID_1] is mijn bsn"),
    ("en", "PESEL 44051401358", "PESEL [NATIONAL_ID_1]"),
    ("en", "personnummer 8112189875", "personnummer [NATIONAL_ID_1]"),
    ("en", "CPR 070761 4286", "CPR [NATIONAL_ID_1]"),
    ("en", "fødselsnummer 17054026642", "fødselsnummer [NATIONAL_ID_1]"),
    ("pt", "o meu NIF é 123456788", "o meu NIF é [NATIONAL_ID_1]"),
    ("en", "CPF: 52998224726", "CPF: [NATIONAL_ID_1]"),
    ("de-AT", "Meine SVNR ist 1237 010180", "Meine SVNR ist [NATIONAL_ID_1]"),
    ("ja", "マイナンバーは123456789012です", "マイナンバーは[NATIONAL_ID_1]です"),
    ("ko", "주민등록번호 8001012345678", "주민등록번호 [NATIONAL_ID_1]"),
    ("zh", "身份证号：11010519491231003X", "身份证号：[NATIONAL_ID_1]"),
    ("zh", "身份证编号440524188001010015谢谢", "身份证编号[NATIONAL_ID_1]谢谢"),
    ("zh", "４４０５２４１８８００１０１００１４谢谢", "[NATIONAL_ID_1]谢谢"),
    ("en", "536–22–8145 or 536 - 22 - 8145", "[NATIONAL_ID_1] or [NATIONAL_ID_2]"),
]


@pytest.mark.parametrize(("language", "text", "expected"), NAMED)
def test_a_number_after_its_name_is_masked_whether_its_check_fits_or_not(
    language: str | None, text: str, expected: str
) -> None:
    assert masked_text(text, language) == expected


OTHERS = [
    ("en", "order 536-22-8145, ticket #536-22-8145, tracking: 536-22-8145"),
    ("en", "tracking 9400111899223197428490, RR123456785GB, 1Z999AA10123456784"),
    ("en", "order 123-1234567-1234567 of 2026-11-02, 111222333 and 046454286"),
    ("en", "I do not give you my SSN. The order is 111222333"),
    ("en", "my SSN for order 111222333"),
    ("en", "https://example.com/orders/86095742719, ABC-536-22-8145, 536-22-8145-1, 0,86095742719"),
    ("en", "4405140135944, 440514013, 44051401359"),
    ("en", "part 12345678Z, flight HAT170, sizes 46 48 50, 1.234.567,89"),
    ("en", "sin 111222333, pan 111222333"),
    ("de", "Bestellnummer 86095742719, Sendung 86095742718, 15 070649 Stück"),
    ("sv", "order 811218-9876, 20261102-1234"),
    ("da", "Ordre 070761-428, 2026-11-02"),
    ("es", "pedido 12345678A, 12.345.678 pesos"),
    ("zh", "订单号440524188001010014"),
    (None, "86095742719, 44051401359, 12345678Z, 401 023 2137 x"),
]


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_orders_parcels_links_and_ids_of_elsewhere_stay(language: str | None, text: str) -> None:
    assert masked_text(text, language) == text


def test_the_same_id_keeps_its_number_and_one_in_the_subject_alone_counts_apart() -> None:
    masked, originals = mask(
        make_conversation(
            ("customer", "536-22-8145 or AB123456C"),
            ("customer", "536-22-8145"),
            subject="912-70-1234",
            source_metadata='{"id":"536-22-8145","other":["900-70-1234"]}',
            language="en",
        )
    )

    assert [m.text for m in masked.messages] == ["[NATIONAL_ID_1] or [NATIONAL_ID_2]", "[NATIONAL_ID_1]"]
    assert masked.subject == "[NATIONAL_ID_S1]"
    assert masked.source_metadata == '{"id":"[NATIONAL_ID_1]","other":["[NATIONAL_ID_M1]"]}'
    assert unmask(masked.messages[0].text, originals[0].replacements) == "536-22-8145 or AB123456C"


def test_a_placeholder_that_somebody_wrote_is_given_to_no_id() -> None:
    assert masked_text("[NATIONAL_ID_1] is not 536-22-8145") == "[NATIONAL_ID_1] is not [NATIONAL_ID_2]"


def test_a_card_and_an_account_keep_their_own_kind() -> None:
    text = "4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 536-22-8145"

    assert masked_text(text, "en-IN") == "[CARD_1], [IBAN_1], [NATIONAL_ID_1]"


def test_every_scheme_is_held_by_an_example() -> None:
    checked = [re.sub(r"\W", "", valid).upper() for _, valid, _ in CHECKED]
    texts = " ".join(text for _, text, _ in NAMED)
    for scheme in DIGITS:
        by_check = scheme.home and any(scheme.check(n) for n in checked if n.isdecimal() and len(n) in scheme.lengths)
        assert by_check or scheme.anywhere or not scheme.lengths or re.search(scheme.names, texts, re.IGNORECASE), (
            scheme.scheme
        )
    for lettered in LETTERED:
        whole = re.compile(lettered.pattern, re.IGNORECASE)
        assert any(whole.fullmatch(valid) for _, valid, _ in CHECKED), lettered.scheme


def random_number(shape: str, chance: random.Random) -> str:
    return re.sub("n", lambda _: chance.choice("0123456789"), shape)


SHAPES = ["n" * length for length in (8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22)]
SHAPES += ["nnn nnn nnn", "nnn-nnnnnnn-nnnnnnn", "nnnn nnnn nnnn", "nnnn-nnnn-nnnn", "RRnnnnnnnnnGB", "2026nnnn-nnnn"]


@pytest.mark.parametrize(
    "language", [None, "en", "de", "es", "fr", "it", "nl", "pl", "sv", "da", "no", "pt", "zh", "ja"]
)
def test_of_random_numbers_at_most_one_in_fifty_of_any_shape_is_masked(language: str | None) -> None:
    chance = random.Random(7)
    for shape in SHAPES:
        texts = (f"about {random_number(shape, chance)} please" for _ in range(400))
        assert sum(bool(list(find_national_ids(text, language))) for text in texts) <= 8, shape


PIECES = st.sampled_from(
    [
        *(valid for _, valid, _ in CHECKED),
        *(broken for _, _, broken in CHECKED),
        *(text for _, text, _ in NAMED),
        *("SSN ", "DNI", "a@x.org", "[NATIONAL_ID_1]", "[NATIONAL_ID_S1]", "[", "_", "-", " ", ".", "1", "X", "4111"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=8).map("".join)
LANGUAGES = st.sampled_from([None, "en", "en-GB", "de", "es", "fr", "nl", "pl", "sv", "da", "pt-BR", "en-IN", "zh"])


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3))
    return make_conversation(*(("customer", text) for text in texts), language=draw(LANGUAGES))


@given(conversations())
@settings(max_examples=200, deadline=None)
def test_masking_ids_again_changes_nothing_and_the_way_back_is_exact(conversation: Conversation) -> None:
    masked, originals = mask(conversation)

    assert mask(masked) == (masked, ())
    kept = {original.message_id: original for original in originals}
    for before, after in zip(conversation.messages, masked.messages, strict=True):
        replaced = kept[before.message_id].replacements if before.message_id in kept else ()
        assert unmask(after.text, replaced) == before.text


DUMPS = {
    "ones": "1 " * 250_000,
    "groups": "123-45-" * 70_000,
    "codes": "a1" * 250_000,
    "eights": "12345678 " * 50_000,
    "lists": "1 2345678, " * 45_000,
    "named": "ssn 123456789, " * 30_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", DUMPS.values(), ids=DUMPS)
def test_half_a_megabyte_takes_well_under_ten_seconds_whatever_it_holds(text: str) -> None:
    started = time.process_time()

    masked_text(text, "es")

    assert time.process_time() - started < 5
