"""Two scorers on the same conversations, and one scorer asked twice.

McNemar's test looks at the conversations that only one of two gets right; the difference of F1 is drawn over the same
conversations, since that is what the release gate is about. Reports keep a prediction per conversation for this.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict, computed_field

from scoring_ops.score import NEGATIVE_TO, POSITIVE_FROM
from scoring_ops.validation import counts
from scoring_ops.validation.cases import Case


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Prediction(_Part):
    """What people and the scorer said of one conversation; no text."""

    key: str
    people_negative: bool
    people: float | None
    score: int
    raw_score: float

    @property
    def says_negative(self) -> bool:
        """True for a score of 1 or 2."""
        return self.score <= NEGATIVE_TO


class Comparison(_Part):
    """This version against another, on the conversations that both have scored and people put on the same side."""

    baseline: str
    n: int
    only_this_right: int
    only_baseline_right: int
    p: float
    """McNemar's exact test, two-sided, on negative or not."""
    f1_difference: float | None
    """F1 of the negative class, this minus the other."""
    low: float | None
    high: float | None


class Rerun(_Part):
    """What asking the judge again about some conversations has changed."""

    n: int
    changed: int
    """Another score."""
    flipped: int
    """A score on the other side of 3 / 4: the headline would be another."""

    @computed_field
    @property
    def flip_rate(self) -> float | None:
        """The share that flipped."""
        return self.flipped / self.n if self.n else None


def predictions(cases: Sequence[Case]) -> tuple[Prediction, ...]:
    """The prediction of each conversation whose whole was labelled, by key."""
    found = [
        Prediction(
            key=case.key,
            people_negative=case.label["score"].negative,
            people=case.label["score"].value,
            score=case.score.score,
            raw_score=case.score.raw_score,
        )
        for case in cases
    ]
    return tuple(sorted(found, key=lambda prediction: prediction.key))


def compared(own: Sequence[Prediction], other: Sequence[Prediction], baseline: str) -> Comparison:
    """This version's predictions against those of another."""
    known = {prediction.key: prediction for prediction in other}
    pairs = [(one, known[one.key]) for one in own if one.key in known]
    pairs = [(a, b) for a, b in pairs if a.people_negative == b.people_negative]
    cells = np.zeros((2, 2, 2))
    for a, b in pairs:
        cells[int(a.people_negative), int(a.says_negative), int(b.says_negative)] += 1
    only_this, only_other = int(cells[1, 1, 0] + cells[0, 0, 1]), int(cells[1, 0, 1] + cells[0, 1, 0])
    difference, interval = counts.f1_difference(cells)
    return Comparison(
        baseline=baseline,
        n=len(pairs),
        only_this_right=only_this,
        only_baseline_right=only_other,
        p=counts.mcnemar(only_this, only_other),
        f1_difference=difference,
        low=interval.low,
        high=interval.high,
    )


def rerun_of(first: Sequence[int], second: Sequence[int]) -> Rerun:
    """What changed between the scores of some conversations and those of asking again."""
    pairs = list(zip(first, second, strict=True))
    return Rerun(
        n=len(pairs),
        changed=sum(a != b for a, b in pairs),
        flipped=sum((a >= POSITIVE_FROM) != (b >= POSITIVE_FROM) for a, b in pairs),
    )
