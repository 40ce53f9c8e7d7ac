"""What must hold of `rpt_metric_stability`: both metrics on the same weeks, and no spread over too few of them.

How a spread is computed is dbt's; here stands what a reader of two rows side by side relies on.
"""

from typing import cast

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    ROUNDING,
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    one_of,
    rates,
    zero,
)

KEY = ("workspace_id", "metric")
MINIMUM_WEEKS = 12
_SPREADS = ("weekly_sd", "sampling_sd", "sampling_share", "excess_sd", "sd_at_csat_n")
COLUMNS = (*KEY, "weeks", "observations", "mean_rate", *_SPREADS)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_metric_stability",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            one_of("metric", ("cx_score", "csat_score")),
            *counts("weeks", "observations"),
            *rates("mean_rate", *_SPREADS),
            zero("other_weeks", "both_metrics_stand_on_the_same_weeks", "Every metric of a workspace has equal weeks."),
            zero("shown_too_early", "few_weeks_show_no_spread", f"Under {MINIMUM_WEEKS} weeks nothing is shown."),
            zero("shrunk", "fewer_conversations_are_not_steadier", "sd_at_csat_n is at least weekly_sd.", ROUNDING),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    shown = cast("pd.Series", frame[["mean_rate", *_SPREADS]].notna().any(axis="columns"))
    gained = column(frame, "sd_at_csat_n").astype("float64") - column(frame, "weekly_sd").astype("float64")
    most = cast("pd.Series", frame.groupby("workspace_id", dropna=False)["weeks"].transform("max"))
    return frame.assign(
        other_weeks=most - frame["weeks"],
        shown_too_early=flagged(column(frame, "weeks").lt(MINIMUM_WEEKS) & shown),
        shrunk=gained.clip(upper=0),
    )
