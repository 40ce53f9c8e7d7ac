"""Label files: what people said of which conversations, with the conversations themselves.

A record may hold its conversation, as a record of `files` does, or only name one of the lake. Texts are masked on
reading, as extraction does, and nothing but what a judge may know is read of them. What the records of a file mean is
in `label_shapes.py`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
from upath import UPath

from orchestration.label_shapes import united, verdicts_of
from orchestration.lake import Lake
from orchestration.settings import SettingError
from orchestration.sources.broken import Broken
from orchestration.sources.files.messages import identifier
from orchestration.sources.files.readers import Unreadable, find_files, read_file
from orchestration.sources.files.record import draft, to_conversation
from orchestration.sources.protocol import SourceError
from orchestration.versions import stream_named
from scoring_ops.conversation import Conversation
from scoring_ops.privacy import mask
from scoring_ops.validation.labels import Label, Labelled

_FACTS = ("workspace_id", "source", "conversation_id", "created_at", "channel", "language", "messages")
_NO_TIME = "2000-01-01T00:00:00Z"  # labels need none, and a version must have one
_NEVER = datetime.max.replace(tzinfo=UTC)


class Place(NamedTuple):
    """The conversation that a record is about; what it leaves out may be anything."""

    conversation_id: str
    source: str | None = None
    workspace_id: str | None = None
    transcript_hash: str | None = None


class Unusable(NamedTuple):
    """A record, or all about one conversation, that cannot be used: where it is, which rule it breaks, and how."""

    ref: str
    rule: str
    detail: str


class LabelFile(NamedTuple):
    """All labels of a file or folder, by conversation, in the order of the first record about it."""

    name: str
    sha256: str
    labels: Mapping[Place, Label]
    conversations: Mapping[Place, Mapping[str, object]]
    """The record of those that the file itself holds."""
    unusable: tuple[Unusable, ...]


class LabelledSet(NamedTuple):
    """Labelled conversations, and what of the file could not be used."""

    name: str
    sha256: str
    labelled: tuple[Labelled, ...]
    unusable: tuple[Unusable, ...]


def read_labels(path: Path | str) -> LabelFile:
    """The labels of a file (JSONL, CSV or Parquet) or of all such files of a folder; no conversation is read.

    Raises:
        SettingError: nothing that can be read is there.
    """
    parts: dict[Place, list[tuple[str, Label]]] = {}
    conversations: dict[Place, Mapping[str, object]] = {}
    unusable: list[Unusable] = []
    try:
        files = find_files(str(path))
        for item in (item for name, file in files for item in read_file(name, file)):
            if isinstance(item, Unreadable):
                unusable.append(Unusable(*item))
                continue
            try:
                place, verdicts = _place(item.fields), verdicts_of(item.fields)
            except Broken as broken:
                unusable.append(Unusable(item.ref, broken.rule, broken.detail))
                continue
            parts.setdefault(place, []).append((item.ref, verdicts))
            if "messages" in item.fields:
                conversations.setdefault(place, item.fields)
        digest = _digest(files)
    except SourceError as error:
        raise SettingError(f"labels: {str(error).removeprefix('CX_FILES_PATH: ')}") from error
    labels: dict[Place, Label] = {}
    for place, said in parts.items():
        try:
            labels[place] = united([verdicts for _, verdicts in said])
        except Broken as broken:
            unusable.append(Unusable(said[-1][0], broken.rule, broken.detail))
    return LabelFile(Path(str(path)).name, digest, labels, conversations, tuple(unusable))


def labelled_set(file: LabelFile, workspace_id: str, lake: Lake) -> LabelledSet:
    """The labels with their conversations: from the file, else the latest version that the lake holds.

    Args:
        file: the labels.
        workspace_id: of conversations in the file that name none.
        lake: where conversations are looked up that the file only names.
    """
    labelled: list[Labelled] = []
    unusable = list(file.unusable)
    named = [place for place in file.labels if place not in file.conversations]
    stored = in_lake(lake, named)
    for place, label in file.labels.items():
        try:
            if place in file.conversations:
                conversation = _conversation(file.conversations[place], workspace_id)
            else:
                conversation = _only(stored.get(place, []))
        except Broken as broken:
            unusable.append(Unusable(place.conversation_id, broken.rule, broken.detail))
        else:
            labelled.append(Labelled(conversation, label))
    return LabelledSet(file.name, file.sha256, tuple(labelled), tuple(unusable))


def in_lake(lake: Lake, places: Iterable[Place]) -> Mapping[Place, list[Conversation]]:
    """What the lake holds of these conversations: of each that fits, its latest version, or the one of the hash."""
    wanted: dict[str, list[Place]] = {}
    for place in places:
        wanted.setdefault(place.conversation_id, []).append(place)
    versions = _versions(lake, list(wanted)) if wanted else {}
    found: dict[Place, list[Conversation]] = {}
    for day, hashes in versions.items():
        for group in stream_named(lake, day, only=hashes.__contains__):
            for transcript_hash, conversation in group:
                for place in wanted.get(conversation.conversation_id, ()):
                    if _fits(place, conversation, transcript_hash):
                        found.setdefault(place, []).append(conversation)
    return {place: _latest(some) for place, some in found.items()}


def _versions(lake: Lake, ids: Sequence[str]) -> dict[date, set[str]]:
    """The days and transcript hashes of all versions of these conversations."""
    columns = ["version_at", "transcript_hash", "conversation_id"]
    days: dict[date, set[str]] = {}
    for frame in lake.frames("conversations", 100_000):
        some = frame.select(columns).filter(pl.col("conversation_id").is_in(ids))
        for version_at, transcript_hash, _ in some.iter_rows():
            days.setdefault(version_at.date(), set()).add(transcript_hash)
    return days


def _fits(place: Place, conversation: Conversation, transcript_hash: str) -> bool:
    return (
        place.workspace_id in {None, conversation.workspace_id}
        and place.source in {None, conversation.source}
        and place.transcript_hash in {None, transcript_hash}
    )


def _latest(versions: Sequence[Conversation]) -> list[Conversation]:
    latest: dict[tuple[str, ...], Conversation] = {}
    for version in sorted(versions, key=lambda version: version.version_at):
        latest[version.identity] = version
    return list(latest.values())


def _only(found: Sequence[Conversation]) -> Conversation:
    if not found:
        raise Broken("no_conversation", "the record holds no messages, and the lake no such conversation")
    if len(found) > 1:
        raise Broken("ambiguous", f"{len(found)} conversations of the lake fit: name workspace_id and source")
    return found[0]


def _conversation(fields: Mapping[str, object], workspace_id: str) -> Conversation:
    """The masked conversation of a record; what a judge may not know is not even read."""
    known = {name: fields[name] for name in _FACTS if name in fields}
    record = draft(known)
    if record.update_day(_NEVER) is None:
        record = draft({**known, "version_at": _NO_TIME})
    return mask(to_conversation(record, workspace_id, _NEVER)).conversation


def _place(fields: Mapping[str, object]) -> Place:
    conversation_id = identifier(fields.get("conversation_id"))
    if conversation_id is None:
        raise Broken("no_conversation_id", "missing, empty, or neither text nor a whole number")
    source, workspace, digest = (identifier(fields.get(name)) for name in ("source", "workspace_id", "transcript_hash"))
    return Place(conversation_id, source, workspace, digest)


def _digest(files: Iterable[tuple[str, UPath]]) -> str:
    digest = hashlib.sha256()
    for part in _bytes(files):
        digest.update(part)
    return digest.hexdigest()


def _bytes(files: Iterable[tuple[str, UPath]]) -> Iterator[bytes]:
    for _, file in files:
        with file.open("rb") as stream:
            while part := stream.read(1 << 20):
                yield part
