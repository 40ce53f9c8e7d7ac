"""Counts of conversation versions in the source and in the lake, day by day: is what the helpdesk has also here?

Compares sets, not sums: a version that is missing and one that is there twice must not cancel out. What the lake has
and the source no longer shows is no fault: a helpdesk tells only the current version of a conversation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from orchestration.forgetting.tombstones import Forgotten
from orchestration.lake import Lake
from orchestration.sources.protocol import Listed, Rejected, Source, listing

_KEY = ("workspace_id", "source", "conversation_id", "version_at")
EXAMPLES = 5


class DayCounts(NamedTuple):
    """The versions of one update day and source, which is UTC.

    `in_source` and `in_lake` count versions; `missing` are in the source alone, `superseded` in the lake alone (changed
    or deleted in the helpdesk since), `rejected` are records of the lake's table of that name. `examples` names some
    missing conversations.
    """

    day: date
    workspace_id: str
    source: str
    in_source: int
    in_lake: int
    missing: int
    superseded: int
    rejected: int
    examples: tuple[str, ...]


def reconcile(source: Source, lake: Lake, days: Iterable[date]) -> list[DayCounts]:
    """Both sides of some update days, by day, workspace and source.

    Args:
        source: asked for what it has now; a helpdesk is asked for its list, never for the conversations themselves.
        lake: as it is.
        days: UTC update days.

    Raises:
        SourceError: the source cannot be read.
    """
    wanted = frozenset(days)
    forgotten = Forgotten(lake).has
    there: dict[tuple[date, str, str], set[tuple[str, datetime]]] = defaultdict(set)
    turned_down = Counter[tuple[date, str, str]]()
    for record in listing(source, wanted):
        if isinstance(record, Rejected):
            if record.day is not None:
                turned_down[record.day, record.workspace_id, record.source] += 1
        elif not forgotten(record.workspace_id, record.source, record.conversation_id):
            there[_place(record)].add((record.conversation_id, record.version_at))
    here: dict[tuple[date, str, str], set[tuple[str, datetime]]] = defaultdict(set)
    for day in sorted(wanted):
        rows = lake.read_day("conversations", day).select(_KEY)
        for workspace_id, origin, conversation_id, version_at in rows.iter_rows():
            here[day, workspace_id, origin].add((conversation_id, version_at))
    rejected = _rejected(lake, sorted(wanted))
    places = sorted({*there, *here, *turned_down})
    return [_counts(place, there[place], here[place], rejected[place]) for place in places]


def _place(record: Listed) -> tuple[date, str, str]:
    return record.version_at.date(), record.workspace_id, record.source


def _rejected(lake: Lake, days: Sequence[date]) -> Counter[tuple[date, str, str]]:
    found = Counter[tuple[date, str, str]]()
    for day in days:
        rows = lake.read_day("rejected", day).group_by("workspace_id", "source").agg(pl.len())
        for workspace_id, origin, number in rows.iter_rows():
            found[day, workspace_id, origin] = number
    return found


def _counts(
    place: tuple[date, str, str], there: set[tuple[str, datetime]], here: set[tuple[str, datetime]], rejected: int
) -> DayCounts:
    missing = sorted(there - here)
    examples = tuple(conversation_id for conversation_id, _ in missing[:EXAMPLES])
    return DayCounts(*place, len(there), len(here), len(missing), len(here - there), rejected, examples)
