"""How much a change that must not matter moves scores, and slopes on length and politeness.

Equivalence, not the absence of significance: a check passes where the whole 95 % interval of the mean paired change
lies within the margin. Intervals are percentiles of a bootstrap over conversations with a fixed seed.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring_ops.score import POSITIVE_FROM
from scoring_ops.validation.agreement import quadratic_kappa
from scoring_ops.words import count_words

MARGIN = 0.1
"""Score points that a mean change may reach."""
MOST_FLIPS = 0.02
"""The share of conversations that may cross between 3 and 4."""
RESAMPLES, SEED = 2_000, 20250106
LEAST = 30
"""Conversations below which a check says nothing."""
_POLITE = re.compile(
    r"\b(?:please|thanks?|thank you|kindly|appreciate|bitte|danke|merci|s'il vous pla[iî]t|por favor|gracias)\b"
    r"|谢谢|请|麻烦|感谢",
    re.IGNORECASE,
)

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Pair(NamedTuple):
    """The scores of two copies of one conversation; raw ones before rounding."""

    key: str
    raw: float
    raw_changed: float
    score: int
    score_changed: int


class Effect(NamedTuple):
    """What a change does: mean change of the raw score, shares of scores that changed and that crossed 3 to 4 or back.

    `passed` is None under 30 conversations. `widest` names the conversations that moved most.
    """

    name: str
    what: str
    n: int
    shift: Interval | None
    changed: float
    flips: float
    passed: bool | None
    widest: tuple[Pair, ...]


class Slope(NamedTuple):
    """Score points per unit, other things equal; `controlled` where what people said was held fixed."""

    name: str
    unit: str
    n: int
    slope: Interval
    controlled: bool


class Agreement(NamedTuple):
    """How one scorer agrees with itself on two language copies of the same conversations."""

    n: int
    exact: float
    within_one: float
    quadratic_kappa: float | None
    shift: Interval
    negative_both: int
    negative_one: int
    negative_other: int


def effect(name: str, what: str, pairs: Sequence[Pair], *, is_one_sided: bool = False) -> Effect:
    """The effect of one change on paired scores; a rise alone is a fault where it is one-sided."""
    n = len(pairs)
    if n == 0:
        return Effect(name, what, 0, None, 0.0, 0.0, None, ())
    change = np.array([pair.raw_changed - pair.raw for pair in pairs])
    shift = _mean(change)
    changed = sum(pair.score != pair.score_changed for pair in pairs) / n
    crossed = [
        pair
        for pair in pairs
        if (pair.score >= POSITIVE_FROM) != (pair.score_changed >= POSITIVE_FROM)
        and (not is_one_sided or pair.score_changed > pair.score)
    ]
    flips = len(crossed) / n
    within = shift.high <= MARGIN and (is_one_sided or shift.low >= -MARGIN)
    passed = None if n < LEAST else within and flips <= MOST_FLIPS
    widest = sorted(pairs, key=lambda pair: -abs(pair.raw_changed - pair.raw))[:5]
    moved = tuple(pair for pair in widest if pair.raw_changed != pair.raw)
    return Effect(name, what, n, shift, changed, flips, passed, moved)


def politeness(texts: Sequence[str]) -> float:
    """Polite words per 100 words of the customer."""
    words = sum(map(count_words, texts))
    return 100 * sum(len(_POLITE.findall(text)) for text in texts) / max(words, 1)


def slopes(
    raw: Sequence[float], words: Sequence[int], polite: Sequence[float], people: Sequence[float | None]
) -> list[Slope]:
    """Slopes of the raw score on length (per doubling) and politeness (per polite word in 100), by least squares.

    Once as they are, and once with what people said held fixed where they said it: a slope that vanishes then tells of
    conversations, one that stays tells of the scorer.
    """
    y = np.array(raw)
    x = np.column_stack((np.log2(np.maximum(np.array(words, dtype=float), 1.0)), np.array(polite)))
    found = _slopes(y, x, None) if len(y) >= LEAST else []
    known = np.array([value is not None for value in people], dtype=bool)
    if known.sum() >= LEAST:
        said = np.array([value for value in people if value is not None])
        found += _slopes(y[known], x[known], said)
    return found


def language_agreement(pairs: Sequence[Pair], negative_to: int = 2) -> Agreement | None:
    """How scores agree on the copies of conversations in two languages; None without a pair."""
    if not pairs:
        return None
    one, other = (np.array([getattr(pair, name) for pair in pairs]) for name in ("score", "score_changed"))
    confusion = np.zeros((5, 5))
    np.add.at(confusion, (one - 1, other - 1), 1)
    shift = _mean(np.array([pair.raw_changed - pair.raw for pair in pairs]))
    negative = (one <= negative_to, other <= negative_to)
    return Agreement(
        len(pairs),
        float((one == other).mean()),
        float((abs(one - other) <= 1).mean()),
        quadratic_kappa(confusion),
        shift,
        int((negative[0] & negative[1]).sum()),
        int(negative[0].sum()),
        int(negative[1].sum()),
    )


def _mean(values: Floats) -> Interval:
    drawn = np.random.default_rng(SEED).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return Interval(float(values.mean()), float(low), float(high))


def _slopes(y: Floats, x: Floats, people: Floats | None) -> list[Slope]:
    columns = [np.ones(len(y)), *x.T, *([] if people is None else [people])]
    design = np.column_stack(columns)
    rng = np.random.default_rng(SEED)
    drawn = [rng.integers(0, len(y), size=len(y)) for _ in range(RESAMPLES // 4)]
    fits = np.array([_fit(design[rows], y[rows]) for rows in drawn])
    whole = _fit(design, y)
    named = (("length", "a doubling of the words"), ("politeness", "a polite word in 100"))
    return [
        Slope(
            name,
            unit,
            len(y),
            Interval(float(whole[n]), *(float(q) for q in np.quantile(fits[:, n], (0.025, 0.975)))),
            people is not None,
        )
        for n, (name, unit) in enumerate(named, start=1)
    ]


def _fit(design: Floats, y: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)
