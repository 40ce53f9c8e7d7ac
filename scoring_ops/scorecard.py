"""The scorecard: how much each proven claim weighs, how far a dimension can move a score, and which wait is long.

The weights live in `scorecard.toml`, or in the `scorecard.toml` of a calibrated scorer's folder. How a score is made
of them is `weighing.py`.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from itertools import permutations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from scoring_ops.evidence import ProvenFinding
from scoring_ops.judges.protocol import content_key
from scoring_ops.rubric.dimensions import DIMENSIONS, Dimension

SCORING_VERSION = "1"  # raised whenever weighing, evidence, meaning or timing would score the same claims otherwise


class ScorecardError(ValueError):
    """A scorecard file that cannot be used; the message names the file and the rule."""


class Scorecard(BaseModel):
    """The weights: signed score points by dimension and value, the cap of each dimension, and the waits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    caps: Mapping[Dimension, float]
    weights: Mapping[Dimension, Mapping[str, float]]
    waits: Mapping[str, tuple[float, float]]

    @model_validator(mode="after")
    def _complete(self) -> "Scorecard":
        for dimension in DIMENSIONS:
            if dimension not in self.caps or dimension not in self.weights:
                raise ValueError(f"dimension {dimension!r} has no cap or no weights")
        if "default" not in self.waits:
            raise ValueError("waits have no default")
        for channel, (slow, very_slow) in self.waits.items():
            if not 0 < slow < very_slow < math.inf:
                raise ValueError(f"waits.{channel}: must be 0 < slow < very slow, in minutes")
        for dimension, cap in self.caps.items():
            if not 0 < cap < math.inf:
                raise ValueError(f"caps.{dimension}: must be a positive number")
        return self

    @property
    def digest(self) -> str:
        """Eight hex digits that change with any number on the card, and with the code that applies it."""
        return content_key([SCORING_VERSION, self.model_dump(mode="json")])[:8]

    def weight(self, finding: ProvenFinding) -> float:
        """The signed weight of a proven finding before its dimension's cap; 0 for a value without a weight."""
        return self.weights[finding.finding.dimension].get(finding.finding.value, 0.0) * finding.finding.share

    def answers(self, dimension: Dimension, value: str) -> Sequence[tuple[str, float]]:
        """All values of a dimension that answer the same question as this one, with their weights."""
        return self._questions[dimension].get(_question(value), ())

    @cached_property
    def _questions(self) -> Mapping[Dimension, Mapping[str, Sequence[tuple[str, float]]]]:
        questions: dict[Dimension, dict[str, list[tuple[str, float]]]] = {d: {} for d in DIMENSIONS}
        for dimension, weights in self.weights.items():
            for value, weight in weights.items():
                questions[dimension].setdefault(_question(value), []).append((value, weight))
        return questions


def default_scorecard() -> Scorecard:
    """The scorecard that ships with the project."""
    text = (files("scoring_ops") / "scorecard.toml").read_text(encoding="utf-8")
    return Scorecard.model_validate(tomllib.loads(text))


def load_scorecard(folder: Path) -> Scorecard:
    """The scorecard of a calibrated scorer's folder.

    Raises:
        ScorecardError: no readable `scorecard.toml`, or one with unknown, missing or absurd entries.
    """
    path = folder / "scorecard.toml"
    try:
        card = Scorecard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScorecardError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: not a TOML file ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ScorecardError(": ".join(filter(None, (str(path), where, first["msg"])))) from error
    for rule in _absurdities(card, default_scorecard()):
        raise ScorecardError(f"{path}: {rule}")
    return card


def _absurdities(card: Scorecard, shipped: Scorecard) -> Iterator[str]:
    """What a calibrated card may not do: name other values than the shipped one, or turn their order around."""
    for dimension, weights in shipped.weights.items():
        own = card.weights[dimension]
        for value in sorted(set(weights) ^ set(own)):
            yield f"weights.{dimension}.{value}: {'missing' if value in weights else 'unknown'}"
        for (worse, low), (better, high) in permutations(weights.items(), 2):
            if low < high and same_question(worse, better) and not own.get(worse, 0) <= own.get(better, 0) < math.inf:
                yield f"weights.{dimension}: {worse} may not weigh more than {better}"


def same_question(value: str, other: str) -> bool:
    """True for two answers to one question, such as "end:neutral" and "end:positive"."""
    return _question(value) == _question(other)


def _question(value: str) -> str:
    return value.rpartition(":")[0]
