"""Scored labelled conversations from a line each: what people said and what the scorer said."""

from datetime import UTC, datetime

from scoring_ops.conversation import AuthorType
from scoring_ops.score import ConversationScore
from scoring_ops.scorecard import default_scorecard
from scoring_ops.validation.cases import Case
from scoring_ops.validation.comparison import Rerun
from scoring_ops.validation.labels import Label, Rating, Verdict
from scoring_ops.validation.report import Source, ValidationReport, validation_report
from scoring_ops.weighing import score_claims
from tests.builders import make_claims, make_issue, make_transcript


def rated(*values: int, adjudicated: int | None = None) -> Verdict:
    return Verdict(tuple(Rating(f"r{n}", value) for n, value in enumerate(values)), adjudicated)


def make_case(number: int, verdict: Verdict | Label, raw: float, **fields: object) -> Case:
    """A conversation with a refund issue, whose score is set to `raw`."""
    agent: AuthorType = "ai_agent" if fields.pop("ai", False) else "human_agent"
    transcript = make_transcript(
        ("customer", "My parcel has not arrived and I want my money back."),
        (agent, "I am sorry about that. I have refunded you today."),
    )
    score: ConversationScore = score_claims(
        make_claims(issues=(make_issue(),)), transcript, "email", default_scorecard()
    )._replace(raw_score=raw, score=round(raw))
    known = {"language": "en", "channel": "email", "words": 20 + number}
    label: Label = {"score": verdict} if isinstance(verdict, Verdict) else verdict
    return Case(f"acme/demo/c{number:04}", label, score, transcript, **{**known, **fields})  # pyright: ignore[reportArgumentType]


def make_report(
    cases: list[Case], scorer: str = "fake-scripted-1-card-1-aa", *, rerun: Rerun | None = None
) -> ValidationReport:
    """The report of a scorer on these cases."""
    source = Source(scorer, "fake-scripted-1", "gold.jsonl", "ab" * 32, datetime(2026, 3, 2, tzinfo=UTC), 0, {}, 0)
    return validation_report(cases, [case.label for case in cases], source, rerun=rerun)


def good_cases(n: int = 400, *, wrong: int = 0) -> list[Case]:
    """A third negative, neutral and positive each; some negatives are missed, as many neutral ones false alarms."""
    sides = ((rated(1, 2), 1.6), (rated(3, 3), 3.0), (rated(5, 4), 4.4))
    cases: list[Case] = []
    for number in range(n):
        verdict, raw = sides[number % 3]
        if number // 3 < wrong and number % 3 < 2:
            raw = sides[1 - number % 3][1]
        cases.append(make_case(number, verdict, raw))
    return cases
