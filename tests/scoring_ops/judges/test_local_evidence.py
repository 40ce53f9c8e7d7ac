"""Everything the local judge claims is proven: each quote stands, word for word, in the turn it names."""

import asyncio
import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.claims import Claims, findings
from scoring_ops.conversation import AgentMix, AuthorType
from scoring_ops.evidence import verify
from scoring_ops.judges.local.judge import LOCAL_JUDGE_VERSION, LocalJudge, claims_about
from scoring_ops.judges.local.lexicon import languages, read_lexicon
from scoring_ops.judges.protocol import Judge
from scoring_ops.transcript import Transcript, Turn, transcript_hash

pytestmark = pytest.mark.slow

Line = tuple[AuthorType, str]
SIDES: st.SearchStrategy[AuthorType] = st.sampled_from(("customer", "ai_agent", "human_agent"))
PHRASES = sorted(
    {
        word.rstrip("*")
        for language in (*languages(), "any")
        for meanings in read_lexicon(language).groups.values()
        for group in meanings.values()
        for word in group.phrases(language)
    }
)
GLUE = st.sampled_from((" ", ". ", "! ", "?? ", ", but ", "\n", "。", "  ", "\u3000", " 12.5 ", " not "))


@st.composite
def spoken(draw: st.DrawFn) -> str:
    """A message of phrases the judge knows, glued in ways people write."""
    parts = draw(st.lists(st.tuples(st.sampled_from(PHRASES), GLUE), min_size=1, max_size=8))
    return "".join(f"{phrase}{glue}" for phrase, glue in parts)


def transcript(lines: Sequence[Line]) -> Transcript:
    turns = tuple(
        Turn(n, f"m{n}", author, text, None) for n, (author, text) in enumerate(lines, start=1) if text.strip()
    )
    turns = tuple(turn._replace(number=n) for n, turn in enumerate(turns, start=1))
    kinds = {turn.author_type for turn in turns} - {"customer"}
    mixes: dict[frozenset[str], AgentMix] = {
        frozenset({"ai_agent"}): "ai_only",
        frozenset({"human_agent"}): "human_only",
    }
    mix: AgentMix = "mixed" if len(kinds) > 1 else mixes.get(frozenset(kinds), "none")
    return Transcript(turns, transcript_hash(turns), mix)


def assert_all_exact(read: Transcript) -> Claims:
    claims = claims_about(read)
    verification = verify(findings(claims), read)
    assert verification.rejected == ()
    assert {e.match_kind for p in verification.proven for e in p.evidence} <= {"exact"}
    assert all(len(p.evidence) == len(p.finding.citations) for p in verification.proven)
    return claims


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SIDES, spoken()), max_size=8))
def test_every_claim_about_known_phrases_is_proven_exactly(lines: list[Line]):
    assert_all_exact(transcript(lines))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SIDES, st.text(max_size=60)), max_size=6))
def test_no_unicode_text_breaks_the_judge(lines: list[Line]):
    claims = assert_all_exact(transcript(lines))
    assert Claims.model_validate_json(claims.model_dump_json()) == claims


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "😡😡😡",
        "مرحبا، الطلب لم يصل بعد!",
        "\u202eright to left\u202c",
        "e\u0301\u0301 ﬁx ½",
        "?",
        "...",
        "ok",
        "谢",
        "\x00 \x07 broken",
        "İstanbul'da çalışmıyor",
        " \u0301 terrible service",
        "@" + "broken" * 20 + " terrible service e\u0301",
        "It is terrible " + "x" * 500 + " and broken " + "7" * 500,
    ],
)
def test_odd_messages_are_quoted_whole_or_not_at_all(text: str):
    assert_all_exact(transcript([("customer", text), ("human_agent", "Sorry, we will check."), ("customer", text)]))


def test_one_word_in_a_longer_turn_is_never_quoted_alone():
    claims = assert_all_exact(transcript([("customer", "Help. Furious! Ok."), ("ai_agent", "Sorry. Done.")]))
    assert claims.strong_emotion[0].evidence[0].quote == "Help. Furious! Ok."


def test_a_conversation_without_customer_claims_nothing_about_the_customer():
    claims = assert_all_exact(transcript([("human_agent", "Hello, is anybody there?")]))
    assert (claims.issues, claims.sentiment, claims.customer_effort) == ((), None, None)


def test_an_empty_transcript_is_judged():
    assert assert_all_exact(transcript([])).judge_rating == 3


@pytest.mark.parametrize("unit", ["not happy! ", "不满意", "😡", "a", "thanks? ", "terriblenessly awful "])
def test_of_a_huge_message_only_head_and_tail_are_read(unit: str):
    huge = unit * (2_000_000 // len(unit))
    read = transcript([("customer", f"I am furious about this. {huge} It works now, thanks"), ("ai_agent", "Sorry.")])
    claims = assert_all_exact(read)
    assert sum(len(citation.quote) for finding in findings(claims) for citation in finding.citations) < 10_000


def test_the_judge_answers_with_its_claims_and_no_tokens():
    read = transcript([("customer", "My router is broken"), ("ai_agent", "I have reset your line.")])
    judge: Judge = LocalJudge()
    answer = asyncio.run(judge.judge(read))
    assert Claims.model_validate_json(answer.claims_json) == claims_about(read)
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.windows) == (None, None, 1)


def test_two_judges_give_the_same_answer_under_the_same_key():
    read = transcript([("customer", "Das funktioniert nicht"), ("human_agent", "Ich habe es behoben")])
    one, other = LocalJudge(), LocalJudge()
    assert one.identity == other.identity
    assert (one.identity.family, one.identity.model) == ("local", "lexicon")
    assert one.cache_key(read) == other.cache_key(read)
    assert asyncio.run(one.judge(read)) == asyncio.run(other.judge(read))


def test_a_change_of_rules_or_lexicons_is_a_new_version():
    """The claims about one conversation per language, pinned; when they change, raise the version and pin anew."""
    conversations: list[list[Line]] = [
        [
            ("customer", "The app crashes, I am furious!"),
            ("ai_agent", "I have fixed it."),
            ("customer", "Works now, thanks"),
        ],
        [
            ("customer", "Llevo semanas esperando el reembolso"),
            ("human_agent", "Lo revisaremos."),
            ("customer", "Qué vergüenza"),
        ],
        [
            ("customer", "Das Paket ist nicht angekommen"),
            ("human_agent", "Leider verloren."),
            ("customer", "Trotzdem danke"),
        ],
        [("customer", "网络太慢了，要投诉"), ("human_agent", "已为您处理好"), ("customer", "还是不行，垃圾")],
    ]
    told = "".join(claims_about(transcript(lines)).model_dump_json() for lines in conversations)
    assert (LOCAL_JUDGE_VERSION, hashlib.sha256(told.encode()).hexdigest()[:12]) == ("1", "c0275b836aef")


def test_the_cache_key_follows_the_words_and_nothing_else():
    judge = LocalJudge()
    read = transcript([("customer", "My router is broken"), ("ai_agent", "Sorry")])
    renamed = read._replace(turns=tuple(turn._replace(message_id="x") for turn in read.turns))
    reworded = transcript([("customer", "My router was broken"), ("ai_agent", "Sorry")])
    swapped = transcript([("ai_agent", "My router is broken"), ("customer", "Sorry")])
    assert judge.cache_key(renamed) == judge.cache_key(read)
    assert len({judge.cache_key(t) for t in (read, reworded, swapped)}) == 3
