"""What must hold of `rpt_process_faults_weekly`: one row per fault, topic and week, no claim on too few.

That no proven fault is lost or counted twice is a dbt test, as it needs two marts.
"""

from typing import get_args

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    AMPLE_N,
    MINIMUM_N,
    ROUNDING,
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    intervals,
    nested,
    one_of,
    outside_interval,
    rates,
    week_starts_on_monday,
    weekday,
    within,
    zero,
)
from scoring_ops.claims import FaultKind

KEY = ("workspace_id", "week_start", "fault", "topic")
BASELINE_WEEKS = 8
_COUNTS = ("scored", "faulty", "baseline_weeks", "baseline_scored", "baseline_faulty")
_RATES = ("fault_rate", "baseline_fault_rate")
_SURE = ("more", "fewer", "noise")
COLUMNS = (
    *KEY,
    *_COUNTS,
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    "fault_rate_diff",
    "fault_rate_q",
    "fault_rate_label",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_process_faults_weekly",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            one_of("fault", get_args(FaultKind)),
            *counts(*_COUNTS),
            *nested("scored", "faulty"),
            *nested("baseline_scored", "baseline_faulty"),
            within("baseline_weeks", "baseline_is_at_most_8_weeks", 0, BASELINE_WEEKS),
            *intervals(*_RATES),
            *rates("fault_rate_q"),
            one_of("fault_rate_label", (*_SURE, "too_small")),
            zero(
                "difference_error",
                "difference_is_that_of_the_rates",
                "fault_rate_diff = fault_rate - baseline_fault_rate.",
                ROUNDING,
            ),
            zero(
                "rate_of_too_few",
                "too_few_scored_show_no_rate",
                f"Under {MINIMUM_N} scored conversations no fault rate is published.",
            ),
            zero(
                "label_of_too_few",
                "too_few_are_not_tested",
                f"Under {AMPLE_N} scored conversations on either side a fault is neither more nor fewer than usual.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    scored, baseline = column(frame, "scored"), column(frame, "baseline_scored")
    claimed = column(frame, "fault_rate_label").isin(_SURE)
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        difference_error=frame["fault_rate_diff"] - frame["fault_rate"] + frame["baseline_fault_rate"],
        rate_of_too_few=flagged(scored.lt(MINIMUM_N) & column(frame, "fault_rate").notna()),
        label_of_too_few=flagged((scored.lt(AMPLE_N) | baseline.lt(AMPLE_N)) & claimed),
    )
