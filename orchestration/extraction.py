"""From a source to the lake: conversations masked, hashed and merged by update day, nothing bad let through silently.

One pass over the source serves all days of a run. What the source rejects becomes a row of `rejected`; the texts
that masking changed go to the private zone and nowhere else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from orchestration import frames
from orchestration.frames import VERSION, Row
from orchestration.lake import Lake
from orchestration.sources.protocol import Rejected, Source
from scoring_ops.conversation import Conversation
from scoring_ops.privacy import mask
from scoring_ops.scorer import Clock, utc_now
from scoring_ops.transcript import transcribe

REJECTED_KEY = ("workspace_id", "source", "record_ref", "rule")


class Extracted(NamedTuple):
    """What a pass over a source brought, for the run's metadata."""

    versions: dict[str, int]
    messages: int
    masked_texts: int
    rejected: Counter[str]


class _Day:
    """The rows of one day, gathered until the pass is over."""

    def __init__(self) -> None:
        self.conversations: list[Row] = []
        self.messages: list[Row] = []
        self.originals: list[Row] = []
        self.rejected: list[Row] = []


def extract_days(source: Source, lake: Lake, days: Iterable[date], run_id: str, clock: Clock = utc_now) -> Extracted:
    """Extracts all conversation versions of some update days into the lake.

    Raises:
        SourceError: the source cannot be read; nothing is written then.
    """
    wanted = frozenset(days)
    observed_at = clock()
    gathered: dict[date | None, _Day] = defaultdict(_Day)
    for record in source.extract(wanted):
        if isinstance(record, Rejected):
            gathered[record.day].rejected.append(_rejected_row(record, observed_at, run_id))
        else:
            _gather(record, gathered[record.update_day], observed_at, run_id)
    lake.initialise()
    for day, rows in sorted(gathered.items(), key=lambda item: item[0] or date.min):
        _write(lake, day, rows)
    return Extracted(
        {day.isoformat(): len(gathered[day].conversations) if day in gathered else 0 for day in sorted(wanted)},
        sum(len(rows.messages) for rows in gathered.values()),
        sum(len(rows.originals) for rows in gathered.values()),
        Counter(str(row["rule"]) for rows in gathered.values() for row in rows.rejected),
    )


def _gather(conversation: Conversation, rows: _Day, observed_at: datetime, run_id: str) -> None:
    masked, originals = mask(conversation)
    transcript_hash = transcribe(masked).transcript_hash
    rows.conversations.append(frames.conversation_row(masked, transcript_hash, observed_at, run_id))
    rows.messages += frames.message_rows(masked)
    rows.originals += frames.original_rows(masked, originals)


def _write(lake: Lake, day: date | None, rows: _Day) -> None:
    lake.merge_day("rejected", day, lake.frame("rejected", rows.rejected), REJECTED_KEY)
    if day is None or not rows.conversations:
        return
    if rows.originals:
        lake.write_private("originals", day, pl.DataFrame(rows.originals, schema=frames.ORIGINALS_SCHEMA))
    lake.replace_versions("messages", day, lake.frame("messages", rows.messages), VERSION)
    lake.merge_day("conversations", day, lake.frame("conversations", rows.conversations), VERSION)


def _rejected_row(record: Rejected, observed_at: datetime, run_id: str) -> Row:
    fields = record._asdict()
    del fields["day"]
    return {**fields, "observed_at": observed_at, "extraction_run_id": run_id}
