"""What must hold of `rpt_coverage_weekly`: every conversation has one status, and coverages multiply as they must.

The identity CSAT coverage = request rate x response rate is checked here to rounding, on the published numbers.
"""

from typing import get_args

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    ROUNDING,
    columns_exist,
    counts,
    grain_is_unique,
    intervals,
    nested,
    outside_interval,
    week_starts_on_monday,
    weekday,
    within,
    zero,
)
from scoring_ops.judges.protocol import Status

KEY = ("workspace_id", "week_start")
_STATUSES = get_args(Status)
_COUNTS = ("conversations", "eligible", *_STATUSES, "csat_requested", "csat_rated")
_RATES = ("cx_coverage", "cx_eligible_coverage", "csat_request_rate", "csat_response_rate", "csat_coverage")
_BOUNDED = tuple(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high"))
COLUMNS = (*KEY, *_COUNTS, *_BOUNDED, "coverage_multiple")


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_coverage_weekly",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            *counts(*_COUNTS),
            *nested("conversations", "eligible", "scored"),
            *nested("conversations", "csat_requested", "csat_rated"),
            zero("without_status", "statuses_add_up_to_conversations", f"{' + '.join(_STATUSES)} = conversations."),
            zero("eligible_error", "eligible_is_all_but_ineligible", "eligible + ineligible = conversations."),
            *intervals(*_RATES),
            within("coverage_multiple", "multiple_is_not_negative", 0, None),
            zero(
                "csat_coverage_error",
                "csat_coverage_is_request_rate_times_response_rate",
                "csat_coverage = csat_request_rate x csat_response_rate.",
                ROUNDING,
            ),
            zero(
                "cx_coverage_error",
                "cx_coverage_is_scored_of_conversations",
                "cx_coverage = scored / conversations.",
                ROUNDING,
            ),
            zero(
                "multiple_error",
                "multiple_is_cx_coverage_over_csat_coverage",
                "coverage_multiple x csat_coverage = cx_coverage.",
                ROUNDING,
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        without_status=frame["conversations"] - frame[list(_STATUSES)].sum(axis="columns"),
        eligible_error=frame["conversations"] - frame["eligible"] - frame["ineligible"],
        csat_coverage_error=frame["csat_coverage"] - frame["csat_request_rate"] * frame["csat_response_rate"],
        cx_coverage_error=frame["cx_coverage"] - frame["scored"] / frame["conversations"],
        multiple_error=frame["cx_coverage"] - frame["coverage_multiple"] * frame["csat_coverage"],
    )
