"""Checks of lake tables: the Pandera schema of a table, then its rules across columns.

Pandera takes most of a second to import and is loaded when a table is checked, not with this module. Failures name
conversations; what their columns hold is never repeated, since most of it is text of customers.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import polars as pl

from expectations.outcome import EXAMPLES, CheckOutcome, Failure, outcome_of
from expectations.rules import rules_of

if TYPE_CHECKING:
    from expectations.schemas.tables import LakeTable

# What Pandera calls a table of the wrong shape, and what it is called here.
_SHAPE = {
    "column_in_dataframe": "column_is_missing",
    "column_in_schema": "column_is_unknown",
    "column_ordered": "column_is_out_of_order",
}
_UNIQUENESS = "multiple_fields_uniqueness"
_ID_COLUMNS = ("conversation_id", "record_ref", "cache_key", "workspace_id")


def validate_table(table: "LakeTable", frame: pl.DataFrame) -> CheckOutcome:
    """Whether a frame is what its lake table promises: the schema first, then the rules across columns.

    Rules are left out where a column is missing or has another type; then the schema's failures say all there is.

    Args:
        table: the lake table whose schema and rules hold.
        frame: its rows; none at all is a valid table.
    """
    failures = [*_schema_failures(table, frame)]
    if _has_the_types_of(table, frame):
        failures.extend(_rule_failures(table, frame))
    return outcome_of(table, frame.height, failures)


def _has_the_types_of(table: "LakeTable", frame: pl.DataFrame) -> bool:
    from expectations.schemas.tables import polars_schema  # noqa: PLC0415

    return all(frame.schema.get(name) == kind for name, kind in polars_schema(table).items())


def _schema_failures(table: "LakeTable", frame: pl.DataFrame) -> Iterator[Failure]:
    from pandera.errors import SchemaErrors  # noqa: PLC0415

    from expectations.schemas.tables import schema_of  # noqa: PLC0415

    try:
        schema_of(table).validate(frame, lazy=True)
    except SchemaErrors as broken:
        cases = cast("pl.DataFrame", broken.failure_cases)
        for (check, column), rows in cases.group_by("check", "column", maintain_order=True):
            yield from _failures_of(str(check), str(column), rows, frame)


def _failures_of(check: str, column: str, cases: pl.DataFrame, frame: pl.DataFrame) -> Iterator[Failure]:
    """The failures of one check: a column of the wrong shape each by itself, broken rows together."""
    if check in _SHAPE:
        yield from (Failure(_SHAPE[check], str(name), 1) for name in cases["failure_case"])
        return
    at = cases["index"].drop_nulls()
    if at.is_empty():
        # A check that could not run on a column of another type adds nothing to that column's dtype failure.
        if check.startswith("dtype"):
            yield Failure(check, column, 1)
        return
    name = "" if check == _UNIQUENESS else column
    yield Failure("key_is_unique" if check == _UNIQUENESS else check, name, at.len(), _ids(frame, at))


def _rule_failures(table: "LakeTable", frame: pl.DataFrame) -> Iterator[Failure]:
    rules = rules_of(table)
    if not rules or frame.is_empty():
        return
    broken = frame.select(rule.broken.fill_null(value=False).alias(str(n)) for n, rule in enumerate(rules))
    for n, rule in enumerate(rules):
        at = broken[str(n)].arg_true()
        if at.len():
            yield Failure(rule.name, rule.column, at.len(), _ids(frame, at))


def _ids(frame: pl.DataFrame, rows: pl.Series) -> tuple[str, ...]:
    """Up to `EXAMPLES` ids of the records concerned, in the order of the rows, each once."""
    column = next((name for name in _ID_COLUMNS if name in frame.columns), None)
    if column is None:
        return ()
    ids = frame[column].gather(rows).drop_nulls().unique(maintain_order=True)
    return tuple(map(str, ids.head(EXAMPLES)))
