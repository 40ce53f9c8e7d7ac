"""Rows of a CSV file as records, one at a time: one conversation per row, its messages a JSON array in `messages`.

Values stay text as the file has them: `record.py` decides what they mean. Here too is what a row that is none is
called in every format (`BadRow`). Memory is one row, whatever the size of the file.
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, TextIO

# Wide enough for a conversation with a few messages of 2 MB; a quote left open stops there, not at the end of memory.
LONGEST_CSV_FIELD = 64 * 1024 * 1024

Row = dict[str, object]


class BadRow(NamedTuple):
    """Why a line or row is no record: the rule, and how it was broken, without its text."""

    rule: str
    detail: str


def csv_rows(stream: BinaryIO) -> Iterator[tuple[int, Row | BadRow]]:
    """Rows below the header, each with the line on which it begins; an empty field is a missing one."""
    csv.field_size_limit(LONGEST_CSV_FIELD)
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = _csv_lines(text)
        start, header = next(rows, (1, None))
        if header is None:
            return
        if isinstance(header, BadRow) or _has_broken_text(header):
            yield start, header if isinstance(header, BadRow) else BadRow("invalid_utf8", "the header; no row is read")
            return
        for start, row in rows:
            yield start, row if isinstance(row, BadRow) else _csv_row(header, row)


def _csv_lines(text: TextIO) -> Iterator[tuple[int, list[str] | BadRow]]:
    reader = csv.reader(text, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield start, BadRow("not_csv", f"broken quoting or too long a field, up to line {reader.line_num}")
            continue
        if row:
            yield start, row


def _csv_row(header: list[str], row: list[str]) -> Row | BadRow:
    if len(row) != len(header):
        return BadRow("not_csv", f"{len(row)} fields where the header names {len(header)}")
    for name, value in zip(header, row, strict=True):
        if _has_broken_text([value]):
            return BadRow("invalid_utf8", f"in column {name}")
    return {name: value for name, value in zip(header, row, strict=True) if value}


def _has_broken_text(values: list[str]) -> bool:
    """True where bytes that are no UTF-8 came through as lone surrogates."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return True
    return False
