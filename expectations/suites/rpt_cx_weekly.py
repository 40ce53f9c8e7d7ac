"""What must hold of `rpt_cx_weekly` before anybody sees it: one row per week and workspace, counts that nest.

The rules are those of the metric definitions; how the mart is computed is dbt's, and its unit tests are there.
"""

from collections.abc import Iterator

import great_expectations as gx
import pandas as pd
from great_expectations.expectations.expectation import Expectation

from expectations.suites.parts import (
    MINIMUM_N,
    ROUNDING,
    at_most,
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    intervals,
    nested,
    outside_interval,
    week_starts_on_monday,
    weekday,
    within,
    zero,
)

KEY = ("workspace_id", "week_start")
_COUNTS = (
    "conversations",
    "eligible",
    "scored",
    "positive",
    "neutral",
    "negative",
    "csat_requested",
    "csat_rated",
    "csat_positive",
    "with_effort",
    "with_negative_emotion",
    "with_positive_emotion",
    "with_fault",
    "issues",
    "issues_resolved",
    "with_issues",
    "with_all_issues_resolved",
    "customer_started",
    "agent_started",
    "first_responses",
    "first_human_responses",
    "reopened",
)
_RATES = (
    "cx_score",
    "cx_coverage",
    "csat_score",
    "csat_coverage",
    "cx_score_corrected",
    "first_published_cx_score",
    "effort_rate",
    "negative_emotion_rate",
    "positive_emotion_rate",
    "fault_rate",
    "issue_resolution_rate",
    "conversation_resolution_rate",
    "reopen_rate",
)
_WAITS = tuple(f"first_{who}response{hours}_minutes" for who in ("", "human_") for hours in ("", "_business"))
_CHANGE = ("cx_score_week_diff", "cx_score_week_rate_diff", "cx_score_week_mix_diff")
COLUMNS = (
    *KEY,
    *_COUNTS,
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    *(f"{wait}_{part}" for wait in _WAITS for part in ("median", "p90")),
    *_CHANGE,
    "target",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_cx_weekly",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            *counts(*_COUNTS),
            *nested("conversations", "eligible", "scored"),
            *nested("conversations", "csat_requested", "csat_rated", "csat_positive"),
            *nested("issues", "issues_resolved"),
            *nested("scored", "with_issues", "with_all_issues_resolved"),
            *nested("scored", "with_effort"),
            *nested("scored", "with_negative_emotion"),
            *nested("scored", "with_positive_emotion"),
            *nested("scored", "with_fault"),
            *nested("conversations", "reopened"),
            *nested("conversations", "customer_started", "first_responses"),
            *nested("customer_started", "first_human_responses"),
            *_waits(),
            zero(
                "change_error",
                "parts_of_the_change_add_up",
                "cx_score_week_diff = cx_score_week_rate_diff + cx_score_week_mix_diff.",
                ROUNDING,
            ),
            zero("scored_without_band", "bands_add_up_to_scored", "positive + neutral + negative = scored."),
            *intervals(*_RATES),
            zero(
                "rate_of_too_few",
                "too_few_scored_show_no_rate",
                f"Under {MINIMUM_N} scored conversations no CX score is published.",
            ),
        ],
    )


def _waits() -> Iterator[Expectation]:
    for wait in _WAITS:
        yield within(f"{wait}_median", "a_wait_is_not_negative", 0, None)
        yield at_most(f"{wait}_median", f"{wait}_p90", "the_median_is_at_most_the_90th_percentile")


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    too_few = column(frame, "scored").lt(MINIMUM_N)
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        scored_without_band=frame["scored"] - frame["positive"] - frame["neutral"] - frame["negative"],
        change_error=frame[_CHANGE[0]] - frame[_CHANGE[1]] - frame[_CHANGE[2]],
        rate_of_too_few=flagged(too_few & column(frame, "cx_score").notna()),
    )
