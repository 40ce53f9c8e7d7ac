"""What must hold of evidence for any text in any script."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.claims import Citation
from scoring_ops.evidence import locate
from scoring_ops.words import count_words
from tests.builders import HELLO, make_transcript

CUSTOMER = frozenset({"customer"})
FAST = settings(derandomize=True, max_examples=100, deadline=None)

# Words of several scripts, with what breaks naive offsets: combining marks, ligatures, emoji sequences, bidi marks.
SCRIPTS = """refund cafe\u0301 caf\u00e9 ﬁnal １２ 没收到 返品 한국어 \u1112\u1161\u11ab नमस्ते مَرْحَبًا \u202bשלום\u202c
    👩\u200d👩\u200d👧 e\u0323\u0301 ǆ … ẛ̣ x\u0344 Å don’t not ㎏"""
PIECES = st.sampled_from(SCRIPTS.split())
SPACES = st.sampled_from([" ", "  ", "\n", "\u00a0", "\u3000", "\t\r\n", ", "])
MADE = st.lists(st.tuples(PIECES, SPACES), min_size=1, max_size=12).map(lambda parts: "".join(a + b for a, b in parts))
TEXTS = st.one_of(MADE, st.text(max_size=60)).filter(str.strip)


@st.composite
def slices(draw):
    """A text and a part of it that cuts no word and no character in two."""
    text = draw(TEXTS)
    places = [at for at in range(len(text) + 1) if not cuts(text, at)]
    start, end = sorted((draw(st.sampled_from(places)), draw(st.sampled_from(places))))
    return text, text[start:end]


def cuts(text, at):
    around = text[at - 1 : at + 1] if 0 < at < len(text) else ""
    return bool(around) and (around.isalnum() or bool(unicodedata.combining(around[1])))


def locate_in(text, quote, turn=1):
    return locate(Citation(turn=turn, quote=quote), make_transcript(("customer", text), HELLO), CUSTOMER)


@FAST
@given(TEXTS)
def test_a_whole_turn_is_found_exactly(text):
    found = locate_in(text, text)
    assert found is not None
    assert (found.quote, found.match_kind, found.turn) == (text.strip(), "exact", 1)


@FAST
@given(slices())
def test_any_two_words_of_a_turn_are_found_there(cut):
    text, quote = cut
    if count_words(quote) < 2:
        quote = text
    found = locate_in(text, quote)
    assert found is not None
    assert (found.match_kind, found.turn, found.quote) == ("exact", 1, quote.strip())


@FAST
@given(MADE, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from([" ", "  ", "\n\t"]))
def test_a_normalised_and_rewrapped_quote_still_proves_its_turn(text, form, space):
    quote = space.join(unicodedata.normalize(form, text).split())
    found = locate_in(text, quote)
    assert found is not None
    assert (found.quote, found.match_kind) == (text.strip(), "exact")


@FAST
@given(TEXTS, st.one_of(MADE, st.text(max_size=40)), st.integers(-1, 3))
def test_a_span_always_slices_to_the_stored_quote(text, quote, turn):
    found = locate_in(text, quote, turn)
    if found is None:
        return
    said = text if found.turn == 1 else HELLO[1]
    assert 0 <= found.start < found.end <= len(said)
    assert said[found.start : found.end] == found.quote == found.quote.strip()


@FAST
@given(TEXTS.filter(lambda text: "zqx" not in text.lower()), st.lists(st.sampled_from(["zqx", "zqxzqx"]), min_size=2))
def test_words_that_do_not_occur_are_never_found_as_they_stand(text, words):
    assert locate_in(text, " ".join(words)) is None


@FAST
@given(TEXTS, st.one_of(MADE, st.text(min_size=1, max_size=40)))
def test_an_unrepaired_quote_says_what_was_cited(text, quote):
    def folded(value):
        return " ".join(unicodedata.normalize("NFKD", value).split())

    found = locate_in(text, quote)
    if found is not None and found.match_kind in {"exact", "relocated"}:
        assert folded(found.quote) == folded(quote)
