"""The lake: one Parquet file per table, workspace, source, scorer and update day, replaced whole or not at all.

Here lives reading and writing of typed frames by partition, over a local folder or any fsspec URL. What a table
holds is `expectations/schemas`; what goes into it is decided elsewhere. Each file is written under a temporary name
and renamed, so a reader sees the old file or the new one; merging into a file takes a lock of its own.
"""

import fcntl
import hashlib
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import polars as pl
from upath import UPath

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema

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
                self._write(path, self.empty(table))

    def empty(self, table: LakeTable) -> pl.DataFrame:
        """A frame of the table's columns and types without rows."""
        return pl.DataFrame(schema=_schema(table))

    def frame(self, table: LakeTable, rows: Iterable[object]) -> pl.DataFrame:
        """Rows (mappings or named tuples of the table's columns, in order) as a frame of its types."""
        return pl.DataFrame(list(rows), schema=_schema(table), orient="row", infer_schema_length=None)

    def write_day(self, table: LakeTable, day: date, frame: pl.DataFrame, *, scorer: str | None = None) -> None:
        """Replaces the day of a table (and scorer): files of workspaces that no longer have rows become empty.

        Args:
            table: the lake table.
            day: the UTC update day.
            frame: all rows of that day, of any number of workspaces and sources.
            scorer: for tables that are kept per scorer or judge, its version.
        """
        stale = {str(path): path for path in self._day_files(table, day, scorer)}
        for (workspace, source), rows in frame.partition_by(
            "workspace_id", "source", as_dict=True, maintain_order=True
        ).items():
            path = self._path(table, str(workspace), str(source), day.isoformat(), scorer)
            self._write(path, rows)
            stale.pop(str(path), None)
        for path in stale.values():
            self._write(path, self.empty(table))

    def merge_day(self, table: LakeTable, day: date | None, frame: pl.DataFrame, key: tuple[str, ...]) -> None:
        """Unites new rows with those already stored: a key seen again takes the new row, nothing vanishes.

        `observed_at` keeps its earliest value, so that a version remembers when it was first seen.
        """
        name = UNDATED if day is None else day.isoformat()
        for (workspace, source), new in frame.partition_by(
            "workspace_id", "source", as_dict=True, maintain_order=True
        ).items():
            path = self._path(table, str(workspace), str(source), name, None)
            with self._alone(path):
                self._write(path, _united(self._read(table, [path] if path.exists() else []), new, key))

    def replace_versions(self, table: LakeTable, day: date, frame: pl.DataFrame, version: tuple[str, ...]) -> None:
        """Replaces all rows of the versions in `frame` (the messages of a version) and keeps those of others."""
        for (workspace, source), new in frame.partition_by(
            "workspace_id", "source", as_dict=True, maintain_order=True
        ).items():
            path = self._path(table, str(workspace), str(source), day.isoformat(), None)
            with self._alone(path):
                old = self._read(table, [path] if path.exists() else [])
                kept = old.join(new.select(version).unique(), on=version, how="anti")
                self._write(path, pl.concat([kept, new]).sort(*version, "position"))

    def write_table(self, table: LakeTable, frame: pl.DataFrame) -> None:
        """Replaces a table that has no days."""
        self._write(self.root / table / f"{table}.parquet", frame)

    def read_day(self, table: LakeTable, day: date, *, scorer: str | None = None) -> pl.DataFrame:
        """All rows of a day, of every workspace and source, and of every scorer unless one is named."""
        return self._read(table, self._day_files(table, day, scorer))

    def read(self, table: LakeTable) -> pl.DataFrame:
        """The whole table."""
        return self._read(table, sorted((self.root / table).rglob("*.parquet")))

    def rows(self, table: LakeTable) -> int:
        """The number of rows of the whole table; no column is decoded."""
        paths = (self.root / table).rglob("*.parquet")
        lengths = (pl.scan_parquet(BytesIO(path.read_bytes())).select(pl.len()).collect().item() for path in paths)
        return sum(int(length) for length in lengths)

    def checksum(self, table: LakeTable) -> str:
        """Hex digest of the table's rows without run-varying columns, whatever their order or files."""
        frame = self.read(table)
        stable = [name for name in frame.columns if not is_run_varying(name)]
        lines = sorted(frame.select(pl.struct(stable).struct.json_encode()).to_series().to_list())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def private(self) -> "UPath":
        """The private zone: unmasked originals, read by nothing that scores, models or publishes."""
        return self.root / "private"

    def write_private(self, name: str, day: date, frame: pl.DataFrame) -> None:
        """Adds to files of the private zone; rows of the same text of the same version are replaced."""
        key = ("workspace_id", "source", "conversation_id", "version_at", "field", "message_id")
        for (workspace, source), new in frame.partition_by("workspace_id", "source", as_dict=True).items():
            folder = self.private() / name / f"workspace={slug(str(workspace))}" / f"source={slug(str(source))}"
            path = folder / f"{day.isoformat()}.parquet"
            with self._alone(path):
                old = pl.read_parquet(BytesIO(path.read_bytes())) if path.exists() else new.clear()
                self._write(path, pl.concat([old.join(new, on=key, how="anti", nulls_equal=True), new]).sort(key))

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
    def _alone(self, path: UPath) -> Generator[None]:
        """Keeps other processes of this machine from merging into the same file; object stores have no such lock."""
        if not _is_local(path):
            yield
            return
        folder = Path(str(self.root / ".locks"))
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(path).encode()).hexdigest()[:32]
        with (folder / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, path: UPath, frame: pl.DataFrame) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = BytesIO()
        frame.write_parquet(content, compression="zstd")
        if not _is_local(path):  # an object store shows a put whole or not at all, and renames by copying
            path.write_bytes(content.getvalue())
            return
        temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
        temporary.write_bytes(content.getvalue())
        temporary.replace(path)


def _is_local(path: UPath) -> bool:
    return path.protocol in {"", "file", "local"}


def _united(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    columns = new.columns
    united = pl.concat([old.join(new, on=key, how="anti"), new])
    first_seen = pl.concat([old, new]).group_by(key).agg(pl.col("observed_at").min())
    return united.drop("observed_at").join(first_seen, on=key, how="left").select(columns).sort(key)
