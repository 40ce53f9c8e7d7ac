"""The messages of a record: their list, their order, their ids and their texts.

What is changed on the way (order, repeated ids, NUL characters) or left out is noted, and the notes end in the
conversation's `source_metadata`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast, get_args

from pydantic_core import from_json

from orchestration.sources.broken import Broken
from scoring_ops.conversation import AuthorType, Message

# A float holds whole numbers exactly up to here: beyond it two ids can become one.
_LARGEST_EXACT_FLOAT = 2**53
_AUTHORS = frozenset[str](get_args(AuthorType))
# Restated per message by exports of the full contract, or by the order of the list.
_REDUNDANT = frozenset({"workspace_id", "source", "conversation_id", "version_at", "turn"})
_READ = frozenset(Message.model_fields) | _REDUNDANT


@dataclass
class Notes:
    """What reading a record changed, by the name under which `source_metadata` tells it."""

    facts: dict[str, object] = field(default_factory=dict[str, object])


def identifier(value: object) -> str | None:
    """An id as text: text as it is, a whole number as its digits, None for all else."""
    if isinstance(value, str):
        return value.replace("\0", "") if value.strip("\0 \t\r\n") else None
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT_FLOAT:
        return str(int(value))
    return str(value) if isinstance(value, int) else None


def without_nul(text: str, notes: Notes) -> str:
    """The text without NUL characters: nobody reads them, and PostgreSQL and C tools do not take them."""
    if "\0" not in text:
        return text
    notes.facts["nul_removed"] = True
    return text.replace("\0", "")


def listed_messages(value: object) -> list[dict[str, object]]:
    """The messages as the record lists them, from a list or from text that holds a JSON array.

    Raises:
        Broken: `no_messages`, or `bad_value` and `not_json` for what is no list of objects.
    """
    if isinstance(value, str):
        try:
            value = from_json(value)
        except ValueError:
            raise Broken("not_json", "messages: text that is no JSON array") from None
    if value is None:
        raise Broken("no_messages", "no field messages, or null")
    if not isinstance(value, list):
        raise Broken("bad_value", f"messages: {type(value).__name__}, expected a list")
    messages = cast("list[object]", value)
    if not messages:
        raise Broken("no_messages", "an empty list")
    for position, message in enumerate(messages):
        if not isinstance(message, dict):
            raise Broken("bad_value", f"messages[{position}]: {type(message).__name__}, expected an object")
    return cast("list[dict[str, object]]", messages)


def write_messages(
    messages: list[dict[str, object]], sent: tuple[datetime | None, ...], notes: Notes
) -> list[dict[str, object]]:
    """The fields of each `Message`, in order of `position`.

    Listed order holds unless every message has a position, or a time: then those order them, times last.

    Raises:
        Broken: `unknown_author_type` or `bad_value`, naming the message.
    """
    order = _order(messages, sent)
    if order != list(range(len(messages))):
        notes.facts["messages_reordered"] = True
    ids = _message_ids([messages[n] for n in order], notes)
    written = [
        _message(messages[n], n, notes) | {"position": position, "message_id": ids[position], "sent_at": sent[n]}
        for position, n in enumerate(order)
    ]
    left_out = sorted({name for message in messages for name in message.keys() - _READ})
    if left_out:
        notes.facts["message_fields_left_out"] = left_out
    return written


def _order(messages: list[dict[str, object]], sent: tuple[datetime | None, ...]) -> list[int]:
    order = list(range(len(messages)))
    positions = [value for m in messages if isinstance(value := m.get("position"), int)]
    if len(positions) == len(messages):
        order.sort(key=positions.__getitem__)
    times = [moment for moment in sent if moment is not None]
    if len(times) == len(messages):
        order.sort(key=times.__getitem__)
    return order


def _message_ids(messages: list[dict[str, object]], notes: Notes) -> list[str]:
    """Given ids, the number of the message where it has none; only numbers where ids repeat: evidence names one."""
    numbers = [f"{position + 1}" for position in range(len(messages))]
    ids = [identifier(m.get("message_id")) or number for m, number in zip(messages, numbers, strict=True)]
    if len(set(ids)) == len(ids):
        return ids
    notes.facts["message_ids_replaced"] = True
    return numbers


def _message(message: dict[str, object], listed: int, notes: Notes) -> dict[str, object]:
    author, text = message.get("author_type"), message.get("text")
    if not isinstance(author, str) or author not in _AUTHORS:
        length = f" of {len(author)} characters" if isinstance(author, str) else ""
        raise Broken("unknown_author_type", f"messages[{listed}].author_type: {type(author).__name__}{length}")
    if text is not None and not isinstance(text, str):
        raise Broken("bad_value", f"messages[{listed}].text: {type(text).__name__}, expected text")
    optional = {name: value for name in ("is_public", "kind", "redacted") if (value := message.get(name)) is not None}
    silent = {"is_public": False, "kind": "other"} if author == "system" else {}
    return {
        **silent,
        **optional,
        "author_type": author,
        "author_id": identifier(message.get("author_id")),
        "text": without_nul(text, notes) if text else "",
    }
