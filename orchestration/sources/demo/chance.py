"""Random draws that are the same on every machine and under every Python version from 3.11 on.

Each conversation has streams of its own, seeded by text, so that any one can be made without making the others.
Only `random()`, `choices` and `randrange` are used: no logarithm, no power, whose last digit depends on the platform.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def stream(*key: object) -> Random:
    """A generator of random numbers for this key."""
    return Random(":".join(str(part) for part in key))


def happens(rng: Random, chance: float) -> bool:
    """True with this chance; always draws one number, so that changing a chance shifts nothing behind it."""
    return rng.random() < chance


def weighted(rng: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def graded(rng: Random, weights: Sequence[float]) -> int:
    """A number from 1 to the count of weights."""
    return rng.choices(range(1, len(weights) + 1), weights)[0]
