"""Where people and the scorer differ most: the conversations to read before trusting, or mending, a scorer.

Missed negatives and false alarms alike, the widest gaps first, each with its transcript and the quotes its score
rests on. Texts are masked, as everywhere.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scoring_ops.score import NEGATIVE_TO, SCORE_MAX, SCORE_MIN
from scoring_ops.validation.cases import Case
from scoring_ops.validation.labels import Verdict

MOST = 10


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class SaidTurn(_Part):
    """One public message."""

    number: int
    author_type: str
    text: str


class QuotedReason(_Part):
    """One reason of the score with its words."""

    dimension: str
    value: str
    weight: float
    quote: str


class Disagreement(_Part):
    """A conversation on which people and the scorer are on different sides of the negative line."""

    key: str
    kind: Literal["missed", "false_alarm"]
    people: float | None
    ratings: tuple[int, ...]
    clear: bool
    score: int
    raw_score: float
    grounds: str
    turns: tuple[SaidTurn, ...]
    reasons: tuple[QuotedReason, ...]


def disagreements(cases: Sequence[Case], most: int = MOST) -> tuple[Disagreement, ...]:
    """The widest gaps, half of them missed negatives and half false alarms where there are so many."""
    wrong = [case for case in cases if (case.score.score <= NEGATIVE_TO) != case.label["score"].negative]
    wrong.sort(key=lambda case: (-_gap(case), case.key))
    missed = [case for case in wrong if case.label["score"].negative]
    alarms = [case for case in wrong if not case.label["score"].negative]
    half = most // 2
    taken = [*missed[: max(half, most - len(alarms))], *alarms[: max(half, most - len(missed))]]
    return tuple(_disagreement(case) for case in sorted(taken, key=lambda case: (-_gap(case), case.key))[:most])


def _gap(case: Case) -> float:
    return abs(_value(case.label["score"]) - case.score.raw_score)


def _value(verdict: Verdict) -> float:
    return (SCORE_MIN if verdict.negative else SCORE_MAX) if verdict.value is None else verdict.value


def _disagreement(case: Case) -> Disagreement:
    verdict = case.label["score"]
    return Disagreement(
        key=case.key,
        kind="missed" if verdict.negative else "false_alarm",
        people=verdict.value,
        ratings=tuple(rating.value for rating in verdict.ratings),
        clear=verdict.clear,
        score=case.score.score,
        raw_score=case.score.raw_score,
        grounds=case.score.grounds,
        turns=tuple(
            SaidTurn(number=turn.number, author_type=turn.author_type, text=turn.text) for turn in case.transcript.turns
        ),
        reasons=tuple(
            QuotedReason(dimension=r.dimension, value=r.value, weight=r.weight, quote=r.evidence.quote)
            for r in case.score.reasons
        ),
    )
