"""Fitting a scorecard's weights to labels: ordinal, and monotone in each dimension's natural order.

Weights move from the shipped ones only as far as the labels carry them, and an order of two answers is never turned
round. What a dimension may move a score by (its cap) follows the weights. `head_led` is the card for a judge whose
trained heads decide: there the heads' own cuts are the score, and the other claims shade it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring_ops.calibration.thresholds import best_cut
from scoring_ops.rubric.dimensions import DIMENSIONS, Dimension
from scoring_ops.score import SCORE_NEUTRAL
from scoring_ops.scorecard import Scorecard, same_question

TRUST = 20.0  # conversations' worth of labels that the shipped weights stand for
ROUNDS = 400
DECIMALS = 3
NEGATIVE_BELOW = 2.5
STEP_LEVELS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # weights of the end of a conversation under `head_led`
SHADE = 0.45  # of a point, at most, by all other dimensions together: less than half a step
_ENDS: tuple[str, ...] = ("end:very_negative", "end:negative", "end:neutral", "end:positive", "end:very_positive")

Values = Mapping[tuple[Dimension, str], float]  # how much of each answer a conversation holds
Weights = dict[tuple[Dimension, str], float]


def fit_card(found: Sequence[Values], labels: NDArray[np.float64], shipped: Scorecard, version: str) -> Scorecard:
    """The card whose sums come nearest to these labels (1 to 5), cut for the F1 of the negative class."""
    keys: list[tuple[Dimension, str]] = [
        (dimension, value) for dimension in DIMENSIONS for value in shipped.weights[dimension]
    ]
    place = {key: n for n, key in enumerate(keys)}
    rows = np.zeros((len(found), len(keys)))
    for n, values in enumerate(found):
        for key, share in values.items():
            if key in place:
                rows[n, place[key]] += share
    prior = np.array([shipped.weights[dimension][value] for dimension, value in keys])
    chains = [np.array([place[key] for key in chain]) for chain in _chains(shipped)]
    weights = _descend(rows, labels - SCORE_NEUTRAL, prior, chains)
    weights = _shifted(weights, rows, labels, [place["sentiment", end] for end in _ENDS])
    fitted: Weights = {key: round(float(weight), DECIMALS) for key, weight in zip(keys, weights, strict=True)}
    return _card(fitted, shipped, _caps(rows @ np.diag(weights), keys, shipped), version)


def head_led(shipped: Scorecard, version: str) -> Scorecard:
    """The card under which the end that trained heads see decides the score, and all else shades it."""
    shade = SHADE / sum(cap for dimension, cap in shipped.caps.items() if dimension != "sentiment")
    weights: Weights = {
        (dimension, value): round(weight * shade, DECIMALS)
        for dimension in DIMENSIONS
        for value, weight in shipped.weights[dimension].items()
    }
    for value in shipped.weights["sentiment"]:
        weights["sentiment", value] = STEP_LEVELS[_ENDS.index(value)] if value in _ENDS else 0.0
    caps: dict[Dimension, float] = {dimension: cap * shade for dimension, cap in shipped.caps.items()}
    caps["sentiment"] = STEP_LEVELS[-1]
    return _card(weights, shipped, caps, version)


def _card(weights: Weights, shipped: Scorecard, caps: Mapping[Dimension, float], version: str) -> Scorecard:
    own: dict[Dimension, dict[str, float]] = {
        dimension: {value: weights[dimension, value] for value in shipped.weights[dimension]}
        for dimension in DIMENSIONS
    }
    kept: dict[Dimension, float] = {
        dimension: round(max(cap, 10**-DECIMALS), DECIMALS) for dimension, cap in caps.items()
    }
    return Scorecard(version=version, caps=kept, weights=own, waits=shipped.waits)


def _chains(shipped: Scorecard) -> list[list[tuple[Dimension, str]]]:
    """The answers to each question from worst to best by the shipped weights."""
    chains: list[list[tuple[Dimension, str]]] = []
    for dimension in DIMENSIONS:
        left = sorted(shipped.weights[dimension].items(), key=lambda item: item[1])
        while left:
            first = left[0][0]
            chains.append([(dimension, value) for value, _ in left if same_question(first, value)])
            left = [item for item in left if not same_question(first, item[0])]
    return chains


def _descend(
    rows: NDArray[np.float64],
    wanted: NDArray[np.float64],
    prior: NDArray[np.float64],
    chains: Sequence[NDArray[np.intp]],
) -> NDArray[np.float64]:
    """Ridge toward the shipped weights by projected gradient; every step ends in the shipped order."""
    curvature = rows.T @ rows + TRUST * np.eye(len(prior))
    target = rows.T @ wanted + TRUST * prior
    rate = 1 / float(np.linalg.eigvalsh(curvature)[-1])
    weights = prior.copy()
    for _ in range(ROUNDS):
        weights = weights - rate * (curvature @ weights - target)
        for chain in chains:
            weights[chain] = _rising(weights[chain])
    return weights


def _rising(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while pools and pools[-1][0] > mean:
            before, size = pools.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        pools.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in pools])


def _shifted(
    weights: NDArray[np.float64], rows: NDArray[np.float64], labels: NDArray[np.float64], ends: Sequence[int]
) -> NDArray[np.float64]:
    """The weights with every end of a conversation moved alike, so that 2.5 is where the negative class is cut."""
    truth = labels < NEGATIVE_BELOW
    if not truth.any() or truth.all():
        return weights
    moved = weights.copy()
    moved[list(ends)] += best_cut(-(rows @ weights), truth) + NEGATIVE_BELOW - SCORE_NEUTRAL
    return moved


def _caps(
    parts: NDArray[np.float64], keys: Sequence[tuple[Dimension, str]], shipped: Scorecard
) -> dict[Dimension, float]:
    """Caps that no conversation of the labels reaches: clipping is for what was never seen."""
    reached: dict[Dimension, float] = {}
    for dimension, cap in shipped.caps.items():
        own = [n for n, key in enumerate(keys) if key[0] == dimension]
        reached[dimension] = max(cap, float(np.abs(parts[:, own].sum(axis=1)).max(initial=0.0)))
    return reached


def is_monotone(card: Scorecard, shipped: Scorecard) -> bool:
    """True where no two answers of a question stand in another order than on the shipped card."""
    chains = _chains(shipped)
    return all(
        card.weights[d][worse] <= card.weights[d][better] or shipped.weights[d][worse] == shipped.weights[d][better]
        for chain in chains
        for (d, worse), (_, better) in pairwise(chain)
    )
