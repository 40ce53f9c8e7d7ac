"""The lake: one Parquet file per table, workspace, source, scorer and update day, replaced whole or not at all.

Here lives reading and writing of typed frames by partition, over a local folder or any fsspec URL. What a table
holds is `expectations/schemas`; what goes into it is decided elsewhere. A reader sees the old file or the new one
(`parquet_file.py`); merging into a file takes a lock of its own.
"""

import fcntl
import hashlib
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import polars as pl
from upath import UPath

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema
from orchestration.day_merge import merge_into
from orchestration.day_writer import DayWriter
from orchestration.parquet_file import is_local, row_count, write_whole

UNDATED = "undated"
EMPTY = "empty.parquet"
RUN_VARYING_SUFFIXES = (
    "_run_id",
    "ingested_at",
    "loaded_at",
    "scored_at",
    "observed_at",
    "latency_ms",
    "started_at",
)


def is_run_varying(column: str) -> bool:
    """True for a column whose values may differ when a day is run again; all others may not."""
    return column == "cached" or column.endswith(RUN_VARYING_SUFFIXES)


def slug(name: str) -> str:
    """A name as a path segment: itself where it is plain, else folded with a short hash that keeps it unique."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")[:80]
    if plain == name:
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@cache
def _schema(table: LakeTable) -> pl.Schema:
    return polars_schema(table)


class Lake:
    """Typed Parquet partitions under one root."""

    def __init__(self, url: str) -> None:
        self.root = UPath(url)

    def initialise(self) -> None:
        """A typed file with zero rows for every table, so that a reader's glob never comes back empty."""
        for table in LAKE_TABLES:
            path = self.root / table / EMPTY
            if not path.exists():
                write_whole(path, self.empty(table))

    def empty(self, table: LakeTable) -> pl.DataFrame:
        """A frame of the table's columns and types without rows."""
        return pl.DataFrame(schema=_schema(table))

    def frame(self, table: LakeTable, rows: Iterable[Mapping[str, object] | tuple[object, ...]]) -> pl.DataFrame:
        """Rows (mappings, or tuples of the table's columns in order) as a frame of its types.

        What a mapping lacks is null. Times may be microseconds. Built column by column, in a third of the time that
        polars takes row by row.
        """
        schema = _schema(table)
        ordered = (row if isinstance(row, tuple) else tuple(map(row.get, schema)) for row in rows)
        columns = list(zip(*ordered, strict=True)) or [()] * len(schema)
        return pl.DataFrame(
            [pl.Series(name, values, kind) for (name, kind), values in zip(schema.items(), columns, strict=True)]
        )

    def write_day(self, table: LakeTable, day: date, frame: pl.DataFrame, *, scorer: str | None = None) -> None:
        """Replaces the day of a table (and scorer): files of workspaces that no longer have rows become empty.

        Args:
            table: the lake table.
            day: the UTC update day.
            frame: all rows of that day, of any number of workspaces and sources.
            scorer: for tables that are kept per scorer or judge, its version.
        """
        with self.day_writer(table, day, scorer=scorer) as writer:
            writer.write(frame)

    @contextmanager
    def day_writer(
        self, table: LakeTable, day: date, *, scorer: str | None = None, inputs: str = ""
    ) -> Generator[DayWriter]:
        """Replaces the day of a table (and scorer) by what is written within the context, in bounded memory.

        Rows come file by file: all of a workspace and source one after the other. An exception within the context
        leaves the old day untouched.

        Args:
            table: the lake table.
            day: the UTC update day.
            scorer: for tables that are kept per scorer or judge, its version.
            inputs: says what the rows are made from; kept in the metadata of each file (`inputs_of`).
        """
        stale = self._day_files(table, day, scorer)
        writer = DayWriter(lambda place: self._path(table, *place, day.isoformat(), scorer), _schema(table), inputs)
        try:
            yield writer
            writer.finish(stale)
        finally:
            writer.abandon()

    def merge_day(
        self, table: LakeTable, day: date | None, frame: pl.DataFrame, key: tuple[str, ...], then: tuple[str, ...] = ()
    ) -> None:
        """Unites new rows with those already stored: a key seen again takes the new rows, nothing vanishes.

        Args:
            table: the lake table.
            day: the UTC update day, None for rows that tell none.
            frame: rows of any number of workspaces and sources.
            key: what identifies the rows to replace; `observed_at` keeps its earliest value of a key.
            then: what orders the rows of a key that has several, such as a version's messages.
        """
        name = UNDATED if day is None else day.isoformat()
        for (workspace, source), new in _by_place(frame):
            path = self._path(table, workspace, source, name, None)
            with self.alone(path):
                merge_into(path, new, key, then)

    def write_table(self, table: LakeTable, frame: pl.DataFrame) -> None:
        """Replaces a table that has no days."""
        write_whole(self.root / table / f"{table}.parquet", frame)

    def read_day(self, table: LakeTable, day: date, *, scorer: str | None = None) -> pl.DataFrame:
        """All rows of a day, of every workspace and source, and of every scorer unless one is named."""
        return self._read(table, self._day_files(table, day, scorer))

    def day_paths(self, table: LakeTable, day: date, *, scorer: str | None = None) -> dict[str, UPath]:
        """The files of a day in their order, by the folder of their workspace and source."""
        paths = self._day_files(table, day, scorer)
        return {"/".join(path.relative_to(self.root / table).parts[:2]): path for path in paths}

    def read(self, table: LakeTable) -> pl.DataFrame:
        """The whole table."""
        return self._read(table, sorted((self.root / table).rglob("*.parquet")))

    def frames(self, table: LakeTable, rows: int) -> Iterator[pl.DataFrame]:
        """The whole table file by file, gathered into frames of about `rows` rows: memory is bounded by them."""
        gathered, height = list[pl.DataFrame](), 0
        for path in sorted((self.root / table).rglob("*.parquet")):
            gathered.append(self._read(table, [path]))
            height += gathered[-1].height
            if height >= rows:
                yield pl.concat(gathered)
                gathered, height = [], 0
        if height:
            yield pl.concat(gathered)

    def files(self, table: LakeTable) -> Iterator[UPath]:
        """All files of a table, in order."""
        return iter(sorted((self.root / table).rglob("*.parquet")))

    def rows(self, table: LakeTable) -> int:
        """The number of rows of the whole table; no column is decoded."""
        return sum(row_count(path) for path in (self.root / table).rglob("*.parquet"))

    def versions_of(self, day: date, workspace: str, source: str) -> list[tuple[str, datetime, datetime]]:
        """(conversation_id, version_at, observed_at) of a day's versions of one place; nothing else is decoded."""
        path = self._path("conversations", workspace, source, day.isoformat(), None)
        if not path.exists():
            return []
        columns = ["conversation_id", "version_at", "observed_at"]
        return pl.read_parquet(BytesIO(path.read_bytes()), columns=columns).select(columns).rows()

    def raw(self, workspace: str, source: str) -> UPath:
        """Where pages of a helpdesk are kept as they came, unmasked: read by nothing but `cxscore forget`."""
        return self.root / "raw" / f"workspace={slug(workspace)}" / f"source={slug(source)}"

    def day_rows(self, table: LakeTable, day: date) -> int:
        """The number of rows of a day; no column is decoded."""
        return sum(row_count(path) for path in self._day_files(table, day, None))

    def checksum(self, table: LakeTable) -> str:
        """Hex digest of the table's rows without run-varying columns, whatever their order or files."""
        frame = self.read(table)
        stable = [name for name in frame.columns if not is_run_varying(name)]
        lines = sorted(frame.select(pl.struct(stable).struct.json_encode()).to_series().to_list())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def private(self) -> "UPath":
        """The private zone: unmasked originals, read by nothing that scores, models or publishes."""
        return self.root / "private"

    def merge_private(
        self, name: str, day: date, frame: pl.DataFrame, key: tuple[str, ...], then: tuple[str, ...]
    ) -> None:
        """Adds to files of the private zone, as `merge_day` does to those of a table."""
        for (workspace, source), new in _by_place(frame):
            folder = self.private() / name / f"workspace={slug(workspace)}" / f"source={slug(source)}"
            path = folder / f"{day.isoformat()}.parquet"
            with self.alone(path):
                merge_into(path, new, key, then)

    def _path(self, table: LakeTable, workspace: str, source: str, name: str, scorer: str | None) -> UPath:
        folder = self.root / table / f"workspace={slug(workspace)}" / f"source={slug(source)}"
        if scorer is not None:
            folder /= f"scorer={slug(scorer)}"
        return folder / f"{name}.parquet"

    def _day_files(self, table: LakeTable, day: date, scorer: str | None) -> list[UPath]:
        below = "**" if scorer is None else f"scorer={slug(scorer)}"
        return sorted((self.root / table).glob(f"workspace=*/source=*/{below}/{day.isoformat()}.parquet"))

    def _read(self, table: LakeTable, paths: Iterable[UPath]) -> pl.DataFrame:
        frames = [pl.read_parquet(BytesIO(path.read_bytes())) for path in paths]
        return pl.concat([self.empty(table), *frames], how="vertical")

    @contextmanager
    def alone(self, path: UPath) -> Generator[None]:
        """Keeps other processes of this machine from merging into the same file; object stores have no such lock."""
        if not is_local(path):
            yield
            return
        folder = Path(str(self.root / ".locks"))
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(path).encode()).hexdigest()[:32]
        with (folder / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _by_place(frame: pl.DataFrame) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """The rows of each workspace and source."""
    parts = frame.partition_by("workspace_id", "source", as_dict=True, maintain_order=True)
    return (((str(workspace), str(source)), rows) for (workspace, source), rows in parts.items())
