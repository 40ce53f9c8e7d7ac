"""Columns that several lake tables share, defined once: identity, version, scorer and evidence.

Only pieces of schemas live here; each table has a module of its own beside this one.
"""

from typing import get_args

import pandera.polars as pa
import polars as pl

from scoring_ops.conversation import AuthorType
from scoring_ops.evidence import EvidenceKind, MatchKind

TIME = pl.Datetime("us", "UTC")
IDENTITY = ("workspace_id", "source", "conversation_id")
VERSION = (*IDENTITY, "version_at")
SCORED_VERSION = (*VERSION, "scorer_version")


def text(*, nullable: bool = False, one_of: object = None) -> pa.Column:
    """A text column; with `one_of` (a Literal or a union of them) limited to its values."""
    checks = [] if one_of is None else [pa.Check.isin(_values(one_of))]
    return pa.Column(pl.String, checks, nullable=nullable)


def _values(literal: object) -> list[str]:
    values = (v if isinstance(v, str) else _values(v) for v in get_args(literal))
    return [v for value in values for v in ([value] if isinstance(value, str) else value)]


def whole(*, nullable: bool = False, at_least: int | None = 0, at_most: int | None = None) -> pa.Column:
    """A whole-number column within its bounds, both included."""
    checks = [pa.Check.ge(at_least)] if at_least is not None else []
    if at_most is not None:
        checks.append(pa.Check.le(at_most))
    return pa.Column(pl.Int64, checks, nullable=nullable)


def fraction(*, nullable: bool = False) -> pa.Column:
    """A number from 0 to 1."""
    return pa.Column(pl.Float64, [pa.Check.in_range(0, 1)], nullable=nullable)


def number(*, nullable: bool = False) -> pa.Column:
    """A floating-point number without bounds."""
    return pa.Column(pl.Float64, nullable=nullable)


def moment(*, nullable: bool = False) -> pa.Column:
    """A point in time in UTC, in microseconds."""
    return pa.Column(TIME, nullable=nullable)


def day() -> pa.Column:
    """A calendar day."""
    return pa.Column(pl.Date)


def flag(*, nullable: bool = False) -> pa.Column:
    """A truth value."""
    return pa.Column(pl.Boolean, nullable=nullable)


def version() -> dict[str, pa.Column]:
    """The key of a conversation version."""
    named = {name: pa.Column(pl.String, [pa.Check.str_length(min_value=1)]) for name in IDENTITY}
    return {**named, "version_at": moment()}


def scored_version() -> dict[str, pa.Column]:
    """The key of a conversation version as one scorer scored it."""
    return {**version(), "scorer_version": text()}


def evidence() -> dict[str, pa.Column]:
    """A verified place in the transcript; offsets are code points of the masked message text."""
    return {
        "evidence_kind": text(one_of=EvidenceKind),
        "quote": pa.Column(pl.String, [pa.Check.str_length(min_value=1)]),
        "message_id": text(),
        "author_type": text(one_of=AuthorType),
        "start_offset": whole(),
        "end_offset": whole(),
        "match_kind": text(one_of=MatchKind),
    }


def table(name: str, columns: dict[str, pa.Column], key: tuple[str, ...] = ()) -> pa.DataFrameSchema:
    """A strict schema: exactly these columns, in this order, unique by `key`."""
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, unique=list(key) or None)
