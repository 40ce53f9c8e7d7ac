"""What holds of merged claims whatever the parts say, and for a conversation of 500 messages as a whole."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops import claims as c
from scoring_ops.claims import Citation, Claims, IssueClaim, findings
from scoring_ops.evidence import verify
from scoring_ops.matching import MOST_CITATIONS, MOST_ENTRIES
from scoring_ops.merging import merge
from scoring_ops.reconciliation import IssueGroup, Reconciliation, is_lawful, reconcile
from scoring_ops.scorecard import default_scorecard
from scoring_ops.transcript import Transcript
from scoring_ops.weighing import score_claims
from scoring_ops.windows import Window, windows
from tests.builders import cite, make_claims, make_sentiment, make_transcript
from tests.scoring_ops.parts_builder import issue, merged, window

pytestmark = pytest.mark.slow

FAST = settings(derandomize=True, max_examples=30, deadline=None)

QUOTES = st.sampled_from(["still no refund", "no refund", "我的退款", "Thank you", "STILL NO REFUND", "", "order 4711"])
EVIDENCE = st.lists(st.builds(Citation, turn=st.integers(-1, 40), quote=QUOTES), max_size=7).map(tuple)
WORDS = st.sampled_from(
    ["refund of order 1", "refund of order 2", "no access", "access", "退款没有到账", "", "a. b. c"]
)


def some(kind: type, most: int = 4, **fields: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.builds(kind, evidence=EVIDENCE, **fields), max_size=most).map(tuple)


def perhaps(kind: type, **fields: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(kind, **fields)


PARTS = st.builds(
    Claims,
    issues=some(IssueClaim, issue=WORDS),
    sentiment=perhaps(c.SentimentClaim, start_evidence=EVIDENCE, end_evidence=EVIDENCE),
    service_quality=some(c.ServiceClaim),
    answer_quality_ai=perhaps(c.AnswerQualityClaim, evidence=EVIDENCE),
    answer_quality_human=perhaps(c.AnswerQualityClaim, evidence=EVIDENCE),
    customer_effort=perhaps(c.EffortClaim, evidence=EVIDENCE),
    strong_emotion=some(c.EmotionClaim),
    product_feedback=some(c.ProductFeedbackClaim, statement=WORDS, area=WORDS, most=12),
    policy_feedback=some(c.PolicyFeedbackClaim, statement=WORDS),
    process_fault=some(c.FaultClaim, most=12),
    risk=some(c.RiskClaim),
    summary=WORDS,
    language=st.sampled_from(["en", "zh"]),
)
LISTS = ("issues", "service_quality", "strong_emotion", "product_feedback", "policy_feedback", "process_fault", "risk")


@FAST
@given(PARTS)
def test_the_claims_of_one_window_stay_as_they_are(part: Claims) -> None:
    assert merge([part], [window(1, 1)]) == part


@FAST
@given(st.lists(PARTS, min_size=2, max_size=5))
def test_merged_claims_are_valid_bounded_and_invent_nothing(parts: list[Claims]) -> None:
    result = merged(*parts)
    assert Claims.model_validate_json(result.model_dump_json()) == result
    quoted = {citation for part in parts for finding in findings(part) for citation in finding.citations}
    quoted |= {k for p in parts if p.sentiment for k in (*p.sentiment.start_evidence, *p.sentiment.end_evidence)}
    assert {citation for finding in findings(result) for citation in finding.citations} <= quoted
    assert {claim.issue for claim in result.issues} <= {claim.issue for part in parts for claim in part.issues}
    for name in LISTS:
        entries = getattr(result, name)
        assert len(entries) <= min(MOST_ENTRIES, sum(len(getattr(part, name)) for part in parts))
        assert all(len(entry.evidence) <= MOST_CITATIONS for entry in entries)


@FAST
@given(st.lists(PARTS, min_size=2, max_size=4))
def test_equal_parts_in_equal_order_merge_equally(parts: list[Claims]) -> None:
    again = [Claims.model_validate_json(part.model_dump_json()) for part in parts]
    assert merged(*parts) == merged(*again)


@FAST
@given(PARTS, st.integers(2, 5))
def test_parts_that_say_the_same_say_it_once(part: Claims, times: int) -> None:
    result = merged(*[part] * times)
    assert all(len(getattr(result, name)) <= len(getattr(part, name)) for name in LISTS)
    assert result.judge_rating == part.judge_rating
    assert result.language == part.language


ANSWERS = st.builds(
    Reconciliation,
    issues=st.lists(st.builds(IssueGroup, numbers=st.lists(st.integers(0, 6), max_size=3).map(tuple)), max_size=3).map(
        tuple
    ),
    summary=st.sampled_from(["A refund was wanted. It was paid.", " ", "x" * 700]),
)


@FAST
@given(st.lists(PARTS, min_size=2, max_size=3), st.one_of(ANSWERS.map(Reconciliation.model_dump_json), st.text()))
def test_reconciling_groups_and_chooses_and_never_invents(parts: list[Claims], answer: str) -> None:
    before = merged(*parts)
    after = reconcile(before, answer)
    assert Claims.model_validate_json(after.model_dump_json()) == after
    assert len(after.issues) <= len(before.issues)
    for claim in after.issues:
        assert any(claim.issue == known.issue for known in before.issues)
        agreeing = [known.evidence for known in before.issues if known.status == claim.status]
        assert set(claim.evidence) <= {citation for evidence in agreeing for citation in evidence}
        assert len(claim.evidence) <= MOST_CITATIONS
    free = ("issues", "summary", "judge_rating")
    assert after.model_dump(exclude=set(free)) == before.model_dump(exclude=set(free))


@FAST
@given(st.lists(PARTS, min_size=2, max_size=3), ANSWERS)
def test_an_unlawful_answer_changes_nothing_and_a_lawful_one_is_followed(
    parts: list[Claims], answer: Reconciliation
) -> None:
    before = merged(*parts)
    after = reconcile(before, answer.model_dump_json())
    if is_lawful(answer, before):
        named = sum(len(group.numbers) for group in answer.issues)
        assert len(after.issues) == len(before.issues) - named + len(answer.issues)
        assert after.judge_rating == answer.judge_rating
    else:
        assert after == before


def conversation(question: str, answer: str) -> Transcript:
    said = [("customer", f"{n}: {question}") if n % 2 else ("human_agent", f"{n}: {answer}") for n in range(1, 501)]
    return make_transcript(*said)  # pyright: ignore[reportArgumentType]


def claims_about(part: Window, asked: str, answered: str) -> Claims:
    """What a judge would say who reads this window alone: everything with quotes of its own turns."""
    customer = [t.number for t in part.turns if t.author_type == "customer"]
    agent = [t.number for t in part.turns if t.author_type == "human_agent"]
    plaint = cite(customer[-1], asked)
    return make_claims(
        issues=(issue("refund of the order", "unresolved", customer[-1], asked),),
        sentiment=make_sentiment("negative", customer[-1], asked),
        service_quality=(c.ServiceClaim(aspect="tone", rating=4, evidence=cite(agent[0], answered)),),
        answer_quality_human=c.AnswerQualityClaim(rating=3, faults=(), evidence=cite(agent[0], answered)),
        customer_effort=c.EffortClaim(level="high", drivers=("chasing",), evidence=plaint),
        strong_emotion=(c.EmotionClaim(sign="negative", emotion="frustration", evidence=plaint),),
        process_fault=(c.FaultClaim(kind="unanswered", evidence=plaint),),
        risk=(c.RiskClaim(kind="churn", evidence=plaint),),
        summary="The customer chased a refund. It stayed open.",
    )


@pytest.mark.parametrize(
    ("question", "answer", "asked", "answered", "parts"),
    [
        ("Where is my refund, I still wait. " * 12, "We will look into it. " * 18, "I still wait", "look into it", 6),
        (
            "我的退款还没有到账，请查一下。" * 27,
            "我们会尽快为您处理这件事情。" * 28,
            "退款还没有到账",
            "尽快为您处理",
            15,
        ),
    ],
)
def test_a_conversation_of_500_messages_merges_into_claims_proven_by_the_whole(
    question: str, answer: str, asked: str, answered: str, parts: int
) -> None:
    transcript = conversation(question, answer)
    assert 195_000 <= sum(len(turn.text) for turn in transcript.turns) <= 210_000
    cut = windows(transcript)
    claims = [claims_about(part, asked, answered) for part in cut]
    result = merge(claims, cut)
    proof = verify(findings(result), transcript)
    assert len(cut) == parts
    assert proof.rejected == ()
    assert {place.match_kind for item in proof.proven for place in item.evidence} == {"exact"}
    assert result.issues[0].evidence[0].turn == 499
    assert len(result.process_fault) == parts
    one, whole = (score_claims(said, transcript, None, default_scorecard()) for said in (claims[-1], result))
    assert (whole.score, whole.judge_rating) == (one.score, 3)
    assert whole.raw_score == pytest.approx(one.raw_score - 0.1)  # six faults count 0.6 at most, one counts 0.5
