"""What must hold of `rpt_csat_comparison`: groups make up their whole, and the gap is the sum of its terms.

The identities are checked here to rounding, on the published numbers; intervals and tests are dbt's.
"""

from typing import cast, get_args

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
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
    within,
    zero,
)
from scoring_ops.conversation import AgentMix

KEY = ("workspace_id", "period", "week_start", "agent_mix")
_POPULATIONS = ("conversations", "scored", "positive", "csat_requested", "csat_rated", "csat_positive")
_GROUPS = ("responders_scored", "others_scored", "silent_scored", "asked_scored", "unasked_scored")
_RATES = ("cx_score", "csat_score", "responders_cx_score", "others_cx_score", "silent_cx_score", "unasked_cx_score")
_TERMS = ("csat_unscored_diff", "csat_measurement_diff", "csat_selection_diff")
_DIFFERENCES = ("response_bias_diff", "csat_gap_diff", *_TERMS)
_BOUNDED = tuple(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high"))
COLUMNS = (*KEY, *_POPULATIONS, *_GROUPS, *_BOUNDED, *_DIFFERENCES)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_csat_comparison",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            one_of("period", ("week", "trailing_4_weeks")),
            one_of("agent_mix", (*get_args(AgentMix), "all")),
            *counts(*_POPULATIONS, *_GROUPS),
            *nested("conversations", "scored", "positive"),
            *nested("conversations", "csat_requested", "csat_rated", "csat_positive"),
            *nested("csat_rated", "responders_scored"),
            zero(
                "scored_without_group",
                "responders_silent_and_unasked_are_the_scored",
                "responders_scored + silent_scored + unasked_scored = scored.",
            ),
            zero("others_error", "others_are_silent_or_unasked", "silent_scored + unasked_scored = others_scored."),
            zero("asked_error", "asked_are_responders_or_silent", "responders_scored + silent_scored = asked_scored."),
            *intervals(*_RATES),
            *(within(name, "difference_is_from_minus_1_to_1", -1, 1) for name in _DIFFERENCES),
            zero("gap_error", "the_gap_is_the_sum_of_its_terms", f"csat_gap_diff = {' + '.join(_TERMS)}.", ROUNDING),
            zero(
                "comparison_of_too_few",
                "too_few_are_not_compared",
                f"Under {MINIMUM_N} responders no term and no bias is published.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    shown = cast("pd.Series", frame[["response_bias_diff", *_TERMS]].notna().any(axis="columns"))
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        scored_without_group=frame["scored"]
        - frame["responders_scored"]
        - frame["silent_scored"]
        - frame["unasked_scored"],
        others_error=frame["others_scored"] - frame["silent_scored"] - frame["unasked_scored"],
        asked_error=frame["asked_scored"] - frame["responders_scored"] - frame["silent_scored"],
        gap_error=frame["csat_gap_diff"] - frame[list(_TERMS)].sum(axis="columns", skipna=False),
        comparison_of_too_few=flagged(column(frame, "responders_scored").lt(MINIMUM_N) & shown),
    )
