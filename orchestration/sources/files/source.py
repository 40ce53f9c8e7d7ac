"""The source "files": conversations out of JSON lines, CSV and Parquet files, in a folder or in an object store.

One pass reads every file once, record by record, whatever the number of days asked for. Here the outcome of each
record is decided: a conversation, a rejection, or of no interest today.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from upath import UPath

from orchestration.sources.broken import Broken
from orchestration.sources.files.readers import RawRecord, Unreadable, find_files, read_file
from orchestration.sources.files.record import DEFAULT_SOURCE, Draft, draft, to_conversation
from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation, ConversationId

# Clocks of helpdesks run ahead, and some write local times as UTC.
FUTURE_TOLERANCE = timedelta(days=1)


class _Version(NamedTuple):
    identity: ConversationId
    version_at: datetime


@dataclass(frozen=True)
class FilesSource:
    """Conversations of the files at `path`: a file, a folder or a URL such as "s3://bucket/drop".

    `workspace_id` is that of records which name none; `clock` tells what is in the future.
    """

    path: str
    workspace_id: str
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        """The setting that chooses this source."""
        return DEFAULT_SOURCE

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        """Every conversation version of `days` and every rejected record, in the order of the files' names.

        Records of other days are not judged, so that each is rejected by the pass of its own day and no other.
        Memory: one record, or one Parquet batch, and the key of each version of these days.

        Raises:
            SourceError: nothing readable at `path` (at once), or a file that cannot be opened (on the way).
        """
        return self._outcomes(find_files(self.path), days)

    def _outcomes(self, files: list[tuple[str, UPath]], days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        latest = self.clock() + FUTURE_TOLERANCE
        seen: set[_Version] = set()
        for name, file in files:
            for item in read_file(name, file):
                outcome = self._outcome(item, days, latest)
                if isinstance(outcome, Conversation):
                    outcome = _first_of_its_version(outcome, item.ref, seen)
                if outcome is not None:
                    yield outcome

    def _outcome(
        self, item: RawRecord | Unreadable, days: frozenset[date], latest: datetime
    ) -> Conversation | Rejected | None:
        if isinstance(item, Unreadable):
            return Rejected(self.workspace_id, DEFAULT_SOURCE, item.ref, None, item.rule, item.detail, None)
        record = draft(item.fields)
        day = record.update_day(latest)
        if day is not None and day not in days:
            return None
        try:
            return to_conversation(record, self.workspace_id, latest)
        except Broken as broken:
            return self._rejected(record, item.ref, broken, day)

    def _rejected(self, record: Draft, ref: str, broken: Broken, day: date | None) -> Rejected:
        workspace, source, conversation_id = record.identity(self.workspace_id)
        return Rejected(workspace, source, ref, conversation_id, broken.rule, broken.detail, day)


def _first_of_its_version(conversation: Conversation, ref: str, seen: set[_Version]) -> Conversation | Rejected:
    version = _Version(conversation.identity, conversation.version_at)
    if version not in seen:
        seen.add(version)
        return conversation
    detail = f"version_at {version.version_at.isoformat()} was read before in this pass; the first is kept"
    workspace, source, conversation_id = version.identity
    return Rejected(workspace, source, ref, conversation_id, "duplicate_id", detail, conversation.update_day)
