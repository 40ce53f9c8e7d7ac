"""Taking a person's rows out of the lake's files, private zone included, and saying which words went with them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl
from upath import UPath

from expectations.schemas.tables import LAKE_TABLES
from orchestration.forgetting.traces import IDENTITY, Traces
from orchestration.lake import Lake
from orchestration.parquet_file import NewFile, batches, inputs_of

LEAST = 12  # characters of a string that is somebody's own words rather than anybody's
_LAST = ("messages", "conversations")  # what an interrupted removal finds the rest by
_NO_WORDS = ("_id", "_hash", "_key", "_version", "_type", "_kind")


class Removed(NamedTuple):
    """Rows by table, and the strings that they held."""

    rows: dict[str, int]
    words: frozenset[str]


def remove_from_lake(lake: Lake, traces: Traces, between: Callable[[], None] = lambda: None) -> Removed:
    """Rewrites every file that holds rows of these conversations without them; all other rows stay as they are.

    Args:
        lake: the lake.
        traces: whose rows go.
        between: done before the last two tables go, by which an interrupted removal finds the rest.
    """
    rows, words = dict[str, int](), set[str]()

    def remove(name: str, files: Iterator[UPath]) -> None:
        for path in files:
            with lake.alone(path):
                gone = _without(path, traces, words)
            if gone:
                rows[name] = rows.get(name, 0) + gone

    for table in LAKE_TABLES:
        if table not in _LAST:
            remove(table, lake.files(table))
    remove("private", iter(sorted(lake.private().rglob("*.parquet"))))
    between()
    for table in _LAST:
        remove(table, lake.files(table))
    return Removed(rows, frozenset(words))


def rows_left(lake: Lake, traces: Traces) -> int:
    """Rows of these conversations that any file of the lake still holds."""
    files = sorted(lake.root.rglob("*.parquet"))
    return sum(_counted(path, traces) for path in files)


def _without(path: UPath, traces: Traces, words: set[str]) -> int:
    if not _counted(path, traces):
        return 0
    gone = 0
    file: NewFile | None = None
    try:
        for frame in batches(path):
            file = file or NewFile(path, frame.schema, inputs_of(path) or "")
            theirs = _is_theirs(frame, traces)
            file.write(frame.filter(~theirs))
            gone += int(theirs.sum())
            words.update(_words(frame.filter(theirs)))
        if file is not None:
            file.close()
            file.publish()
    finally:
        if file is not None:
            file.abandon()
    return gone


def _counted(path: UPath, traces: Traces) -> int:
    names = _key(path)
    return sum(int(_is_theirs(frame, traces).sum()) for frame in batches(path, names)) if names else 0


def _key(path: UPath) -> tuple[str, ...]:
    """The columns by which rows of a file are somebody's; none where they are nobody's."""
    with path.open("rb") as content:
        there = pl.read_parquet_schema(content)
    if all(name in there for name in IDENTITY):
        return IDENTITY
    return ("transcript_hash",) if "transcript_hash" in there else ()


def _is_theirs(frame: pl.DataFrame, traces: Traces) -> pl.Series:
    if all(name in frame.columns for name in IDENTITY):
        theirs = traces.conversations.with_columns(is_theirs=True)
        return (
            frame.select(IDENTITY)
            .join(theirs, on=IDENTITY, how="left", maintain_order="left")["is_theirs"]
            .fill_null(value=False)
        )
    return frame["transcript_hash"].is_in(list(traces.hashes))


def _words(rows: pl.DataFrame) -> Iterator[str]:
    for name, kind in rows.schema.items():
        if name.endswith(_NO_WORDS) or kind not in {pl.String(), pl.List(pl.String)}:
            continue
        values = rows[name].explode() if kind == pl.List(pl.String) else rows[name]
        yield from (value for value in values.drop_nulls().unique() if len(value) >= LEAST)
