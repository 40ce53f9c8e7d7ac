"""How well scores agree with people, the negative class first, each figure with its interval and what people reach.

The same figures serve the whole, the clear conversations, every slice and every dimension: each is a list of pairs of
what people said and what the scorer said.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from scoring_ops.score import NEGATIVE_TO, POSITIVE_FROM
from scoring_ops.validation import counts
from scoring_ops.validation.agreement import HumanFigures, human_figures
from scoring_ops.validation.counts import NOWHERE, Floats, Interval, number
from scoring_ops.validation.labels import Verdict
from scoring_ops.weighing import to_score

SCALE = 5


class Pair(NamedTuple):
    """What people said of a conversation, and what the scorer said, before rounding."""

    verdict: Verdict
    value: float

    @property
    def score(self) -> int:
        """What the scorer said, 1 to 5."""
        return to_score(self.value)


class ClassFigures(BaseModel):
    """One class against the rest; F1 has a 95 % interval. None where the class occurs on neither side."""

    model_config = ConfigDict(frozen=True)

    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None
    high: float | None
    n: int
    """Conversations that people put into the class."""
    predicted: int
    """Conversations that the scorer put into it."""


class Figures(BaseModel):
    """How well scores agree with people on some conversations.

    Where labels are outcomes without numbers, there is no positive class, and macro-F1, kappa and Spearman are about
    negative or not.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    negative: ClassFigures
    positive: ClassFigures | None
    accuracy: float | None
    """Of negative or not."""
    macro_f1: float | None
    macro_f1_low: float | None
    macro_f1_high: float | None
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None
    spearman: float | None
    spearman_low: float | None
    spearman_high: float | None
    people: HumanFigures
    """What people reach on the same conversations, as F1 of the negative class."""


def figures(pairs: Sequence[Pair], *, intervals: bool = True) -> Figures:
    """The figures of some conversations.

    Args:
        pairs: of each, what people and the scorer said.
        intervals: whether macro-F1, kappa and Spearman get theirs; F1 of a class always has one.
    """
    numbered = [pair for pair in pairs if pair.verdict.score is not None]
    confusion = confusion_of(numbered) if numbered else _negative_or_not(pairs)
    macro = counts.macro_f1 if numbered else _mean_f1_of_two
    rank = _spearman(numbered or pairs, intervals=intervals)
    macro_interval = counts.confusion_interval(confusion, macro) if intervals else NOWHERE
    kappa_interval = counts.confusion_interval(confusion, counts.kappas) if intervals else NOWHERE
    truth = [pair.verdict.negative for pair in pairs]
    said = [pair.score <= NEGATIVE_TO for pair in pairs]
    return Figures(
        n=len(pairs),
        negative=class_figures(truth, said),
        positive=class_figures(
            [bool(p.verdict.positive) for p in numbered], [p.score >= POSITIVE_FROM for p in numbered]
        )
        if numbered
        else None,
        accuracy=sum(a == b for a, b in zip(truth, said, strict=True)) / len(pairs) if pairs else None,
        macro_f1=number(macro(confusion)),
        macro_f1_low=macro_interval.low,
        macro_f1_high=macro_interval.high,
        kappa=number(counts.kappas(confusion)),
        kappa_low=kappa_interval.low,
        kappa_high=kappa_interval.high,
        spearman=rank[0],
        spearman_low=rank[1].low,
        spearman_high=rank[1].high,
        people=human_figures([pair.verdict for pair in pairs]),
    )


def class_figures(truth: Sequence[bool], said: Sequence[bool]) -> ClassFigures:
    """Precision, recall and F1 of a class from what is so and what was said."""
    both = list(zip(truth, said, strict=True))
    hit, missed, false_alarm = both.count((True, True)), both.count((True, False)), both.count((False, True))
    interval = counts.f1_interval(hit, false_alarm, missed, both.count((False, False)))
    occurs = bool(hit + missed + false_alarm)
    return ClassFigures(
        precision=hit / max(hit + false_alarm, 1) if occurs else None,
        recall=hit / max(hit + missed, 1) if occurs else None,
        f1=2 * hit / (2 * hit + missed + false_alarm) if occurs else None,
        low=interval.low,
        high=interval.high,
        n=hit + missed,
        predicted=hit + false_alarm,
    )


def confusion_of(pairs: Sequence[Pair]) -> Floats:
    """Counts by the score of people (rows) and of the scorer (columns), 5 by 5; not of outcomes without numbers."""
    confusion = np.zeros((SCALE, SCALE))
    for pair in pairs:
        if pair.verdict.score is not None:
            confusion[pair.verdict.score - 1, pair.score - 1] += 1
    return confusion


def _negative_or_not(pairs: Sequence[Pair]) -> Floats:
    confusion = np.zeros((2, 2))
    for pair in pairs:
        confusion[int(pair.verdict.negative), int(pair.score <= NEGATIVE_TO)] += 1
    return confusion


def _mean_f1_of_two(confusion: Floats) -> Floats:
    no = counts.f1(confusion[..., 0, 0], confusion[..., 1, 0], confusion[..., 0, 1])
    yes = counts.f1(confusion[..., 1, 1], confusion[..., 0, 1], confusion[..., 1, 0])
    return (no + yes) / 2


def _spearman(pairs: Sequence[Pair], *, intervals: bool) -> tuple[float | None, Interval]:
    if not pairs:
        return None, NOWHERE
    people = np.array([_order(pair.verdict) for pair in pairs], dtype=np.float64)
    scorer = np.array([pair.value for pair in pairs], dtype=np.float64)
    found = counts.spearman(people, scorer)
    return found, counts.spearman_interval(people, scorer) if intervals and found is not None else NOWHERE


def _order(verdict: Verdict) -> float:
    return float(not verdict.negative) if verdict.value is None else verdict.value
