"""Which conversations belong together, so that no fold is tested on what another form of it was trained on.

A group holds what shares an id but for its language ("stc3-en-39072" is the translation of "stc3-zh-39072"), what says
the same words, and what the labels say belongs together. Groups are split whole, by a hash of their names.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring_ops.transcript import Transcript

FOLDS = 5
TELLING = 40  # code points: shorter openings ("hello") are shared by strangers
_LANGUAGE = re.compile(r"^(.+?)[-_](?:[a-z]{2}(?:[-_][A-Z]{2})?)[-_](.+)$")


class Origin(NamedTuple):
    """What tells where a conversation comes from: its id, its transcript, and a group the labels name."""

    conversation_id: str
    transcript: Transcript
    group: str | None = None


def groups_of(origins: Sequence[Origin]) -> list[str]:
    """The name of each conversation's group: equal for all that must stay in one fold."""
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while (up := parent.setdefault(key, key)) != key:
            key = up
        return key

    keys = [_keys(origin) for origin in origins]
    for first, *others in keys:
        for other in others:
            one, two = sorted((find(first), find(other)))
            parent[two] = one
    return [find(own[0]) for own in keys]


def without_language(conversation_id: str) -> str:
    """An id without the language it names: equal for the copies of a conversation in two languages."""
    same = _LANGUAGE.match(conversation_id)
    return "-".join(same.groups()) if same else conversation_id


def folds_of(groups: Sequence[str], folds: int = FOLDS) -> NDArray[np.int64]:
    """The fold of each conversation: groups in the order of their hashes, dealt out in turn."""
    order = sorted(set(groups), key=lambda name: hashlib.sha256(name.encode()).digest())
    fold = {name: n % folds for n, name in enumerate(order)}
    return np.array([fold[name] for name in groups], dtype=np.int64)


def _keys(origin: Origin) -> list[str]:
    keys = [f"id:{without_language(origin.conversation_id)}"]
    opening = next((turn.text for turn in origin.transcript.turns if turn.author_type == "customer"), "")
    told = " ".join(opening.casefold().split())
    if len(told) >= TELLING:
        keys.append(f"words:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()}")
    if origin.group:
        keys.append(f"group:{origin.group}")
    return keys
