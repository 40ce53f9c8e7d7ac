"""The conversation versions of a day, read from their tables side by side without holding the day.

Every file of a day is sorted by version: the tables are walked together, a batch of rows of each at a time. Rows
were validated when they were written and are not validated again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple, cast

import polars as pl
from upath import UPath

from orchestration.frames import VERSION
from orchestration.lake import Lake
from orchestration.parquet_file import batches
from scoring_ops.conversation import SPEAKERS, Conversation, Message, is_spoken
from scoring_ops.judges.protocol import Status
from scoring_ops.transcript import Transcript, Turn, transcript_of

GROUP = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FACTS = tuple(name for name in Conversation.model_fields if name != "messages")
_PARTS = tuple(Message.model_fields)
_SPEECH = ("author_type", "kind", "text", "is_public", "redacted", "message_id", "sent_at")

Version = tuple[str, str, str, int]
"""The key of a version with its time in microseconds: what files are sorted by, and what a lake frame takes back."""
Values = tuple[object, ...]
Wanted = Callable[[str], bool]


class StoredJudgement(NamedTuple):
    """What scoring needs of a row of `judgements`."""

    version: Version
    status: Status
    judge_version: str
    rubric_version: str
    transcript_hash: str
    windows: int
    claims_json: str


class JudgedVersion(NamedTuple):
    """A version with its judgement; without a transcript where it has no claims or has left the lake."""

    judgement: StoredJudgement
    channel: str | None
    transcript: Transcript | None


class UnsortedFile(ValueError):
    """A file of the lake whose versions are not in order; extracting its day again sorts it."""


def stream_conversations(
    lake: Lake, day: date, *, group: int = GROUP, only: Wanted | None = None
) -> Iterator[list[Conversation]]:
    """The conversation versions of a day with their messages, in the order of the lake's files and rows.

    Args:
        lake: where they are.
        day: the update day.
        group: how many are in memory at a time; the last group may be smaller.
        only: which to read, by their stored transcript hash; no model is built of the others.

    Raises:
        UnsortedFile: a file that something else than the lake has written.
    """
    for named in stream_named(lake, day, group=group, only=only):
        yield [conversation for _, conversation in named]


def stream_named(
    lake: Lake, day: date, *, group: int = GROUP, only: Wanted | None = None
) -> Iterator[list[tuple[str, Conversation]]]:
    """As `stream_conversations`, each after the hash of its transcript, as stored when it was extracted.

    Raises:
        UnsortedFile: a file that something else than the lake has written.
    """
    messages = lake.day_paths("messages", day)
    named = (
        one
        for folder, path in lake.day_paths("conversations", day).items()
        for one in _named(path, messages.get(folder), only)
    )
    while some := list(islice(named, group)):
        yield some


def _named(path: UPath, messages: UPath | None, only: Wanted | None) -> Iterator[tuple[str, Conversation]]:
    parts = SortedRows(messages, _PARTS)
    for version, ((stored, *facts), *others) in by_version(path, ("transcript_hash", *_FACTS)):
        if others:
            raise UnsortedFile(f"{path}: a version is there twice")
        transcript_hash = str(stored)
        if only is None or only(transcript_hash):
            said = tuple(Message.stored(values) for values in parts.of(version))
            yield transcript_hash, Conversation.stored((*facts, said))
    parts.end()


def stream_judged(lake: Lake, day: date, judge_version: str) -> Iterator[JudgedVersion]:
    """The judgements of a day with the transcripts they are about, in the order of the lake's files and rows.

    Raises:
        UnsortedFile: a file that something else than the lake has written.
    """
    conversations, messages = lake.day_paths("conversations", day), lake.day_paths("messages", day)
    for folder, path in lake.day_paths("judgements", day, scorer=judge_version).items():
        channels = SortedRows(conversations.get(folder), ("channel",))
        parts = SortedRows(messages.get(folder), _SPEECH)
        for version, (row, *_) in by_version(path, StoredJudgement._fields[1:]):
            judgement = StoredJudgement(version, *cast("Any", row))
            found = channels.of(version) if judgement.status == "scored" else []
            if found:
                ((channel,),) = cast("list[tuple[str | None]]", found)
                yield JudgedVersion(judgement, channel, _transcript(parts.of(version)))
            else:
                yield JudgedVersion(judgement, None, None)
        channels.end()
        parts.end()


def _transcript(parts: list[Values]) -> Transcript:
    """The same transcript as that of the conversation's model, without building one: half of reading is models."""
    turns: list[Turn] = []
    for author_type, kind, text, is_public, redacted, message_id, sent_at in cast("list[Any]", parts):
        if author_type in SPEAKERS and is_spoken(kind, text, is_public=is_public, redacted=redacted):
            turns.append(Turn(len(turns) + 1, message_id, author_type, text, sent_at))
    return transcript_of(tuple(turns))


class SortedRows:
    """Rows of a file that are taken version by version; whoever asks, asks in the order of versions."""

    def __init__(self, path: UPath | None, columns: Sequence[str]) -> None:
        self._versions = iter(()) if path is None else by_version(path, columns)
        self._next = next(self._versions, None)

    def of(self, version: Version) -> list[Values]:
        """The rows of a version, none where the file has none; rows of versions before it are passed over."""
        while self._next is not None and self._next[0] < version:
            self._next = next(self._versions, None)
        return self._next[1] if self._next is not None and self._next[0] == version else []

    def end(self) -> None:
        """Reads on to the end: rows that lie where nobody asked for them are out of order."""
        for _ in self._versions:
            pass


def by_version(path: UPath, columns: Sequence[str]) -> Iterator[tuple[Version, list[Values]]]:
    """The rows of a file, version by version, as values of these columns; only a batch of them is in memory.

    Raises:
        UnsortedFile: the versions are not in order.
    """
    last: Version | None = None
    for version, rows in groupby(_rows(path, columns), key=itemgetter(0)):
        if last is not None and version <= last:
            raise UnsortedFile(f"{path}: versions are not in order")
        last = version
        yield version, [values for _, values in rows]


def _rows(path: UPath, columns: Sequence[str]) -> Iterator[tuple[Version, Values]]:
    for frame in batches(path, list(dict.fromkeys((*VERSION, *columns)))):
        versions = zip(*(frame[name].to_physical().to_list() for name in VERSION), strict=True)
        yield from zip(
            cast("Iterator[Version]", versions),
            zip(*(_values(frame[name]) for name in columns), strict=True),
            strict=True,
        )


def _values(column: pl.Series) -> list[object]:
    """Python values of a column; times in a third of the time that polars takes, because all are in UTC."""
    if isinstance(column.dtype, pl.Datetime):
        return [None if at is None else _EPOCH + timedelta(microseconds=at) for at in column.cast(pl.Int64).to_list()]
    return [tuple(items) for items in column] if isinstance(column.dtype, pl.List) else column.to_list()
