"""Fitting the lines of a model: ridge regression in its dual form on structure, n-grams and sentence vectors.

A line learns a soft step at its boundary (2.5 or 3.5 of the scale) rather than the label itself: what lies beyond the
boundary matters little to a class. Cuts come from predictions of conversations in other folds. Needs the extra
`calibrate` (scipy); reading a model needs numpy alone.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring_ops.calibration.groups import folds_of
from scoring_ops.calibration.thresholds import best_cut
from scoring_ops.judges.trained.features import Features, Floats
from scoring_ops.judges.trained.model import (
    GRAM_COLUMNS,
    HEADS,
    SIDES,
    Cut,
    Head,
    Line,
    Model,
    Scaling,
    Side,
    levels_at,
)

BOUNDARIES: Mapping[Side, tuple[float, float]] = {"-": (1.5, 2.5), "+": (3.5, 4.5)}
STEEPNESS = 0.4  # of the soft step, in points of the scale
PENALTY = 0.6  # of the ridge, in mean squared lengths of a conversation's features
FEWEST = 20  # conversations on either side of a boundary that a line is trained for
FEWEST_EXTREME = 15  # on the far side of an outer cut
RARE = 5  # a structural feature fewer conversations have is left out

Kind = tuple[Head, Side]
Targets = Mapping[Head, NDArray[np.float64]]  # on the scale 1 to 5; NaN where nobody said


class Fitted(NamedTuple):
    """A model, and the levels it gave each conversation while that was not trained on."""

    model: Model
    levels: tuple[Mapping[Head, int], ...]


def fit_model(features: Sequence[Features], targets: Targets, groups: Sequence[str], embedder: str) -> Fitted:
    """The model of these conversations.

    Raises:
        ValueError: too few conversations on either side of every boundary.
    """
    kinds: list[Kind] = [
        (head, side) for head in HEADS for side in SIDES if head in targets and _is_told(targets[head], side)
    ]
    if not kinds:
        raise ValueError(f"fewer than {FEWEST} labelled conversations on one side of every boundary")
    steps: dict[Kind, NDArray[np.float64]] = {kind: _step(targets[kind[0]], kind[1]) for kind in kinds}
    products = _gram_products(features)
    folds = folds_of(groups)
    apart: dict[Kind, NDArray[np.float64]] = {kind: np.full(len(features), np.nan) for kind in kinds}
    for fold in range(int(folds.max()) + 1):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if test.size and train.size:
            for kind, values in _predict(features, products, steps, train, test).items():
                apart[kind][test] = values
    cuts: dict[Kind, tuple[float, float]] = {kind: _cuts(apart[kind], targets[kind[0]], kind[1]) for kind in kinds}
    levels = tuple(
        levels_at([Cut(head, side, float(apart[head, side][n]), cuts[head, side]) for head, side in kinds])
        for n in range(len(features))
    )
    return Fitted(_final(features, products, steps, cuts, embedder), levels)


def _is_told(target: NDArray[np.float64], side: Side) -> bool:
    boundary = BOUNDARIES[side][1 if side == "-" else 0]
    return min(int((target < boundary).sum()), int((target > boundary).sum())) >= FEWEST


def _step(target: NDArray[np.float64], side: Side) -> NDArray[np.float64]:
    return np.tanh((target - BOUNDARIES[side][1 if side == "-" else 0]) / STEEPNESS)


def _cuts(values: NDArray[np.float64], target: NDArray[np.float64], side: Side) -> tuple[float, float]:
    """The two cuts of a line; an outer one only where enough conversations lie past it."""
    told = np.isfinite(target) & np.isfinite(values)
    values, target = values[told], target[told]
    if side == "-":
        far, near = target < BOUNDARIES["-"][0], target < BOUNDARIES["-"][1]
        high = -best_cut(-values, near)
        low = -best_cut(-values, far) if far.sum() >= FEWEST_EXTREME else -np.inf
        return min(low, high), high
    near, far = target > BOUNDARIES["+"][0], target > BOUNDARIES["+"][1]
    low = best_cut(values, near)
    high = best_cut(values, far) if far.sum() >= FEWEST_EXTREME else np.inf
    return low, max(low, high)


Steps = Mapping[Kind, NDArray[np.float64]]


def _predict(
    features: Sequence[Features],
    products: Floats,
    steps: Steps,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> dict[Kind, NDArray[np.float64]]:
    chosen = set[int](train.tolist())
    scaling = scaling_of([own for n, own in enumerate(features) if n in chosen])
    dense = _dense(scaling, features)
    kernel: Floats = products + (dense @ dense.T).astype(np.float32)
    return {
        kind: _mean(step, train) + kernel[np.ix_(test, train)] @ _dual(kernel, step, train)
        for kind, step in steps.items()
    }


def _final(
    features: Sequence[Features],
    products: Floats,
    steps: Steps,
    cuts: Mapping[Kind, tuple[float, float]],
    embedder: str,
) -> Model:
    scaling = scaling_of(features)
    dense = _dense(scaling, features)
    kernel: Floats = products + (dense @ dense.T).astype(np.float32)
    everyone = np.arange(len(features))
    names = len(scaling.names)
    lines: list[Line] = []
    for (head, side), step in steps.items():
        dual = _dual(kernel, step, everyone)
        grams = np.zeros(GRAM_COLUMNS, dtype=np.float64)
        for weight, own in zip(dual, features, strict=True):
            grams[own.columns] += weight * own.values
        weights = (dual @ dense).astype(np.float32)
        lines.append(
            Line(
                head,
                side,
                _mean(step, everyone),
                weights[:names],
                grams.astype(np.float16).astype(np.float32),
                weights[names:],
                cuts[head, side],
            )
        )
    return Model(scaling, tuple(lines), embedder, "")


def scaling_of(features: Sequence[Features]) -> Scaling:
    """Means and deviations over these conversations."""
    counts: dict[str, int] = {}
    for own in features:
        for name in own.structure:
            counts[name] = counts.get(name, 0) + 1
    names = tuple(sorted(name for name, count in counts.items() if count >= min(RARE, len(features))))
    rows = np.array([[own.structure.get(name, 0.0) for name in names] for own in features], dtype=np.float32)
    deviation = rows.std(axis=0)
    pools = [own for own in features if own.pools is not None]
    mean, norm = np.empty(0, dtype=np.float32), 1.0
    if pools:
        stacked = np.stack([own.pools for own in pools if own.pools is not None])
        filled = np.array([own.pooled for own in pools], dtype=np.float32)[:, :, None]
        mean = (stacked * filled).sum(axis=0) / np.maximum(filled.sum(axis=0), 1)
        norm = float(np.sqrt((((stacked - mean) * filled) ** 2).sum() / max(float(filled.sum()), 1.0))) or 1.0
    return Scaling(names, rows.mean(axis=0), np.where(deviation > 0, deviation, 1).astype(np.float32), mean, norm)


def _dense(scaling: Scaling, features: Sequence[Features]) -> Floats:
    return np.stack([np.concatenate((scaling.structure(own.structure), scaling.pools(own))) for own in features])


def _dual(kernel: Floats, step: NDArray[np.float64], train: NDArray[np.intp]) -> NDArray[np.float64]:
    """One weight per conversation of `train`; 0 for those without a label."""
    told = np.isfinite(step[train])
    rows = train[told]
    own = kernel[np.ix_(rows, rows)]
    penalty = PENALTY * float(np.diag(own).mean())
    solved = np.zeros(len(train))
    centred = (step[rows] - step[rows].mean()).astype(np.float32)
    solved[told] = np.linalg.solve(own + penalty * np.eye(len(rows), dtype=np.float32), centred)
    return solved


def _mean(step: NDArray[np.float64], train: NDArray[np.intp]) -> float:
    return float(np.nanmean(step[train]))


def _gram_products(features: Sequence[Features]) -> Floats:
    """How alike any two conversations are in their n-grams."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  of the extra `calibrate`

    lengths = [len(own.columns) for own in features]
    rows = csr_matrix(
        (
            np.concatenate([own.values for own in features]),
            np.concatenate([own.columns for own in features]),
            np.concatenate(([0], np.cumsum(lengths))),
        ),
        shape=(len(features), GRAM_COLUMNS),
    )
    return np.asarray((rows @ rows.T).toarray(), dtype=np.float32)
