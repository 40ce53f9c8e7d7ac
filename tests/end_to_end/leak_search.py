"""Which of the planted things are in what a run wrote; every place is read as `orchestration.forgetting` reads it."""

from collections.abc import Iterable
from typing import NamedTuple

from orchestration.forgetting.places import Text, texts_under
from tests.end_to_end.leak_secrets import Planted

__all__ = ["Found", "Text", "found_in", "texts_under"]


class Found(NamedTuple):
    """Something planted, and where it was."""

    planted: Planted
    where: str


def found_in(texts: Iterable[Text], planted: Iterable[Planted]) -> list[Found]:
    """Which of the planted things are where, upper or lower case."""
    needles = [(thing, tuple(n.lower().encode() for n in thing.needles)) for thing in planted]
    found: list[Found] = []
    for where, content in texts:
        lowered = content.lower()
        found += (Found(thing, where) for thing, some in needles if any(needle in lowered for needle in some))
    return found
