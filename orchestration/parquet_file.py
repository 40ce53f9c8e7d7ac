"""One Parquet file of the lake: written in row groups and shown when whole, read batch by batch.

A local file is written under a temporary name and renamed; an object store gets one put, since it shows a put whole
or not at all and renames by copying. Which file holds what is `lake.py`.
"""
# pyright: reportUnknownVariableType=false, reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyarrow ships no types; what leaves this module is typed.

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

# Rows of a row group, which a writer holds at once. Files of a few thousand rows are the rule; DuckDB reads a million
# rows in such groups as fast as in one.
ROW_GROUP = 2_000
BATCH = 250  # rows that a reader makes Python values of at a time
UNREADABLE: tuple[type[Exception], ...] = (OSError, pa.ArrowException)
"""What reading a file raises that is damaged or not there."""
_INPUTS = b"cx_inputs"

# Arrow's own pool keeps what it has once held: 80 MB after reading a day of 10,000 conversations. The system's gives it
# back, and takes no longer over batches of this size.
pa.set_memory_pool(pa.system_memory_pool())


class Digest(Protocol):
    """A hash in the making."""

    def update(self, data: bytes, /) -> None:
        """Adds bytes."""
        ...


class NewFile:
    """A file in the making: rows are appended, `close` ends it, `publish` puts it in its place."""

    def __init__(self, path: UPath, schema: pl.Schema, inputs: str = "") -> None:
        self.path = path
        self._schema = schema
        self._pending: list[pl.DataFrame] = []
        if is_local(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary = Path(str(path.with_name(f".{path.name}.{uuid4().hex}.tmp")))
        else:
            self._temporary = Path(tempfile.mkstemp(suffix=".parquet")[1])  # no other user may read it
        typed = schema.to_frame().to_arrow().schema
        self._writer = pq.ParquetWriter(
            str(self._temporary), typed.with_metadata({_INPUTS: inputs.encode()}), compression="zstd"
        )

    def write(self, frame: pl.DataFrame) -> None:
        """Appends rows; whatever the sizes of the frames, all row groups but the last have `ROW_GROUP` rows."""
        self._pending.append(frame)
        if sum(part.height for part in self._pending) >= ROW_GROUP:
            rows = pl.concat(self._pending, rechunk=True)  # pages would end where frames did
            whole = rows.height - rows.height % ROW_GROUP
            self._write(rows.head(whole))
            self._pending = [rows.tail(rows.height - whole)]

    def close(self) -> None:
        """Writes what is pending and the footer; the file is whole, and not yet in its place."""
        self._write(pl.concat([self._schema.to_frame(), *self._pending], rechunk=True))
        self._pending = []
        self._writer.close()

    def publish(self) -> None:
        """The closed file takes its place: readers see the old file or the new one."""
        if is_local(self.path):
            self._temporary.replace(str(self.path))
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._temporary.open("rb") as content, self.path.open("wb") as put:
            shutil.copyfileobj(content, put)
        self._temporary.unlink()

    def abandon(self) -> None:
        """Nothing is left of the file; a second call, or one after `publish`, does nothing."""
        self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def _write(self, rows: pl.DataFrame) -> None:
        if rows.height:
            self._writer.write_table(rows.to_arrow().cast(self._writer.schema), row_group_size=ROW_GROUP)


def write_whole(path: UPath, frame: pl.DataFrame, inputs: str = "") -> None:
    """Writes a file of exactly these rows, or leaves what was there."""
    file = NewFile(path, frame.schema, inputs)
    try:
        file.write(frame)
        file.close()
        file.publish()
    finally:
        file.abandon()


def batches(path: UPath, columns: Sequence[str] | None = None, rows: int = BATCH) -> Iterator[pl.DataFrame]:
    """The rows of a file in order, at most so many at a time; none at all of an empty file."""
    with path.open("rb") as content, pq.ParquetFile(content) as file:
        for batch in file.iter_batches(rows, columns=columns, use_threads=False):
            yield cast("pl.DataFrame", pl.from_arrow(batch))


def row_count(path: UPath) -> int:
    """The number of rows of a file; no column is read."""
    with path.open("rb") as content:
        return int(pq.read_metadata(content).num_rows)


def hash_columns(path: UPath, digest: Digest, is_hashed: Callable[[str], bool]) -> None:
    """Adds the stored bytes of the columns of these names to a digest; nothing is decoded."""
    with path.open("rb") as content:
        metadata = pq.read_metadata(content)
        for group in range(metadata.num_row_groups):
            for position in range(metadata.num_columns):
                column = metadata.row_group(group).column(position)
                if is_hashed(column.path_in_schema.partition(".")[0]):
                    digest.update(f"{column.path_in_schema} {column.physical_type} {column.num_values}".encode())
                    content.seek(column.dictionary_page_offset or column.data_page_offset)
                    digest.update(content.read(column.total_compressed_size))


def inputs_of(path: UPath) -> str | None:
    """What the file says it was made from; None where it says nothing, is not there or cannot be read."""
    try:
        with path.open("rb") as content:
            metadata = pq.read_metadata(content).metadata or {}
    except UNREADABLE:
        return None
    return metadata[_INPUTS].decode() if metadata.get(_INPUTS) else None


def is_local(path: UPath) -> bool:
    """True for a path of this machine's file system."""
    return path.protocol in {"", "file", "local"}
