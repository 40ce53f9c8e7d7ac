"""What must hold of `rpt_cx_weekly_by_segment`: one row per segment and week, and no claim on too few conversations.

That the segments of each kind add up to the week is a dbt test, as it needs two marts.
"""

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    AMPLE_N,
    MINIMUM_N,
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
    zero,
)

KEY = ("workspace_id", "week_start", "segment_kind", "segment")
KINDS = ("channel", "language", "agent_mix", "topic", "team")
_COUNTS = ("conversations", "eligible", "scored", "positive", "neutral", "negative", "csat_rated", "csat_positive")
_RATES = ("cx_score", "cx_score_rest", "cx_coverage", "csat_score")
_LABELS = {
    "cx_score_rest_label": ("better", "worse", "noise", "too_small"),
    "cx_score_week_label": ("real", "noise", "too_small"),
}
_SURE = ("better", "worse", "real", "noise")
_Q = ("cx_score_rest_q", "cx_score_week_q")
COLUMNS = (
    *KEY,
    *_COUNTS,
    "rest_scored",
    "rest_positive",
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    *_Q,
    *_LABELS,
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_cx_weekly_by_segment",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            one_of("segment_kind", KINDS),
            *counts(*_COUNTS, "rest_scored", "rest_positive"),
            *nested("conversations", "eligible", "scored"),
            *nested("conversations", "csat_rated", "csat_positive"),
            *nested("rest_scored", "rest_positive"),
            zero("scored_without_band", "bands_add_up_to_scored", "positive + neutral + negative = scored."),
            *intervals(*_RATES),
            *rates(*_Q),
            *(one_of(label, values) for label, values in _LABELS.items()),
            zero(
                "rate_of_too_few",
                "too_few_scored_show_no_rate",
                f"Under {MINIMUM_N} scored conversations no CX score is published.",
            ),
            zero(
                "label_of_too_few",
                "too_few_scored_are_not_tested",
                f"Under {AMPLE_N} scored conversations a segment is neither better nor worse, and no change is real.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    scored = column(frame, "scored")
    claimed = column(frame, "cx_score_rest_label").isin(_SURE) | column(frame, "cx_score_week_label").isin(_SURE)
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        scored_without_band=frame["scored"] - frame["positive"] - frame["neutral"] - frame["negative"],
        rate_of_too_few=flagged(scored.lt(MINIMUM_N) & column(frame, "cx_score").notna()),
        label_of_too_few=flagged(scored.lt(AMPLE_N) & claimed),
    )
