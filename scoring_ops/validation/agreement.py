"""How well people agree with each other: what a judge can be asked to reach, and whether a label means anything.

Quadratic kappa and Krippendorff's alpha say how far two people differ; the human figures say what people reach on the
very thing a judge is measured by, the F1 of the negative class. Written here in numpy, since no permissive library
that is kept up has them all; tests hold them against scikit-learn and krippendorff.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, computed_field

from scoring_ops.validation.labels import NEGATIVE_BELOW, QUESTIONS, Label, Question, Verdict

SCALE = 5
PANEL = 4  # reviewers of one conversation from whom two panels can be made
DRAWS = 20  # ways to divide them
SEED = 20250106
TWO = 2

Counts = npt.NDArray[np.float64]
_Sides = Counter[tuple[bool, bool]]
"""How often the one and the other of two judgements are negative."""


class HumanFigures(BaseModel):
    """What people reach, as F1 of the negative class; None where too few have rated the same conversations."""

    model_config = ConfigDict(frozen=True)

    human_v_human: float | None
    """Any reviewer against any other of the same conversation."""
    one_v_rest: float | None
    """Each reviewer left out in turn, against what the mean of the others says."""
    half_v_half: float | None
    """Half of the panel against the other half, where four or more have rated."""

    @computed_field
    @property
    def ceiling(self) -> float | None:
        """What a second group of people like these would reach: no judge can be held to more."""
        return self.one_v_rest if self.half_v_half is None else self.half_v_half


class Agreement(BaseModel):
    """How well people agree in one question."""

    model_config = ConfigDict(frozen=True)

    question: Question
    n: int
    """Conversations with two ratings or more."""
    reviewers: int
    ratings: int
    adjudicated: int
    negative: int
    clear: int
    quadratic_kappa: float | None
    krippendorff_alpha: float | None
    people: HumanFigures
    people_clear: HumanFigures


def agreements(labels: Sequence[Label]) -> tuple[Agreement, ...]:
    """The agreement in each question that people have answered."""
    found: list[Agreement] = []
    for question in QUESTIONS:
        verdicts = [label[question] for label in labels if question in label]
        if verdicts:
            found.append(agreement(question, verdicts))
    return tuple(found)


def agreement(question: Question, verdicts: Sequence[Verdict]) -> Agreement:
    """The agreement in one question; ratings of conversations that one person alone has rated count for nothing."""
    rated = [v for v in verdicts if len(v.ratings) >= TWO]
    return Agreement(
        question=question,
        n=len(rated),
        reviewers=len({rating.reviewer for v in rated for rating in v.ratings}),
        ratings=sum(len(v.ratings) for v in rated),
        adjudicated=sum(v.adjudicated is not None for v in verdicts),
        negative=sum(v.negative for v in verdicts),
        clear=sum(v.clear for v in verdicts),
        quadratic_kappa=_mean_kappa(rated),
        krippendorff_alpha=krippendorff_alpha([[r.value for r in v.ratings] for v in rated]),
        people=human_figures(rated),
        people_clear=human_figures([v for v in rated if v.clear]),
    )


def human_figures(verdicts: Iterable[Verdict]) -> HumanFigures:
    """What people reach on these conversations."""
    rated = [[rating.value for rating in v.ratings] for v in verdicts if len(v.ratings) >= TWO]
    return HumanFigures(
        human_v_human=_f1(_by_two(rated)),
        one_v_rest=_f1(_one_v_rest(rated)),
        half_v_half=_half_v_half([values for values in rated if len(values) >= PANEL]),
    )


def quadratic_kappa(confusion: Counts) -> float | None:
    """Cohen's kappa with quadratic weights; None where one class alone occurs, so that nothing can be by chance.

    Args:
        confusion: counts by the answer of one (rows) and of the other (columns), classes in their order.
    """
    classes = np.arange(len(confusion))
    weights = (classes[:, None] - classes[None, :]) ** 2
    total = confusion.sum()
    by_chance = np.outer(confusion.sum(axis=1), confusion.sum(axis=0)) / max(total, 1)
    expected = float((weights * by_chance).sum())
    return 1 - float((weights * confusion).sum()) / expected if expected else None


def krippendorff_alpha(units: Sequence[Sequence[int]]) -> float | None:
    """Krippendorff's alpha of ratings 1 to 5, ordinal; None where fewer than two different values occur.

    Args:
        units: the ratings of each conversation, by any number of people; those with one rating say nothing.
    """
    together = np.zeros((SCALE, SCALE))
    for ratings in units:
        if len(ratings) >= TWO:
            counts = np.bincount(np.asarray(ratings) - 1, minlength=SCALE)
            together += (np.outer(counts, counts) - np.diag(counts)) / (len(ratings) - 1)
    values = together.sum(axis=0)
    # Ordinal distance: the ratings that lie between two values, half of those at the ends among them.
    reach = np.cumsum(values) - values / 2
    distance = (reach[:, None] - reach[None, :]) ** 2
    expected = float((np.outer(values, values) * distance).sum())
    return 1 - float((values.sum() - 1) * (together * distance).sum()) / expected if expected else None


def _mean_kappa(verdicts: Sequence[Verdict]) -> float | None:
    """The kappa of every two reviewers over the conversations they share, weighted by the number of those."""
    pairs: dict[tuple[str, str], Counts] = {}
    for verdict in verdicts:
        for a, b in combinations(sorted(verdict.ratings), TWO):
            pairs.setdefault((a.reviewer, b.reviewer), np.zeros((SCALE, SCALE)))[a.value - 1, b.value - 1] += 1
    kappas = [(kappa, counts.sum()) for counts in pairs.values() if (kappa := quadratic_kappa(counts)) is not None]
    shared = float(sum(n for _, n in kappas))
    return float(sum(kappa * n for kappa, n in kappas)) / shared if shared else None


def _by_two(rated: Iterable[Sequence[int]]) -> _Sides:
    """Each two reviewers of a conversation; which of the two comes first does not matter."""
    sides = _Sides()
    for values in rated:
        negative = sum(value < NEGATIVE_BELOW for value in values)
        sides[True, True] += comb(negative, TWO)
        sides[True, False] += negative * (len(values) - negative)
    return sides


def _one_v_rest(rated: Iterable[Sequence[int]]) -> _Sides:
    sides = _Sides()
    for values in rated:
        total = sum(values)
        for value, times in Counter(values).items():
            rest = (total - value) / (len(values) - 1)
            sides[value < NEGATIVE_BELOW, rest < NEGATIVE_BELOW] += times
    return sides


def _half_v_half(rated: Iterable[Sequence[int]]) -> float | None:
    """The mean over seeded ways to divide each panel; of an odd one the larger half is the truth."""
    by_size: dict[int, list[Sequence[int]]] = {}
    for values in rated:
        by_size.setdefault(len(values), []).append(values)
    rng = np.random.default_rng(SEED)
    panels = [np.array(some) for _, some in sorted(by_size.items())]
    draws: list[float] = []
    for _ in range(DRAWS if panels else 0):
        sides = _Sides()
        for panel in panels:
            drawn, half = rng.permuted(panel, axis=1), panel.shape[1] // 2
            said, true = (part.mean(axis=1) < NEGATIVE_BELOW for part in (drawn[:, :half], drawn[:, half:]))
            sides[True, True] += int((said & true).sum())
            sides[True, False] += int((said != true).sum())
        f1 = _f1(sides)
        draws += [] if f1 is None else [f1]
    return sum(draws) / len(draws) if draws else None


def _f1(sides: _Sides) -> float | None:
    """F1 of what both call negative; the same whichever of the two is the truth."""
    both, one_alone = sides[True, True], sides[True, False] + sides[False, True]
    return 2 * both / (2 * both + one_alone) if both + one_alone else None
