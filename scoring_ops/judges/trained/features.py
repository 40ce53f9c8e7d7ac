"""A conversation as the vector that trained heads read: structure, n-grams of four parts, and sentence vectors.

Every block has about the same length, so that one ridge penalty serves all. The n-gram blocks are unit vectors of
damped counts over hashed buckets; structure is standardised by figures of the model; sentence vectors are centred.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring_ops.claims import Claims
from scoring_ops.conversation import SPEAKERS
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.judges.trained.grams import BUCKETS, grams
from scoring_ops.judges.trained.structure import Structure, structure_of
from scoring_ops.scorecard import Scorecard

FIELDS = ("customer", "agent", "replies", "last_agent")
GRAM_BLOCK = np.float32(0.5)  # four blocks of this length make a unit vector
POOLS = ("customer", "agent", "first_customer", "replies", "last_agent", "last_reply")
POOL_WEIGHT: dict[str, float] = {**dict.fromkeys(POOLS, 0.29), "last_reply": 0.58}
EMBEDDED = 1_500  # code points of a turn

Floats = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors. The name is part of a model file, which serves only with the same embedder."""

    @property
    def name(self) -> str:
        """The package, model and version."""
        ...

    @property
    def size(self) -> int:
        """Numbers per vector."""
        ...

    def embed(self, text: str) -> Floats:
        """The vector of a text."""
        ...


class Features(NamedTuple):
    """A conversation's features before a model's own scaling.

    `columns` and `values` are the n-grams of all fields, each field in its own range of `BUCKETS` columns; `pools` has
    a row per entry of `POOLS`, zero where there is no such turn, and `pooled` says which rows are filled.
    """

    structure: Structure
    columns: NDArray[np.int64]
    values: Floats
    pools: Floats | None
    pooled: tuple[bool, ...]


def features_of(reading: Reading, claims: Claims, card: Scorecard, embedder: Embedder | None) -> Features:
    """The features of a conversation that the lexical judge has read."""
    parts = (reading.customer, reading.agents, reading.replies, reading.agents[-1:])
    columns: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    for n, turns in enumerate(parts):
        if turns:
            buckets, weights = gram_vector("\n".join(said.turn.text for said in turns))
            columns.append(buckets + n * BUCKETS)
            values.append(weights * GRAM_BLOCK)
    pools, pooled = _pools(reading, embedder) if embedder is not None else (None, ())
    return Features(
        structure_of(reading, claims, card),
        np.concatenate(columns) if columns else np.empty(0, dtype=np.int64),
        np.concatenate(values) if values else np.empty(0, dtype=np.float32),
        pools,
        pooled,
    )


def gram_vector(text: str) -> tuple[NDArray[np.int64], Floats]:
    """The buckets of a text's n-grams and their damped counts, as a unit vector."""
    buckets, counts = np.unique(grams(text), return_counts=True)
    weights = (1.0 + np.log(counts)).astype(np.float32)
    norm = np.sqrt(np.dot(weights, weights))
    return buckets, weights / norm if norm else weights


def _pools(reading: Reading, embedder: Embedder) -> tuple[Floats, tuple[bool, ...]]:
    vectors = {
        said.turn.number: embedder.embed(said.turn.text[:EMBEDDED]) for said in reading.turns if said.author in SPEAKERS
    }
    parts: dict[str, Sequence[Said]] = {
        "customer": reading.customer,
        "agent": reading.agents,
        "first_customer": reading.customer[:1],
        "replies": reading.replies,
        "last_agent": reading.agents[-1:],
        "last_reply": reading.replies[-1:],
    }
    rows = np.zeros((len(POOLS), embedder.size), dtype=np.float32)
    for n, name in enumerate(POOLS):
        if parts[name]:
            rows[n] = np.mean([vectors[said.turn.number] for said in parts[name]], axis=0)
    return rows, tuple(bool(parts[name]) for name in POOLS)
