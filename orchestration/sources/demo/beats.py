"""A beat: one message of a conversation before it has words or a time, and how long it takes to come.

Scripts are lists of beats; `timeline.py` gives them times, `story.py` gives them words.
"""

from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from orchestration.sources.demo.odds import Channel
from scoring_ops.conversation import AuthorType, MessageKind

_Paces = Mapping[AuthorType, tuple[int, int]]
# Seconds until a message of this author comes, from and to.
_PACE: Mapping[Channel, _Paces] = {
    "chat": {
        "customer": (15, 140),
        "human_agent": (20, 190),
        "ai_agent": (3, 11),
        "bot": (1, 3),
        "system": (2, 15),
    },
    "email": {
        "customer": (900, 26_000),
        "human_agent": (2400, 40_000),
        "ai_agent": (50, 200),
        "bot": (15, 80),
        "system": (30, 400),
    },
    "phone": {
        "customer": (3, 16),
        "human_agent": (2, 13),
        "ai_agent": (2, 4),
        "bot": (1, 2),
        "system": (1, 4),
    },
}
_LONG_WAIT: Mapping[Channel, tuple[int, int]] = {"chat": (700, 4200), "email": (90_000, 190_000), "phone": (150, 900)}


class Beat(NamedTuple):
    """One message to be. `parts` name phrases ("refund.fixed"); `seat` tells two agents of a kind apart."""

    author: AuthorType
    kind: MessageKind
    parts: tuple[str, ...]
    wait: int
    is_public: bool = True
    seat: int = 0


def pace(rng: Random, channel: Channel, author: AuthorType, *, is_quick: bool = False) -> int:
    """Seconds until this author's next message."""
    low, high = _PACE[channel][author]
    seconds = rng.randrange(low, high)
    return seconds // 3 if is_quick and author == "human_agent" else seconds


def long_wait(rng: Random, channel: Channel) -> int:
    """Seconds after which a customer asks whether anyone is still there."""
    return rng.randrange(*_LONG_WAIT[channel])
