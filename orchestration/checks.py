"""Factories of blocking asset checks: one Pandera schema per lake table, one Great Expectations suite per mart.

A rule that SQL can state is a dbt test; what a lake table must be is a schema; what a published mart must be is a
suite. Checks report counts and ids, never texts.
"""

import warnings
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
from dagster import PreviewWarning

from expectations.audit import Mart, audit_mart, audited_columns
from expectations.outcome import CheckOutcome, Failure, outcome_of
from expectations.schemas.tables import LakeTable
from orchestration.audit_stamp import stamp_audit
from orchestration.keys import WAREHOUSE_POOL, lake_key
from orchestration.lake import Lake
from orchestration.settings import Settings

EXAMPLES = 5


def pandera_check(table: LakeTable, daily: dg.DailyPartitionsDefinition) -> dg.AssetChecksDefinition:
    """A blocking check that the days of a run hold what the table's schema says."""

    def schema(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
        from expectations.validation import validate_table  # noqa: PLC0415  pandera takes 0.7 s to import

        # Day by day: a key is unique within its day, and no more than a day is in memory.
        rows, failures = 0, list[Failure]()
        for key in context.op_execution_context.partition_keys:
            frame = lake.read_day(table, date.fromisoformat(key))
            rows += frame.height
            failures += validate_table(table, frame).failures
        return _result(outcome_of(table, rows, failures), rows)

    with warnings.catch_warnings():
        # A check by partition is still marked as preview; it is what blocks a bad day and no other.
        warnings.simplefilter("ignore", PreviewWarning)
        decorate = dg.asset_check(
            asset=lake_key(table),
            name="schema",
            blocking=True,
            partitions_def=daily,
            description=f"Every row of the run's days of `{table}` satisfies its Pandera schema.",
        )
        return decorate(schema)


def gx_check(mart: Mart) -> dg.AssetChecksDefinition:
    """A blocking check that a mart satisfies its suite; Data Docs are kept under CX_HOME."""

    @dg.asset_check(
        asset=dg.AssetKey([mart]),
        name="great_expectations",
        blocking=True,
        pool=WAREHOUSE_POOL,
        description=f"`{mart}` satisfies its Great Expectations suite; the result is a page in Data Docs.",
    )
    def great_expectations(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
            relation = connection.table(mart)
            frame = relation.select(*(c for c in audited_columns(mart) if c in relation.columns)).df()
        docs = settings.home / "data_docs"
        outcome = audit_mart(mart, frame, docs)
        if outcome.passed:
            stamp_audit(settings, mart)
        return _result(outcome, len(frame), docs)

    return great_expectations


def _result(outcome: CheckOutcome, rows: int, docs: Path | None = None) -> dg.AssetCheckResult:
    metadata: dict[str, dg.MetadataValue] = {
        "rows": dg.MetadataValue.int(rows),
        "summary": dg.MetadataValue.text(outcome.summary),
    }
    if outcome.failures:
        lines = [
            f"| {f.rule} | {f.column or ''} | {f.count} | {', '.join(map(str, f.example_ids[:EXAMPLES]))} |"
            for f in outcome.failures
        ]
        table = "\n".join(["| rule | column | rows | examples |", "| --- | --- | --- | --- |", *lines])
        metadata["failures"] = dg.MetadataValue.md(table)
    if docs is not None:
        metadata["data_docs"] = dg.MetadataValue.path(docs)
    return dg.AssetCheckResult(passed=outcome.passed, metadata=metadata)
