"""A trained model of the local judge: linear lines over a conversation's features, and where they are cut.

A line separates one side of a dimension: "satisfaction-" knows who is dissatisfied, "satisfaction+" who is content.
Cut at its thresholds it yields a level from 1 to 5. What is fitted here comes from `scoring_ops/calibration`, how it is
kept from `model_file.py`, and what claims a level leads to from `judge.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring_ops.judges.trained.features import FIELDS, POOL_WEIGHT, POOLS, Features, Floats
from scoring_ops.judges.trained.grams import BUCKETS
from scoring_ops.judges.trained.structure import Structure

Head = Literal["satisfaction", "resolution", "effort"]
Side = Literal["-", "+"]
HEADS: tuple[Head, ...] = ("satisfaction", "resolution", "effort")
SIDES: tuple[Side, ...] = ("-", "+")
NEUTRAL = 3
STRUCTURE_LIMIT = 4.0  # standard deviations
GRAM_COLUMNS = len(FIELDS) * BUCKETS


class Scaling(NamedTuple):
    """How structure and sentence vectors are scaled before a line reads them."""

    names: tuple[str, ...]
    mean: Floats
    deviation: Floats
    pool_mean: Floats
    pool_norm: float

    def structure(self, found: Structure) -> Floats:
        """Structure as a vector in the order of the names: standardised, limited, of about unit length."""
        row = np.array([found.get(name, 0.0) for name in self.names], dtype=np.float32)
        scaled = np.clip((row - self.mean) / self.deviation, -STRUCTURE_LIMIT, STRUCTURE_LIMIT)
        return (scaled / np.sqrt(max(1, len(self.names)))).astype(np.float32)

    def pools(self, features: Features) -> Floats:
        """The pooled sentence vectors in one row: centred, weighed, and 0 where there is no such turn."""
        if features.pools is None or not self.pool_mean.size:
            return np.empty(0, dtype=np.float32)
        weights = np.array([POOL_WEIGHT[name] for name in POOLS], dtype=np.float32) * features.pooled
        return ((features.pools - self.pool_mean) * (weights / self.pool_norm)[:, None]).astype(np.float32).ravel()


class Line(NamedTuple):
    """One side of one dimension. `cuts` are ascending; "-" is cut at 1.5 and 2.5, "+" at 3.5 and 4.5 of the scale."""

    head: Head
    side: Side
    intercept: float
    structure: Floats
    grams: Floats
    pools: Floats
    cuts: tuple[float, float]

    def value(self, scaling: Scaling, features: Features) -> float:
        """Where a conversation lies on this line: the higher, the better for the customer."""
        return self.intercept + float(
            np.dot(self.structure, scaling.structure(features.structure))
            + np.dot(self.grams[features.columns], features.values)
            + np.dot(self.pools, scaling.pools(features))
        )

    def weigh(self, field: str, columns: NDArray[np.int64], values: Floats) -> float:
        """What the n-grams of one sentence add to this line, were they that field's."""
        offset = FIELDS.index(field) * BUCKETS
        return float(np.dot(self.grams[columns + offset], values))


class Model(NamedTuple):
    """All lines with their scaling, the embedder they need ("" for none), and the checksum that names the model."""

    scaling: Scaling
    lines: tuple[Line, ...]
    embedder: str
    checksum: str

    def levels(self, features: Features) -> Mapping[Head, int]:
        """The level, 1 to 5, of each dimension this model knows."""
        return levels_at(
            [Cut(line.head, line.side, line.value(self.scaling, features), line.cuts) for line in self.lines]
        )

    def line(self, head: Head, side: Side) -> Line | None:
        """The line of one side of a dimension, where it was trained."""
        return next((line for line in self.lines if (line.head, line.side) == (head, side)), None)


class Cut(NamedTuple):
    """A value on a line with the line's cuts: all that a level needs."""

    head: Head
    side: Side
    value: float
    cuts: tuple[float, float]


def levels_at(values: Sequence[Cut]) -> Mapping[Head, int]:
    """The level of each head: what the negative side says stands, then what the positive side says."""
    found: dict[Head, int] = {}
    for head, side, value, (low, high) in sorted(values, key=lambda cut: SIDES.index(cut.side)):
        level = found.setdefault(head, NEUTRAL)
        if side == "-":
            found[head] = 1 if value < low else 2 if value < high else NEUTRAL
        elif level == NEUTRAL:
            found[head] = 5 if value >= high else 4 if value >= low else NEUTRAL
    return found
