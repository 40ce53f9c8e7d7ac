"""Everything that lies under a folder, as text: files as they lie, and what stores hold once they are decoded.

A value can be cut by a page or hidden by compression, so that every store is read twice: its bytes, and through its
own reader.
"""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import duckdb
import polars as pl
from upath import UPath

from orchestration.parquet_file import batches

_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x9c", b"\x78\x01", b"\x78\xda")
ROWS = 50_000  # of a store in memory at a time


class Text(NamedTuple):
    """What one place holds; `where` is a path below the folder, with a table or a column after "#"."""

    where: str
    content: bytes


class Hit(NamedTuple):
    """A place that holds something looked for, and how many different things."""

    where: str
    found: int


def texts_under(home: Path) -> Iterator[Text]:
    """Every file below a folder, raw and decoded."""
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        yield from texts_of(path, path.relative_to(home).as_posix())


def texts_of(path: Path, where: str) -> Iterator[Text]:
    """One file, raw and decoded."""
    raw = path.read_bytes()
    yield Text(where, raw)
    if raw.startswith(b"PAR1"):
        for frame in batches(UPath(path), rows=ROWS):
            yield from _columns(where, frame)
    elif raw.startswith(b"SQLite format 3\0"):
        yield from _sqlite(where, path)
    elif raw[8:12] == b"DUCK":
        yield from _duckdb(where, path)
    elif raw.startswith(_GZIP):
        yield Text(f"{where}#inflated", gzip.decompress(raw))
    elif raw.startswith(_ZLIB):
        yield Text(f"{where}#inflated", zlib.decompress(raw))


def search(texts: Iterable[Text], needles: Iterable[str]) -> list[Hit]:
    """The places that hold one of the needles, as it is or as JSON writes it; case counts not."""
    spelled = sorted({form for needle in needles for form in spellings(needle)})
    if not spelled:
        return []
    hits: dict[str, set[str]] = {}
    for where, content in texts:
        for found in occurring(content.decode("utf-8", "replace"), spelled):
            hits.setdefault(where, set()).add(found)
    return [Hit(where, len(found)) for where, found in hits.items()]


def occurring(text: str, spelled: list[str]) -> set[str]:
    """Those of the spellings that occur in a text, in lower case; one pass, however many there are."""
    found = pl.Series([text]).str.extract_many(spelled, ascii_case_insensitive=True, overlapping=True)
    return {str(one).lower() for one in found.explode().drop_nulls()}


def spellings(needle: str) -> set[str]:
    """A string as it is, and as it stands between the quotes of a JSON string."""
    return {needle, json.dumps(needle)[1:-1], json.dumps(needle, ensure_ascii=False)[1:-1]}


def _columns(where: str, frame: pl.DataFrame) -> Iterator[Text]:
    for name in frame.columns:
        yield _column(f"{where}#{name}", frame[name].to_list())


def _column(where: str, values: Sequence[object]) -> Text:
    return Text(where, json.dumps(values, default=str, ensure_ascii=False).encode("utf-8", "replace"))


def _sqlite(where: str, path: Path) -> Iterator[Text]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            rows = connection.execute(f'select * from "{table}"')  # noqa: S608  a name that the file gives
            while some := rows.fetchmany(ROWS):
                yield Text(f"{where}#{table}", b"\n".join(_bytes(value) for row in some for value in row))
    connection.close()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _duckdb(where: str, path: Path) -> Iterator[Text]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        names += connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        for schema, name in names:
            rows = connection.execute(f'from "{schema}"."{name}"')
            columns = [str(column[0]) for column in rows.description or ()]
            while some := rows.fetchmany(ROWS):
                for column, values in zip(columns, zip(*some, strict=True), strict=True):
                    yield _column(f"{where}#{name}#{column}", values)


def frames_of(arrow_batches: object) -> Iterator[pl.DataFrame]:
    """Arrow record batches as frames, one by one."""
    for batch in cast("Iterable[Any]", arrow_batches):
        yield cast("pl.DataFrame", pl.from_arrow(batch))
