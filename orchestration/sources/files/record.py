"""From one record of a file to one conversation: the short record and the full contract are read by the same rules.

A known field is taken as it is or refused by name; an unknown one is kept in `source_metadata`. What a message holds
is in `messages.py`, what a time means in `moments.py`. Nothing here opens a file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from pydantic import ValidationError
from pydantic_core import from_json

from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.files.messages import Notes, identifier, listed_messages, without_nul, write_messages
from orchestration.sources.files.moments import Moments, read_moments, refuse_future
from orchestration.sources.metadata import metadata_json
from scoring_ops.conversation import Conversation

DEFAULT_SOURCE = "files"
_KNOWN = frozenset(Conversation.model_fields)
_IDS = ("customer_id", "account_id")
_NUMBERS = ("reopen_count", "csat_rating", "ai_csat_rating", "vendor_cx_score")
_ELSEWHERE = frozenset({"workspace_id", "source", "conversation_id", "messages", "tags", "source_metadata", *_IDS})


@dataclass(frozen=True)
class Draft:
    """A record with its messages and times read, or what broke on the way: enough to tell its update day."""

    fields: Mapping[str, object]
    messages: list[dict[str, object]] | Broken
    moments: Moments | Broken

    def update_day(self, latest: datetime) -> date | None:
        """The day of the version; None where the record does not tell, or tells a day that has not come."""
        if isinstance(self.moments, Broken):
            return None
        version = self.moments.version_at
        return version.date() if version is not None and version <= latest else None

    def identity(self, workspace_id: str) -> tuple[str, str, str | None]:
        """Workspace, source and conversation id; the id is None where the record has none that is text or number."""
        workspace = identifier(self.fields.get("workspace_id")) or workspace_id
        source = identifier(self.fields.get("source")) or DEFAULT_SOURCE
        return workspace, source, identifier(self.fields.get("conversation_id"))


def draft(fields: Mapping[str, object]) -> Draft:
    """Reads messages and times, and keeps what broke instead of raising it."""
    present = {name: value for name, value in fields.items() if not _is_missing(value)}
    try:
        messages: list[dict[str, object]] | Broken = listed_messages(present.get("messages"))
    except Broken as broken:
        messages = broken
    try:
        moments: Moments | Broken = read_moments(present, [] if isinstance(messages, Broken) else messages)
    except Broken as broken:
        moments = broken
    return Draft(present, messages, moments)


def _is_missing(value: object) -> bool:
    """Null, empty text, and the NaN that data frames write for null."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def to_conversation(record: Draft, workspace_id: str, latest: datetime) -> Conversation:
    """The conversation of a record.

    Args:
        record: the record, drafted.
        workspace_id: the workspace of records that name none.
        latest: the time after which a time is in the future.

    Raises:
        Broken: the first rule that the record broke.
    """
    workspace, source, conversation_id = record.identity(workspace_id)
    if conversation_id is None:
        raise Broken("no_conversation_id", "missing, empty, or neither text nor a whole number")
    if isinstance(record.messages, Broken):
        raise record.messages
    if isinstance(record.moments, Broken):
        raise record.moments
    refuse_future(record.moments, latest)
    notes = Notes()
    messages = write_messages(record.messages, record.moments.sent, notes)
    values = _known_values(record.fields, notes)
    values |= record.moments.completed(closed=values.get("state", "closed") == "closed")
    values |= {"workspace_id": workspace, "source": source, "conversation_id": conversation_id, "messages": messages}
    values["source_metadata"] = _source_metadata(record.fields, notes)
    try:
        return Conversation.model_validate(values)
    except ValidationError as error:
        raise Broken("bad_value", first_problem(error)) from None


def _known_values(fields: Mapping[str, object], notes: Notes) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in fields.items():
        if name in _KNOWN and name not in _ELSEWHERE:
            values[name] = without_nul(value, notes) if isinstance(value, str) else value
    for name in _IDS:
        if name in fields:
            values[name] = identifier(fields[name])
            if values[name] is None:
                raise Broken("bad_value", f"{name}: {type(fields[name]).__name__}, expected text or a whole number")
    for name in _NUMBERS:
        if isinstance(fields.get(name), bool):  # True would pass for a rating of 1
            raise Broken("bad_value", f"{name}: bool, expected a number")
    values["tags"] = _tags(fields.get("tags"), notes)
    return values


def _tags(value: object, notes: Notes) -> tuple[str, ...]:
    """Tags from a list, a JSON array as text, or words with commas between them."""
    if value is None:
        return ()
    if isinstance(value, str):
        try:
            value = from_json(value) if value.startswith("[") else [part.strip() for part in value.split(",")]
        except ValueError:
            raise Broken("bad_value", "tags: text that is no JSON array") from None
    if not isinstance(value, list | tuple):
        raise Broken("bad_value", f"tags: {type(value).__name__}, expected a list")
    tags = [identifier(tag) for tag in cast("list[object]", value) if not _is_missing(tag)]
    if None in tags:
        raise Broken("bad_value", "tags: a tag that is neither text nor a number")
    return tuple(without_nul(tag, notes) for tag in tags if tag is not None)


def _source_metadata(fields: Mapping[str, object], notes: Notes) -> str | None:
    """Unknown fields, the record's own metadata and what reading it changed, as JSON with sorted keys."""
    kept = {name: value for name, value in fields.items() if name not in _KNOWN}
    given = _object_in(fields.get("source_metadata"))
    if isinstance(given, dict) and not given.keys() & kept.keys():
        kept |= cast("dict[str, object]", given)
    elif given is not None:
        kept["source_metadata"] = given
    kept |= notes.facts
    return metadata_json(kept)


def _object_in(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parsed: object = from_json(value)
    except ValueError:
        return value
    return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else value
