"""Audits of marts by Great Expectations: a frame in, an outcome and a page of Data Docs out.

Great Expectations cannot query DuckDB, so the mart comes as a pandas frame; it costs 2.7 s and 269 MB to import and
is loaded with the first audit. It runs in memory: no project folder, no progress bars, no analytics, no network.
"""

import warnings
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from expectations.outcome import EXAMPLES, CheckOutcome, Failure, outcome_of

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult

Mart = Literal[
    "fct_conversations",
    "rpt_cx_weekly",
    "rpt_cx_weekly_by_segment",
    "rpt_score_drivers_weekly",
    "rpt_coverage_weekly",
    "rpt_csat_comparison",
    "rpt_ai_agent_weekly",
    "rpt_topic_trends",
    "rpt_process_faults_weekly",
    "rpt_metric_stability",
    "rpt_status_board",
    "rpt_scorer_versions",
    "rpt_cost_daily",
]
_SHAPE = "expect_table_columns_to_match_set"
AUDITED_MARTS: tuple[Mart, ...] = get_args(Mart)


class Suite(Protocol):
    """What each module of `suites/` offers."""

    KEY: tuple[str, ...]
    COLUMNS: tuple[str, ...]

    def build_suite(self) -> "gx.ExpectationSuite":
        """The expectations of a mart."""
        ...

    def derive(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """The mart with the computed columns that its expectations name."""
        ...


class AuditBroken(Exception):
    """An expectation that could not be evaluated: the audit says nothing about the mart."""


def audited_columns(mart: Mart) -> tuple[str, ...]:
    """The columns an audit of the mart reads: all that a caller has to load."""
    return _suite(mart).COLUMNS


def audit_mart(mart: Mart, frame: "pd.DataFrame", docs_dir: Path | None = None) -> CheckOutcome:
    """Whether a mart keeps its expectations; a mart without its columns is held to that alone.

    Args:
        mart: whose suite holds.
        frame: the mart, at least its `audited_columns`; zero rows are a valid mart.
        docs_dir: where the page of this audit and the `index.html` of all audits are written; nowhere without it.

    Raises:
        AuditBroken: an expectation could not be evaluated, such as a rate that is a text.
    """
    suite = _suite(mart)
    missing = sorted(set(suite.COLUMNS) - set(frame.columns))
    result = _validate(suite, frame if missing else suite.derive(frame), shape_only=bool(missing))
    if docs_dir is not None:
        from expectations.data_docs import write_data_docs  # noqa: PLC0415

        write_data_docs(result, docs_dir)
    failures = [Failure("column_is_missing", name, 1) for name in missing] or _failures(result, suite.KEY)
    return outcome_of(mart, len(frame), failures)


def _suite(mart: Mart) -> Suite:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Great Expectations imports sre_constants
        return cast("Suite", import_module(f"expectations.suites.{mart}"))


def _validate(suite: Suite, frame: "pd.DataFrame", *, shape_only: bool) -> "ExpectationSuiteValidationResult":
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    expectations = suite.build_suite()
    if shape_only:
        expectations.expectations = [e for e in expectations.expectations if e.expectation_type == _SHAPE]
    asset = context.data_sources.add_pandas("marts").add_dataframe_asset(expectations.name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": list(suite.KEY)}
    return batch.validate(expectations, result_format={"result_format": "BASIC"} if shape_only else complete)


def _failures(result: "ExpectationSuiteValidationResult", key: tuple[str, ...]) -> list[Failure]:
    failures: list[Failure] = []
    for checked in result.results:
        expectation = checked.expectation_config
        if checked.success or expectation is None:
            continue
        rule = cast("dict[str, str]", expectation.meta)["rule"]
        found = cast("dict[str, object]", checked.result)
        if "unexpected_count" not in found:
            raise AuditBroken(f"{result.suite_name}: {rule} could not be evaluated: {checked.exception_info}")
        count = cast("int", found["unexpected_count"])
        rows = cast("list[dict[str, object]]", found.get("unexpected_index_list") or [])
        failures.append(Failure(rule, _column(cast("dict[str, object]", expectation.kwargs)), count, _ids(rows, key)))
    return failures


def _column(kwargs: dict[str, object]) -> str:
    """The column an expectation is about, of a pair the one that must not exceed the other; empty for a key."""
    return str(kwargs.get("column") or kwargs.get("column_B") or "")


def _ids(rows: list[dict[str, object]], key: tuple[str, ...]) -> tuple[str, ...]:
    ids = dict.fromkeys("/".join(_plain(row[name]) for name in key) for row in rows[:EXAMPLES])
    return tuple(ids)


def _plain(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)
