"""Masking: what is found in which language and what is not, stable numbers, and the way back."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.conversation import Conversation
from scoring_ops.phones import MOST_TRIES
from scoring_ops.privacy import Original, mask, unmask
from scoring_ops.transcript import transcribe
from tests.builders import make_conversation, make_message

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nq+/=\n-----END RSA PRIVATE KEY-----"


def masked_text(text: str, language: str | None = "en") -> str:
    return mask(make_conversation(("customer", text), language=language)).conversation.messages[0].text


POSITIVES = [
    ("en", "Write to jo.doe+shop@mail.example.co.uk.", "Write to [EMAIL_1]."),
    ("en", "<jo@example.com>, JO@EXAMPLE.COM", "<[EMAIL_1]>, [EMAIL_2]"),
    ("de", "müller@exämple.de oder hans (at) example.de", "[EMAIL_1] oder [EMAIL_2]"),
    ("zh", "邮箱是zhang_san@example.com谢谢", "邮箱是[EMAIL_1]谢谢"),
    ("ja", "メールはtaro＠example.jpです", "メールは[EMAIL_1]です"),
    ("en", "Call me at (202) 555-0143 tomorrow", "Call me at [PHONE_1] tomorrow"),
    ("en", "my number is 2025550143", "my number is [PHONE_1]"),
    ("en", "+1 202 555 0143, 020 7946 0958", "[PHONE_1], [PHONE_2]"),
    ("en", "07911 123456 or 07911123456", "[PHONE_1] or [PHONE_2]"),
    ("en", "order 10294, then call +44 20 7946 0958.", "order 10294, then call [PHONE_1]."),
    ("de", "Tel.: 030 / 901820, mobil 0151 23456789", "Tel.: [PHONE_1], mobil [PHONE_2]"),
    ("de", "Kundennummer 4711, Tel 0151/23456789", "Kundennummer 4711, Tel [PHONE_1]"),
    ("de-AT", "Mein Handy: 0664 1234567", "Mein Handy: [PHONE_1]"),
    ("es", "mi móvil es 612 345 678 o 612345678", "mi móvil es [PHONE_1] o [PHONE_2]"),
    ("es-MX", "llámame al 55 1234 5678", "llámame al [PHONE_1]"),
    ("zh", "我的电话是13812345678，谢谢", "我的电话是[PHONE_1]，谢谢"),
    ("zh", "座机 010-62345678", "座机 [PHONE_1]"),
    ("fr", "mon portable 06 12 34 56 78", "mon portable [PHONE_1]"),
    (None, "call 202-555-0143 or 030 901820", "call [PHONE_1] or [PHONE_2]"),
    ("xx", "from anywhere: +49 151 23456789", "from anywhere: [PHONE_1]"),
    ("en", "2026-11-02 202-555-0143", "2026-11-02 [PHONE_1]"),
    ("en", "card 4111 1111 1111 1111 exp 12/27", "card [CARD_1] exp 12/27"),
    ("en", "378282246310005, 5555-5555-5555-4444", "[CARD_1], [CARD_2]"),
    ("en", "4111111111111111 4111111111111111", "[CARD_1] [CARD_1]"),
    ("en", "6011 0009 9013 9424 5th of May", "[CARD_1] 5th of May"),
    ("zh", "卡号6222 0212 3456 7890 128扣款", "卡号[CARD_1]扣款"),
    ("de", "IBAN: DE89 3704 0044 0532 0130 00 bei der Bank", "IBAN: [IBAN_1] bei der Bank"),
    ("en", "gb29nwbk60161331926819 and NO9386011117947", "[IBAN_1] and [IBAN_2]"),
    ("es", "ES91 2100 0418 4502 0005 1332", "[IBAN_1]"),
    ("en", "ping 192.0.2.44, 2001:db8::8a2e:370:7334", "ping [IP_1], [IP_2]"),
    ("zh", "接入IP218.107.61.48网址", "接入IP[IP_1]网址"),
    ("en", "firmware 2.1 at ip address 192.0.2.44", "firmware 2.1 at ip address [IP_1]"),
    ("en", "key sk-proj-abc123DEF456ghi789JKL", "key [SECRET_1]"),
    ("en", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[SECRET_1]"),
    ("en", "AKIAIOSFODNN7EXAMPLE is the id", "[SECRET_1] is the id"),
    ("en", f"Authorization: Bearer {JWT}", "Authorization: Bearer [SECRET_1]"),
    ("en", "authorization: bearer mF_9.B5f-4.1JqM9xQ", "authorization: bearer [SECRET_1]"),
    ("en", "api_key='a8f5f167f44f4964' set", "api_key='[SECRET_1]' set"),
    ("de", "Passwort: geheim123!", "Passwort: [SECRET_1]"),
    ("en", "pwd=hunter22, my password is hunter2!", "pwd=[SECRET_1], my password is [SECRET_2]"),
    ("en", f"here: {KEY} thanks", "here: [SECRET_1] thanks"),
    ("en", KEY.partition("q+/=")[0] + "end of paste", "[SECRET_1]\nend of paste"),
    ("en", "https://jo:pa55word@example.com/x", "https://[SECRET_1]@example.com/x"),
    ("en", "jo@example.com 192.0.2.4 jo@example.com", "[EMAIL_1] [IP_1] [EMAIL_1]"),
]


@pytest.mark.parametrize(("language", "text", "expected"), POSITIVES)
def test_personal_data_is_replaced_by_its_kind(language: str | None, text: str, expected: str) -> None:
    assert masked_text(text, language) == expected


NEGATIVES = [
    ("en", "My order 10294 and ticket #123456789 cost $1,299.00 on 12/05/2026 at 10:30:45"),
    ("en", "order 2025550143, invoice no. 2025550143, #2025550143, ref: 2025550143"),
    ("en", "tracking number is 9400111899223197428490"),
    ("en", "Account number 93418043810, PIN 3941, code 639431"),
    ("en", "IMEI 356938035643809, serial 4111111111111112"),
    ("en", "It is 2026-11-02, 02.11.2026 or 20261102 - not 11/2/26"),
    ("en", "version 10.0.4.1, v2.4.2.132, firmware is 1.2.3.4 and localhost 127.0.0.1"),
    ("en", "std::vector a::b 12:30:45 aa:bb:cc:dd:ee:ff"),
    ("en", "@acme_support look at photo@2x.png and user@host"),
    ("en", "the bearer of this letter, basic internationalisation, password: forgotten"),
    ("en", "sk-ating is fun, a risk-free-and-really-long-thing"),
    ("en", "score 10-9 9-8 7-6, sizes 30 32 34 36 38, 1 000 000 users"),
    ("en", "https://example.com/orders/2025550143 and ABC-2025550143 and credit_card_4421486"),
    ("de", "Bestellnummer 0151234567, Auftrags-Nr. 4987654321, 1.234.567,89 € bis 31.12.2026"),
    ("de", "Sendungsnummer: 00340434161094021501, DE89 ist kein Konto, DE88370400440532013000 auch nicht"),
    ("de", "Rechnung Nr. RE-2026-0012345 vom 02.11.26, PLZ 10115"),
    ("es", "pedido 612345678, factura nº 912345678, el 02/11/2026 pagué 1.234.567 pesos"),
    ("zh", "订单号13812345678，单号：13912345678，2026年11月2日，共计1,299.00元"),
    ("zh", "客服热线10010和95588，版本号:2.4.2.132，QQ群123456"),
]


@pytest.mark.parametrize(("language", "text"), NEGATIVES)
def test_orders_dates_sums_and_versions_stay(language: str, text: str) -> None:
    assert masked_text(text, language) == text


def test_a_conversation_without_personal_data_is_handed_back_itself() -> None:
    conversation = make_conversation(subject="Order 10294", csat_remark="ok")

    assert mask(conversation) == (conversation, ())
    assert mask(conversation).conversation is conversation


def test_numbers_count_by_kind_over_the_conversation_and_the_same_value_keeps_its_own() -> None:
    masked, originals = mask(
        make_conversation(
            ("customer", "b@x.org and a@x.org, ip 192.0.2.1"),
            ("human_agent", "Is a@x.org right?"),
            ("customer", "No, c@x.org"),
        )
    )

    assert [m.text for m in masked.messages] == [
        "[EMAIL_1] and [EMAIL_2], ip [IP_1]",
        "Is [EMAIL_2] right?",
        "No, [EMAIL_3]",
    ]
    assert originals[1] == Original("message", "m1", "Is a@x.org right?", (("[EMAIL_2]", "a@x.org"),))


def test_messages_added_later_change_no_earlier_text_and_no_earlier_hash() -> None:
    first = [("customer", "I am a@x.org"), ("human_agent", "Thanks a@x.org")]
    later = [("customer", "or b@x.org, see [EMAIL_1], [EMAIL_2] a@x.org"), ("human_agent", "a@x.org")]
    before = mask(make_conversation(*first, subject="From z@x.org")).conversation
    after = mask(make_conversation(*first, *later, subject="From z@x.org", csat_remark="y@x.org")).conversation

    assert after.messages[:2] == before.messages
    assert transcribe(after).turns[:2] == transcribe(before).turns


def test_subject_and_remark_count_apart_unless_a_message_holds_the_same_value() -> None:
    masked, originals = mask(
        make_conversation(
            ("customer", "a@x.org"), subject="a@x.org and b@x.org", csat_remark="b@x.org, c@x.org, 192.0.2.1"
        )
    )

    assert masked.messages[0].text == "[EMAIL_1]"
    assert masked.subject == "[EMAIL_1] and [EMAIL_S1]"
    assert masked.csat_remark == "[EMAIL_S1], [EMAIL_R1], [IP_R1]"
    assert [(o.field, o.message_id) for o in originals] == [("message", "m0"), ("subject", None), ("csat_remark", None)]


def test_a_placeholder_that_somebody_wrote_stays_and_is_given_to_no_value() -> None:
    masked, (original,) = mask(make_conversation(("customer", "[EMAIL_1] is what you call a@x.org, [EMAIL_3] b@x.org")))

    assert masked.messages[0].text == "[EMAIL_1] is what you call [EMAIL_2], [EMAIL_3] [EMAIL_4]"
    assert unmask(masked.messages[0].text, original.replacements) == original.original_text


def test_a_value_gets_a_new_placeholder_where_its_own_is_written_beside_it() -> None:
    masked, originals = mask(make_conversation(("customer", "a@x.org"), ("customer", "[EMAIL_1] means a@x.org")))

    assert [m.text for m in masked.messages] == ["[EMAIL_1]", "[EMAIL_1] means [EMAIL_2]"]
    assert unmask(masked.messages[1].text, originals[1].replacements) == "[EMAIL_1] means a@x.org"


def test_brackets_hide_no_number() -> None:
    assert masked_text("[CARD_4111111111111111]") == "[CARD_[CARD_1]]"


def test_in_a_dump_of_numbers_whatever_looks_like_a_phone_number_is_taken_for_one() -> None:
    text = masked_text("; ".join(f"999 000 {n:04d}" for n in range(MOST_TRIES + 5)))

    assert text.startswith("999 000 0000; 999 000 0001; ")
    assert text.endswith("; [PHONE_1]; [PHONE_2]; [PHONE_3]; [PHONE_4]; [PHONE_5]")


def test_notes_and_automatic_messages_are_masked_too() -> None:
    note = make_message("human_agent", "his mail: a@x.org", is_public=False, kind="note")

    assert mask(make_conversation(note)).conversation.messages[0].text == "his mail: [EMAIL_1]"


def test_topic_tags_and_metadata_count_apart_unless_a_message_holds_the_same_value() -> None:
    masked, originals = mask(
        make_conversation(
            ("customer", "a@x.org"),
            topic="b@x.org",
            tags=("vip", "a@x.org", "b@x.org c@x.org"),
            source_metadata='{"cc":["c@x.org",{"to":"d@x.org"}],"n":1.50}',
        )
    )

    assert masked.topic == "[EMAIL_T1]"
    assert masked.tags == ("vip", "[EMAIL_1]", "[EMAIL_T1] [EMAIL_T2]")
    assert masked.source_metadata == '{"cc":["[EMAIL_T2]",{"to":"[EMAIL_M1]"}],"n":1.50}'
    assert [o.field for o in originals] == ["message", "topic", "tags", "source_metadata"]
    assert originals[2].original_text == '["vip","a@x.org","b@x.org c@x.org"]'


METADATA = [
    ('{"a@x.org":"b@x.org","b@x.org":1}', '{"[EMAIL_M1]":"[EMAIL_M2]","[EMAIL_M2]":1}'),
    ('{"b":{"mail":"ä a@x.org"},"z":[1e400,NaN,"x"]}', '{"b":{"mail":"ä [EMAIL_M1]"},"z":[1e400,NaN,"x"]}'),
    (r'{"a":"\"\u0061@x.org\"", "b" : "\u00e4"}', r'{"a":"\"[EMAIL_M1]\"", "b" : "\u00e4"}'),
    (r'{"a":"\ud83d a@x.org"}', r'{"a":"\ud83d [EMAIL_M1]"}'),
    (json.dumps({"key": KEY}), '{"key": "[SECRET_M1]"}'),
    ('{"a":"[EMAIL_M1]","b":"a@x.org"}', '{"a":"[EMAIL_M1]","b":"[EMAIL_M2]"}'),
    ('"a@x.org"', '"[EMAIL_M1]"'),
    ("no json: a@x.org", "no json: [EMAIL_M1]"),
    ("[" * 100_000 + "a@x.org", "[" * 100_000 + "[EMAIL_M1]"),
    ('{"a":"https://u:p\\w@h","b":"a@x.org"}', '{"a":"https://[SECRET_M1]@h","b":"[EMAIL_M1]"}'),
    ('{"order":10294,"at":"2026-11-02T10:00:00Z"}', '{"order":10294,"at":"2026-11-02T10:00:00Z"}'),
]


@pytest.mark.parametrize(("text", "expected"), METADATA)
def test_keys_and_texts_in_metadata_are_masked_and_its_numbers_and_layout_stay(text: str, expected: str) -> None:
    masked, originals = mask(make_conversation(source_metadata=text))

    assert masked.source_metadata == expected
    assert mask(masked) == (masked, ())
    assert [o.original_text for o in originals] == ([text] if text != expected else [])


def test_sorted_metadata_is_written_as_the_source_wrote_it() -> None:
    def written(mail: str) -> str:
        value = {"z": [mail, {"b": 'say "hi"\n', "a": None}], "ä": "é", "n": [1, 2.5, True]}
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    assert mask(make_conversation(source_metadata=written("a@x.org"))).conversation.source_metadata == written(
        "[EMAIL_M1]"
    )


def test_what_metadata_topic_and_tags_hold_shifts_no_number_of_a_message() -> None:
    said = [("customer", "a@x.org"), ("human_agent", "b@x.org")]
    beside = make_conversation(*said, topic="z@x.org", tags=("y@x.org",), source_metadata='{"a":"x@x.org"}')

    assert mask(beside).conversation.messages == mask(make_conversation(*said)).conversation.messages


def test_nothing_but_texts_changes() -> None:
    conversation = make_conversation(("customer", "a@x.org"), customer_id="a@x.org", team="a@x.org", tags=("vip",))

    masked = mask(conversation).conversation

    assert masked.model_copy(update={"messages": conversation.messages}) == conversation
    assert masked.messages[0].model_copy(update={"text": "a@x.org"}) == conversation.messages[0]


FRAGMENTS = st.sampled_from(
    [
        *(text for _, text, _ in POSITIVES),
        *(text for _, text in NEGATIVES),
        *("[EMAIL_1]", "[PHONE_1]", "[CARD_2]", "[IP_S1]", "[", "]", "@", ".", "+", "-", "://", "(at)", "１２３", "v"),
        *("4111", "1111", "0151", "eyJ", "password: ", "order ", "-----BEGIN PRIVATE KEY-----", "🙂", "\0", "\n", " "),
    ]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=12), max_size=8).map("".join)
METADATA_TEXTS = st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3) | st.floats(), max_size=3).map(json.dumps)
LANGUAGES = st.sampled_from(["en", "de", "es", "zh", None])


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4))
    return make_conversation(
        *(("customer", text) for text in texts),
        subject=draw(st.none() | TEXTS),
        csat_remark=draw(st.none() | TEXTS),
        topic=draw(st.none() | TEXTS),
        tags=tuple(draw(st.lists(TEXTS, max_size=3))),
        source_metadata=draw(st.none() | TEXTS | METADATA_TEXTS),
        language=draw(LANGUAGES),
    )


@given(conversations())
@settings(max_examples=150, deadline=None)
def test_masking_a_masked_conversation_changes_nothing(conversation: Conversation) -> None:
    once = mask(conversation).conversation

    assert mask(once) == (once, ())


def as_json(tags: tuple[str, ...]) -> str:
    return json.dumps(tags, ensure_ascii=False, separators=(",", ":"))


def parsed(text: str) -> object:
    try:
        return json.dumps(json.loads(text, strict=False))
    except ValueError:
        return text


@given(conversations())
@settings(max_examples=150, deadline=None)
def test_the_replacements_lead_back_to_every_original(conversation: Conversation) -> None:
    masked, originals = mask(conversation)

    kept = {(o.field, o.message_id): o for o in originals}
    pairs = [
        (("message", m.message_id), m.text, n.text) for m, n in zip(conversation.messages, masked.messages, strict=True)
    ]
    pairs += [(("subject", None), conversation.subject, masked.subject)]
    pairs += [(("csat_remark", None), conversation.csat_remark, masked.csat_remark)]
    pairs += [(("topic", None), conversation.topic, masked.topic)]
    pairs += [(("tags", None), as_json(conversation.tags), as_json(masked.tags))]
    for key, before, after in pairs:
        original = kept.get(key)
        if original is None:
            assert after == before
        else:
            assert original.original_text == before
            assert unmask(after or "", original.replacements) == before
    metadata = kept.get(("source_metadata", None))
    back = unmask(masked.source_metadata or "", metadata.replacements if metadata else ())
    assert parsed(back) == parsed(conversation.source_metadata or "")


@given(conversations(), TEXTS)
@settings(max_examples=100, deadline=None)
def test_one_more_message_never_changes_those_before_it(conversation: Conversation, text: str) -> None:
    longer = conversation.model_copy(
        update={"messages": (*conversation.messages, make_message(text=text, position=99))}
    )

    assert mask(longer).conversation.messages[:-1] == mask(conversation).conversation.messages


@pytest.mark.parametrize(
    "text",
    [
        "lorem ipsum dolor " * 110_000,
        "@" * 2_000_000,
        "a." * 1_000_000,
        "7" * 2_000_000,
        "://a:" * 400_000,
        "eyJ" * 660_000,
    ],
    ids=["words", "ats", "dots", "digits", "urls", "tokens"],
)
def test_two_megabytes_take_well_under_ten_seconds_whatever_they_hold(text: str) -> None:
    started = time.process_time()

    masked_text(text)

    assert time.process_time() - started < 5
