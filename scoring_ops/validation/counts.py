"""Rates out of counts, and how far they could be off: precision, recall, F1, kappa, Spearman, McNemar.

Plain arithmetic on arrays; what is counted is decided elsewhere. Intervals are percentile bootstraps over
conversations. A figure that depends on counts alone is drawn as multinomial counts, which is the same bootstrap in a
thousandth of the time. A figure that cannot be formed is None, never 0 or 1.
"""

from collections.abc import Callable
from math import comb
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

DRAWS = 2000
SEED = 20250106
TAIL = 0.025
CLASSES = ((0, 1), (2,), (3, 4))
"""Scores 1-2, 3 and 4-5, by their place on the scale."""

Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """A 95 % interval; None where too few draws had a figure."""

    low: float | None
    high: float | None


NOWHERE = Interval(None, None)


def f1(hit: Floats, false_alarm: Floats, missed: Floats) -> Floats:
    """F1 of a class, nan where nobody says it."""
    with np.errstate(invalid="ignore"):
        return 2 * hit / (2 * hit + false_alarm + missed)


def f1_interval(hit: int, false_alarm: int, missed: int, rest: int) -> Interval:
    """The interval of an F1, each conversation being one of the four."""
    drawn = _multinomial(np.array([hit, false_alarm, missed, rest]))
    return _percentiles(f1(drawn[:, 0], drawn[:, 1], drawn[:, 2]))


def macro_f1(confusion: Floats) -> Floats:
    """The mean F1 of the classes negative, neutral and positive; those that nobody says are left out.

    Args:
        confusion: counts by true (rows) and given score (columns), 5 by 5, or any number of these.
    """
    scores: list[Floats] = []
    for own in CLASSES:
        others = [n for n in range(5) if n not in own]
        hit = confusion[..., own, :][..., own].sum(axis=(-2, -1))
        false_alarm = confusion[..., others, :][..., own].sum(axis=(-2, -1))
        missed = confusion[..., own, :][..., others].sum(axis=(-2, -1))
        scores.append(f1(hit, false_alarm, missed))
    stacked = np.stack(scores)
    defined = (~np.isnan(stacked)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.nansum(stacked, axis=0) / defined


def kappas(confusion: Floats) -> Floats:
    """Quadratic kappa of any number of confusions; nan where one class alone occurs."""
    places = np.arange(int(confusion.shape[-1]), dtype=np.float64)
    weights: Floats = (places[:, None] - places[None, :]) ** 2
    rows, columns = confusion.sum(axis=-1), confusion.sum(axis=-2)
    observed = (weights * confusion).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.einsum("...i,...j,ij->...", rows, columns, weights) / rows.sum(axis=-1)
        return np.asarray(1 - observed / expected)


def confusion_interval(confusion: Floats, figure: Callable[[Floats], Floats]) -> Interval:
    """The interval of a figure of a confusion."""
    drawn = _multinomial(confusion.ravel()).reshape(-1, *confusion.shape)
    return _percentiles(figure(drawn))


def spearman(one: Floats, other: Floats) -> float | None:
    """The rank correlation of two lists, ties sharing their mean rank; None where either is the same throughout."""
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(), b - b.mean()
    spread = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / spread if spread else None


def spearman_interval(one: Floats, other: Floats, draws: int = DRAWS // 4) -> Interval:
    """Its interval, conversations drawn anew; fewer draws, since each is ranked anew."""
    rng = np.random.default_rng(SEED)
    found: list[float] = []
    for _ in range(draws):
        some = rng.integers(0, len(one), len(one))
        rho = spearman(one[some], other[some])
        found += [] if rho is None else [rho]
    return _percentiles(np.array(found))


def f1_difference(counts: Floats) -> tuple[float | None, Interval]:
    """The F1 of one scorer minus that of another on the same conversations.

    Args:
        counts: conversations by truth, by what the one and by what the other says (2 by 2 by 2, no before yes).
    """
    drawn = _multinomial(counts.ravel()).reshape(-1, 2, 2, 2)
    difference = float(_f1_gap(counts))
    return (None if np.isnan(difference) else difference), _percentiles(_f1_gap(drawn))


def mcnemar(only_one: int, only_other: int) -> float:
    """McNemar's exact two-sided p: so uneven a split of those that only one of two gets right, by chance."""
    n, fewer = only_one + only_other, min(only_one, only_other)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n) if n else 1.0


def number(value: Floats | np.floating | float) -> float | None:
    """A figure as JSON knows it: None for nan."""
    return None if np.isnan(value) else float(value)


def _f1_gap(counts: Floats) -> Floats:
    one, other = counts.sum(axis=-1), counts.sum(axis=-2)
    return f1(one[..., 1, 1], one[..., 0, 1], one[..., 1, 0]) - f1(other[..., 1, 1], other[..., 0, 1], other[..., 1, 0])


def _multinomial(counts: Floats | npt.NDArray[np.int64]) -> Floats:
    total = int(counts.sum())
    shares = counts / total if total else np.full(counts.shape, 1 / counts.size)
    return np.random.default_rng(SEED).multinomial(total, shares, size=DRAWS).astype(np.float64)


def _percentiles(drawn: Floats) -> Interval:
    known = drawn[~np.isnan(drawn)]
    if known.size < drawn.size / 2 or not known.size:
        return NOWHERE
    low, high = np.quantile(known, [TAIL, 1 - TAIL])
    return Interval(float(low), float(high))


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]
