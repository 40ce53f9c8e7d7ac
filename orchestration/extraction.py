"""From a source to the lake: conversations masked, hashed and merged by update day, nothing bad let through silently.

One pass over the source serves all days of a run. What comes is written in groups, so that memory does not grow with
the days and a pass that breaks off has kept what it brought. What the source rejects becomes a row of `rejected`; the
texts that masking changed go to the private zone and nowhere else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from orchestration import frames
from orchestration.forgetting.tombstones import Forgotten
from orchestration.frames import VERSION, Row
from orchestration.lake import Lake
from orchestration.sources.protocol import Rejected, Source
from scoring_ops.conversation import Conversation
from scoring_ops.privacy import mask
from scoring_ops.scorer import Clock, utc_now
from scoring_ops.transcript import transcribe

REJECTED_KEY = ("workspace_id", "source", "record_ref", "rule")
GROUP = 30_000  # conversations, messages and rejected records in memory at a time
Told = Callable[[int], None]


class Extracted(NamedTuple):
    """What a pass over a source brought, for the run's metadata."""

    versions: dict[str, int]
    messages: int
    masked_texts: int
    rejected: Counter[str]
    forgotten: int
    """Versions left out because `cxscore forget` has removed their conversation or customer."""


class _Version(NamedTuple):
    conversation: Row
    messages: list[Row]
    originals: list[Row]


class _Group:
    """What has come and is not yet written, by update day; a version that comes twice counts once, as it came last."""

    def __init__(self) -> None:
        self.versions: dict[date, dict[tuple[object, ...], _Version]] = defaultdict(dict)
        self.rejected: dict[date | None, list[Row]] = defaultdict(list)
        self.rows = self.forgotten = 0

    def add(self, conversation: Conversation, observed_at: datetime, run_id: str) -> None:
        masked, originals = mask(conversation)
        transcript_hash = transcribe(masked).transcript_hash
        version = _Version(
            frames.conversation_row(masked, transcript_hash, observed_at, run_id),
            frames.message_rows(masked),
            frames.original_rows(masked, originals),
        )
        self.versions[masked.update_day][(*masked.identity, masked.version_at)] = version
        self.rows += 1 + len(version.messages)

    def reject(self, record: Rejected, observed_at: datetime, run_id: str) -> None:
        fields = record._asdict()
        del fields["day"]
        self.rejected[record.day].append({**fields, "observed_at": observed_at, "extraction_run_id": run_id})
        self.rows += 1


def extract_days(
    source: Source,
    lake: Lake,
    days: Iterable[date],
    run_id: str,
    clock: Clock = utc_now,
    *,
    group: int = GROUP,
    told: Told = lambda _: None,
) -> Extracted:
    """Extracts all conversation versions of some update days into the lake.

    Args:
        source: where they come from.
        lake: where they go.
        days: UTC update days.
        run_id: of the run that extracts.
        clock: tells when the versions were observed.
        group: rows in memory at a time; a conversation is never divided.
        told: hears, after each group, how many versions have come so far.

    Raises:
        SourceError: the source cannot be read on; what it brought before that is in the lake.
    """
    wanted = frozenset(days)
    observed_at = clock()
    lake.initialise()
    versions, rejected = Counter[str](), Counter[str]()
    messages = masked_texts = forgotten = 0
    stays_out = Forgotten(lake).stays_out
    for brought in _groups(source.extract(wanted), observed_at, run_id, group, stays_out):
        for day, some in sorted(brought.versions.items()):
            _write(lake, day, list(some.values()))
            versions[day.isoformat()] += len(some)
            messages += sum(len(one.messages) for one in some.values())
            masked_texts += sum(len(one.originals) for one in some.values())
        for day, rows in brought.rejected.items():
            last = {tuple(row[name] for name in REJECTED_KEY): row for row in rows}
            lake.merge_day("rejected", day, lake.frame("rejected", last.values()), REJECTED_KEY)
            rejected.update(str(row["rule"]) for row in rows)
        forgotten += brought.forgotten
        told(versions.total())
    by_day = {day: versions[day] for day in sorted(day.isoformat() for day in wanted)}
    return Extracted(by_day, messages, masked_texts, rejected, forgotten)


def _groups(
    records: Iterable[Conversation | Rejected],
    observed_at: datetime,
    run_id: str,
    size: int,
    stays_out: Callable[[Conversation], bool],
) -> Iterable[_Group]:
    gathered = _Group()
    try:
        for record in records:
            if isinstance(record, Rejected):
                gathered.reject(record, observed_at, run_id)
            elif stays_out(record):
                gathered.forgotten += 1
            else:
                gathered.add(record, observed_at, run_id)
            if gathered.rows >= size:
                yield gathered
                gathered = _Group()
    except Exception:
        yield gathered
        raise
    yield gathered


def _write(lake: Lake, day: date, versions: Sequence[_Version]) -> None:
    """Messages before conversations: who reads a conversation finds its messages."""
    originals = [row for version in versions for row in version.originals]
    if originals:
        frame = pl.DataFrame(originals, schema=frames.ORIGINALS_SCHEMA)
        lake.merge_private("originals", day, frame, VERSION, ("field", "message_id"))
    messages = [row for version in versions for row in version.messages]
    lake.merge_day("messages", day, lake.frame("messages", messages), VERSION, ("position",))
    lake.merge_day("conversations", day, lake.frame("conversations", (v.conversation for v in versions)), VERSION)
