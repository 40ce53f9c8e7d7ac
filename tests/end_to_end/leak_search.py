"""Everything that a run wrote, as text: files as they lie, and what databases and Parquet hold once it is decoded.

A value can be cut by a page or hidden by compression, so that every store is read twice: its bytes, and through its
own reader.
"""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from tests.end_to_end.leak_secrets import Planted


class Text(NamedTuple):
    """What one place holds; `where` is a path below the home, with a table or a column after "#"."""

    where: str
    content: bytes


class Found(NamedTuple):
    """Something planted, and where it was."""

    planted: Planted
    where: str


def texts_under(home: Path) -> Iterator[Text]:
    """Every file below a folder, raw and decoded."""
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        where, raw = path.relative_to(home).as_posix(), path.read_bytes()
        yield Text(where, raw)
        if raw.startswith(b"PAR1"):
            yield from _parquet(where, path)
        elif raw.startswith(b"SQLite format 3\0"):
            yield from _sqlite(where, path)
        elif raw[8:12] == b"DUCK":
            yield from _duckdb(where, path)
        elif raw.startswith((b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda")):
            yield Text(f"{where}#inflated", gzip.decompress(raw) if raw[0] == 0x1F else zlib.decompress(raw))


def found_in(texts: Iterable[Text], planted: Iterable[Planted]) -> list[Found]:
    """Which of the planted things are where, upper or lower case."""
    needles = [(thing, tuple(n.lower().encode() for n in thing.needles)) for thing in planted]
    found: list[Found] = []
    for where, content in texts:
        lowered = content.lower()
        found += (Found(thing, where) for thing, some in needles if any(needle in lowered for needle in some))
    return found


def _columns(where: str, frame: pl.DataFrame) -> Iterator[Text]:
    for name in frame.columns:
        values = frame[name].to_list()
        yield Text(f"{where}#{name}", json.dumps(values, default=str, ensure_ascii=False).encode("utf-8", "replace"))


def _parquet(where: str, path: Path) -> Iterator[Text]:
    yield from _columns(where, pl.read_parquet(path, hive_partitioning=False))


def _sqlite(where: str, path: Path) -> Iterator[Text]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            rows = connection.execute(f'select * from "{table}"').fetchall()
            yield Text(f"{where}#{table}", b"\n".join(_bytes(value) for row in rows for value in row))
    connection.close()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _duckdb(where: str, path: Path) -> Iterator[Text]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        names += connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        for schema, name in names:
            yield from _columns(f"{where}#{name}", connection.execute(f'from "{schema}"."{name}"').pl())
