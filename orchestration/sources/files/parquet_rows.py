"""Rows of a Parquet file as records, one batch in memory at a time.

A row is one conversation; its `messages` column is a list of structs, or text that holds a JSON array. Values are
plain Python as pyarrow makes them: `record.py` decides what they mean.
"""
# pyright: reportUnknownVariableType=false, reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyarrow ships no types; what leaves this module is typed.

from collections.abc import Iterator
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.sources.files.csv_rows import BadRow, Row

PARQUET_BATCH_ROWS = 256


class DamagedFile(Exception):
    """A file whose pages or footer cannot be read; its cause is pyarrow's error."""


def parquet_rows(stream: BinaryIO) -> Iterator[tuple[int, Row | BadRow]]:
    """Rows numbered from 1 as Python values; times finer than a microsecond are cut to it.

    Raises:
        DamagedFile: after the rows before the damage.
    """
    try:
        batches = pq.ParquetFile(stream).iter_batches(batch_size=PARQUET_BATCH_ROWS)
        yield from enumerate((row for batch in batches for row in _values(_readable(batch))), start=1)
    except pa.ArrowException as error:
        raise DamagedFile from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise DamagedFile from error  # pyarrow reports a broken page as an OSError of no system call


def _values(batch: pa.RecordBatch) -> Iterator[Row | BadRow]:
    try:
        yield from cast("list[Row]", batch.to_pylist())
    except UnicodeDecodeError:
        yield from (_one(batch.slice(position, 1)) for position in range(batch.num_rows))


def _one(row: pa.RecordBatch) -> Row | BadRow:
    try:
        return cast("Row", row.to_pylist()[0])
    except UnicodeDecodeError:
        return BadRow("invalid_utf8", "in a text column")


def _readable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Nanoseconds, which Python times have not, cut to microseconds; bytes taken as the text some writers mean."""
    wanted = pa.schema([field.with_type(_coarse(field.type)) for field in batch.schema])
    if wanted.equals(batch.schema):
        return batch
    columns = [column.cast(field.type, safe=False) for column, field in zip(batch.columns, wanted, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def _coarse(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.large_string()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_coarse(field.type)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_coarse(kind.value_type))
    return kind
