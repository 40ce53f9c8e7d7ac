"""New rows united with the stored rows of a file, batch by batch: a key that comes again takes the new rows.

Files of the lake are sorted by their key. A file is walked once and written anew beside itself, so that merging into
a day holds the new rows and a batch of the old ones, however long the day is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from upath import UPath

from orchestration.parquet_file import ROW_GROUP, NewFile, batches, write_whole

FIRST_SEEN = "observed_at"
"""Keeps its earliest value, so that a version remembers when it was first seen."""


class _Unsorted(Exception):
    """Something else than the lake has written the file."""


def merge_into(path: UPath, new: pl.DataFrame, key: Sequence[str], then: Sequence[str] = ()) -> None:
    """Replaces the stored rows of the keys in `new`, keeps all others, and sorts; the file is shown when whole.

    Args:
        path: one file of the lake, which may not exist yet.
        new: rows of the file's columns.
        key: the columns that say which stored rows `new` replaces.
        then: what orders the rows of one key.
    """
    order = [*key, *then]
    if not path.exists():
        write_whole(path, new.sort(order))
        return
    try:
        _write(path, new.schema, _united(batches(path, rows=ROW_GROUP), new.sort(order), key, order))
    except _Unsorted:
        write_whole(path, pl.concat(batches(path)).sort(order))
        merge_into(path, new, key, then)


def _write(path: UPath, schema: pl.Schema, frames: Iterable[pl.DataFrame]) -> None:
    file = NewFile(path, schema)
    try:
        for frame in frames:
            file.write(frame)
        file.close()
        file.publish()
    finally:
        file.abandon()


def _united(
    stored: Iterable[pl.DataFrame], new: pl.DataFrame, key: Sequence[str], order: Sequence[str]
) -> Iterator[pl.DataFrame]:
    replaced = new.select(key).unique()
    last: tuple[Any, ...] = ()
    for frame in stored:
        first, upto = frame.select(key).row(0), frame.select(key).row(-1)
        if not frame.select(pl.struct(key).is_sorted()).item() or first < last:
            raise _Unsorted
        last = upto
        is_ready = _at_most(key, upto)
        ready, new = new.filter(is_ready), new.filter(~is_ready)
        kept = frame.join(replaced, on=key, how="anti")
        yield pl.concat([kept, _first_seen(ready, frame, key)]).sort(order)
    yield new


def _first_seen(new: pl.DataFrame, stored: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    if FIRST_SEEN not in new.columns or new.is_empty():
        return new
    earlier = stored.select(*key, earlier=FIRST_SEEN)
    seen = pl.min_horizontal(FIRST_SEEN, "earlier").alias(FIRST_SEEN)
    return new.join(earlier, on=key, how="left").with_columns(seen).select(new.columns)


def _at_most(key: Sequence[str], values: Sequence[Any]) -> pl.Expr:
    """Rows whose key, compared column by column, is not greater than `values`."""
    (column, *others), (value, *rest) = key, values
    here = pl.col(column)
    return here <= value if not others else (here < value) | ((here == value) & _at_most(others, rest))
