"""Whether confidence means something: how often scores are right by how sure they are, and what each score stands for.

A confidence of 0.7 should be right in 70 of 100 conversations. The expected calibration error (ECE) is how far it is
off, weighted by conversations. A score is right where it lies on the side where people put the conversation.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from scoring_ops.score import NEGATIVE_TO, POSITIVE_FROM
from scoring_ops.validation.cases import Case
from scoring_ops.validation.labels import Verdict

BINS = 10


class ConfidenceBin(BaseModel):
    """Conversations whose confidence lies in [low, high): its mean, and the share of scores that are right."""

    model_config = ConfigDict(frozen=True)

    low: float
    high: float
    n: int
    confidence: float
    right: float


class ScoreBin(BaseModel):
    """Conversations that got a score: how many people call negative, and what people gave on average."""

    model_config = ConfigDict(frozen=True)

    score: int
    n: int
    negative_share: float
    people_mean: float | None


class Calibration(BaseModel):
    """The calibration curve with its error, and what each score stands for."""

    model_config = ConfigDict(frozen=True)

    ece: float | None
    curve: tuple[ConfidenceBin, ...]
    by_score: tuple[ScoreBin, ...]


def calibration(cases: Sequence[Case]) -> Calibration:
    """The calibration of confidence over conversations whose whole was labelled."""
    curve = _curve(cases)
    return Calibration(
        ece=sum(bin_.n * abs(bin_.confidence - bin_.right) for bin_ in curve) / len(cases) if cases else None,
        curve=curve,
        by_score=_by_score(cases),
    )


def is_right(verdict: Verdict, score: int) -> bool:
    """True for a score on the side where people put it; of an outcome alone only negative or not counts."""
    if (score <= NEGATIVE_TO) != verdict.negative:
        return False
    return verdict.positive is None or (score >= POSITIVE_FROM) == verdict.positive


def _curve(cases: Sequence[Case]) -> tuple[ConfidenceBin, ...]:
    bins: dict[int, list[Case]] = {}
    for case in cases:
        bins.setdefault(min(int(max(case.score.confidence, 0) * BINS), BINS - 1), []).append(case)
    return tuple(
        ConfidenceBin(
            low=place / BINS,
            high=(place + 1) / BINS,
            n=len(own),
            confidence=sum(case.score.confidence for case in own) / len(own),
            right=sum(is_right(case.label["score"], case.score.score) for case in own) / len(own),
        )
        for place, own in sorted(bins.items())
    )


def _by_score(cases: Sequence[Case]) -> tuple[ScoreBin, ...]:
    by_score: dict[int, list[Verdict]] = {}
    for case in cases:
        by_score.setdefault(case.score.score, []).append(case.label["score"])
    found: list[ScoreBin] = []
    for score, verdicts in sorted(by_score.items()):
        values = [verdict.value for verdict in verdicts if verdict.value is not None]
        found.append(
            ScoreBin(
                score=score,
                n=len(verdicts),
                negative_share=sum(verdict.negative for verdict in verdicts) / len(verdicts),
                people_mean=sum(values) / len(values) if values else None,
            )
        )
    return tuple(found)
