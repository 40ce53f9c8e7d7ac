"""The raw records of a drop: which files a path names, and one record at a time out of each of them.

JSON lines are read here, CSV and Parquet in modules of their own; what a record means is decided in `record.py`.
Nothing holds a file whole. A file that ends early or is damaged gives everything before that, and then says so.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast

from pydantic_core import from_json
from upath import UPath

from orchestration.sources.files.csv_rows import BadRow, csv_rows
from orchestration.sources.files.parquet_rows import DamagedFile, parquet_rows
from orchestration.sources.protocol import SourceError

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet", ".csv")
_BOM = b"\xef\xbb\xbf"


class RawRecord(NamedTuple):
    """A record as its file holds it; `ref` names its place, such as "drop.jsonl.gz:17"."""

    ref: str
    fields: dict[str, object]


class Unreadable(NamedTuple):
    """A line, row or rest of a file that holds no record: the rule it broke and how, without its text."""

    ref: str
    rule: str
    detail: str


def find_files(path: str) -> list[tuple[str, UPath]]:
    """The files below `path` with the name each goes by in references, sorted; hidden files are left out.

    Raises:
        SourceError: nothing is there, or nothing of a kind that can be read.
    """
    root = UPath(path).expanduser()
    kinds = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
    try:
        if root.is_file():
            found = [(root.name, root)]
        elif root.is_dir():
            found = [(str(file.relative_to(root)), file) for file in root.rglob("*") if file.is_file()]
        else:
            raise SourceError(f"CX_FILES_PATH: no such file or folder: {path}")
    except OSError as error:
        raise SourceError(f"CX_FILES_PATH: cannot list {path}: {_reason(error)}") from error
    kept = [(name, file) for name, file in found if name.lower().endswith(SUFFIXES) and not file.name.startswith(".")]
    if not kept:
        raise SourceError(f"CX_FILES_PATH: {path} holds no file of the kinds {kinds}")
    return sorted(kept, key=lambda pair: pair[0])


def read_file(name: str, file: UPath) -> Iterator[RawRecord | Unreadable]:
    """Every record of one file in its order; a damaged file ends with one `Unreadable`.

    Raises:
        SourceError: the file cannot be opened, or the connection to it fails.
    """
    place = 0
    try:
        with file.open("rb") as stream:
            for place, record in _numbered(name, stream):
                ref = f"{name}:{place}"
                yield Unreadable(ref, *record) if isinstance(record, BadRow) else RawRecord(ref, record)
    except EOFError:
        yield Unreadable(f"{name}:{place + 1}", "truncated_file", "the compressed file ends early; nothing after this")
    except (gzip.BadGzipFile, zlib.error, DamagedFile) as error:
        detail = f"{type(error.__cause__ or error).__name__}; nothing after this is read"
        yield Unreadable(f"{name}:{place + 1}", "damaged_file", detail)
    except OSError as error:
        raise SourceError(f"CX_FILES_PATH: cannot read {file}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _numbered(name: str, stream: BinaryIO) -> Iterator[tuple[int, dict[str, object] | BadRow]]:
    lowered = name.lower()
    if lowered.endswith(".parquet"):
        return parquet_rows(stream)
    if lowered.endswith(".csv"):
        return csv_rows(stream)
    if lowered.endswith(".gz"):
        return _json_lines(gzip.open(stream, "rb"))
    return _json_lines(stream)


def _json_lines(stream: BinaryIO | gzip.GzipFile) -> Iterator[tuple[int, dict[str, object] | BadRow]]:
    for number, raw in enumerate(stream, start=1):
        line = raw.removeprefix(_BOM).strip() if number == 1 else raw.strip()
        if line:
            yield number, _json_object(line)


def _json_object(line: bytes) -> dict[str, object] | BadRow:
    try:
        value: object = from_json(line)
    except ValueError:
        return _why_not_json(line)
    if not isinstance(value, dict):
        return BadRow("not_an_object", f"a JSON {type(value).__name__}")
    return cast("dict[str, object]", value)


def _why_not_json(line: bytes) -> BadRow:
    """Tells broken text from broken JSON: half an escaped emoji is JSON to some writers and text to none."""
    try:
        json.loads(line.decode())
    except UnicodeDecodeError as error:
        return BadRow("invalid_utf8", f"byte {error.start + 1} of the line")
    except (ValueError, RecursionError):
        return BadRow("not_json", "the line is not one JSON value")
    return BadRow("invalid_utf8", "an escape that is half a character, or nesting too deep")
