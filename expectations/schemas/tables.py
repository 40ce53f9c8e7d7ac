"""The lake's tables by name, loaded when asked for: pandera takes most of a second to import.

The one list of lake tables; the lake types its empty files from here and the asset checks validate against it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    import pandera.polars as pa

LakeTable = Literal[
    "conversations",
    "messages",
    "rejected",
    "workspaces",
    "judgements",
    "conversation_scores",
    "dimension_scores",
    "score_reasons",
    "issues",
    "feedback_items",
    "llm_calls",
    "ledger",
    "reviews",
    "claim_reviews",
]
LAKE_TABLES: tuple[LakeTable, ...] = get_args(LakeTable)


def schema_of(table: LakeTable) -> "pa.DataFrameSchema":
    """The Pandera schema of a lake table."""
    return import_module(f"expectations.schemas.{table}").SCHEMA


def polars_schema(table: LakeTable) -> pl.Schema:
    """Column names and polars types of a lake table, in order."""
    return pl.Schema({name: column.dtype.type for name, column in schema_of(table).columns.items()})
