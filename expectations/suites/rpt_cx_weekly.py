"""What must hold of `rpt_cx_weekly` before anybody sees it: one row per week and workspace, counts that nest.

The rules are those of the metric definitions; how the mart is computed is dbt's, and its unit tests are there.
"""

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    MINIMUM_N,
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
)
_RATES = ("cx_score", "cx_coverage", "csat_score", "csat_coverage")
COLUMNS = (*KEY, *_COUNTS, *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")), "target")


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
            zero("scored_without_band", "bands_add_up_to_scored", "positive + neutral + negative = scored."),
            *intervals(*_RATES),
            zero(
                "rate_of_too_few",
                "too_few_scored_show_no_rate",
                f"Under {MINIMUM_N} scored conversations no CX score is published.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    too_few = column(frame, "scored").lt(MINIMUM_N)
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        scored_without_band=frame["scored"] - frame["positive"] - frame["neutral"] - frame["negative"],
        rate_of_too_few=flagged(too_few & column(frame, "cx_score").notna()),
    )
