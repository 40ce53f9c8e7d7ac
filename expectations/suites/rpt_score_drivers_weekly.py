"""What must hold of `rpt_score_drivers_weekly`: a removal moves scores one way, by those that cross the line."""

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
    week_starts_on_monday,
    weekday,
    zero,
)
from scoring_ops.claims import Sign
from scoring_ops.rubric.dimensions import DIMENSIONS

KEY = ("workspace_id", "week_start", "dimension", "sign")
_COUNTS = ("scored", "scored_with", "positive", "crossing", "positive_without")
_RATES = ("scored_with_share", "cx_score", "cx_score_without")
COLUMNS = (
    *KEY,
    *_COUNTS,
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    "cx_score_without_diff",
    "driver_rank",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_score_drivers_weekly",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            one_of("dimension", DIMENSIONS),
            one_of("sign", get_args(Sign)),
            *counts(*_COUNTS),
            *nested("scored", "scored_with", "crossing"),
            *nested("scored", "positive"),
            *nested("scored", "positive_without"),
            *intervals(*_RATES),
            zero(
                "crossing_error",
                "those_that_cross_are_the_difference",
                "positive_without = positive + crossing (negative sign) or - crossing (positive sign).",
            ),
            zero(
                "difference_error",
                "difference_is_that_of_the_scores",
                "cx_score_without_diff = cx_score_without - cx_score.",
                ROUNDING,
            ),
            zero(
                "rate_of_too_few",
                "too_few_scored_show_no_rate",
                f"Under {MINIMUM_N} scored conversations no CX score is published.",
            ),
            zero(
                "rank_of_too_few",
                "too_few_scored_are_not_ranked",
                f"Under {AMPLE_N} scored conversations nothing ranks.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    scored = column(frame, "scored")
    direction = 2 * flagged(column(frame, "sign").eq("negative")) - 1
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        crossing_error=frame["positive_without"] - frame["positive"] - direction * frame["crossing"],
        difference_error=frame["cx_score_without_diff"] - frame["cx_score_without"] + frame["cx_score"],
        rate_of_too_few=flagged(scored.lt(MINIMUM_N) & column(frame, "cx_score").notna()),
        rank_of_too_few=flagged(scored.lt(AMPLE_N) & column(frame, "driver_rank").notna()),
    )
