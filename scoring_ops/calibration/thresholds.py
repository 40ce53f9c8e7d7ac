"""Where to cut a line so that the F1 of one class is best, without chasing the noise of single conversations.

A logistic curve through predictions of conversations that were not trained on gives each a probability; the cut is
where the expected F1 is highest. The best cut of the training folds itself serves unseen folds worse.
"""

import numpy as np
from numpy.typing import NDArray

ROUNDS = 50
PENALTY = 1e-3
STEEPEST = 30.0

Values = NDArray[np.float64]
Truth = NDArray[np.bool_]


def best_cut(values: Values, truth: Truth) -> float:
    """The value from which on (and above) the class is said to be there, for the best expected F1."""
    order = np.argsort(-values, kind="stable")
    probable = _probabilities(values, truth)[order]
    expected = 2 * np.cumsum(probable) / (np.arange(1, len(order) + 1) + probable.sum())
    last = int(np.argmax(expected))
    after = values[order[min(last + 1, len(order) - 1)]]
    return float((values[order[last]] + after) / 2)


def f1(said: Truth, truth: Truth) -> float:
    """F1 of a class; 0 where it is neither said nor true."""
    both = int(np.count_nonzero(said & truth))
    total = int(np.count_nonzero(said)) + int(np.count_nonzero(truth))
    return 2 * both / total if total else 0.0


def _probabilities(values: Values, truth: Truth) -> Values:
    """A logistic curve, quadratic in the value, fitted by Newton's method; made to rise with the value."""
    scaled = (values - values.mean()) / (values.std() or 1.0)
    design = np.stack((np.ones_like(scaled), scaled, scaled**2), axis=1)
    weights = np.zeros(3)
    for _ in range(ROUNDS):
        chance = _logistic(design @ weights)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + PENALTY * np.eye(3)
        step = np.linalg.solve(curvature, design.T @ (truth - chance) - PENALTY * weights)
        weights = weights + step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004  far below what moves a cut
            break
    order = np.argsort(values, kind="stable")
    rising = np.empty_like(values)
    rising[order] = np.maximum.accumulate(_logistic(design @ weights)[order])
    return rising


def _logistic(x: Values) -> Values:
    return 1 / (1 + np.exp(-np.clip(x, -STEEPEST, STEEPEST)))
