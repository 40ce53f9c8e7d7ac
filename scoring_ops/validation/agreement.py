"""How well people agree with each other: what a judge can be asked to reach, and whether a label means anything.

Quadratic kappa and Krippendorff's alpha say how far two people differ; the human figures say what people reach on the
very thing a judge is measured by, the F1 of the negative class. Written here in numpy, since no permissive library
that is kept up has them all; tests hold them against scikit-learn and krippendorff.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, computed_field

from scoring_ops.validation.labels import NEGATIVE_BELOW, QUESTIONS, Label, Question, Rating, Verdict

SCALE = 5
PANEL = 4  # reviewers of one conversation from whom two panels can be made
DRAWS = 20  # ways to divide them
SEED = 20250106
TWO = 2

Counts = npt.NDArray[np.float64]


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
    rated = [v.ratings for v in verdicts if len(v.ratings) >= TWO]
    return HumanFigures(
        human_v_human=_f1(
            (_is_negative(a), _is_negative(b)) for ratings in rated for a, b in combinations(ratings, TWO)
        ),
        one_v_rest=_f1(pair for ratings in rated for pair in _one_v_rest(ratings)),
        half_v_half=_half_v_half([ratings for ratings in rated if len(ratings) >= PANEL]),
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


def _one_v_rest(ratings: Sequence[Rating]) -> Iterator[tuple[bool, bool]]:
    total = sum(rating.value for rating in ratings)
    for rating in ratings:
        yield _is_negative(rating), (total - rating.value) / (len(ratings) - 1) < NEGATIVE_BELOW


def _half_v_half(panels: Sequence[Sequence[Rating]]) -> float | None:
    """The mean over seeded ways to divide each panel; of an odd one the larger half is the truth."""
    rng = np.random.default_rng(SEED)
    values = [np.array([rating.value for rating in ratings]) for ratings in panels]
    draws: list[float] = []
    for _ in range(DRAWS if values else 0):
        halves = [np.split(rng.permutation(panel), [len(panel) // 2]) for panel in values]
        f1 = _f1((bool(a.mean() < NEGATIVE_BELOW), bool(b.mean() < NEGATIVE_BELOW)) for a, b in halves)
        draws += [] if f1 is None else [f1]
    return sum(draws) / len(draws) if draws else None


def _is_negative(rating: Rating) -> bool:
    return rating.value < NEGATIVE_BELOW


def _f1(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """F1 of what both call negative; the same whichever of the two is the truth."""
    counts = Counter(pairs)
    both, either = counts[True, True], counts[True, False] + counts[False, True]
    return 2 * both / (2 * both + either) if both + either else None
