"""What must hold of `rpt_topic_trends`: what is called a trend or a spike rests on enough weeks and a test."""

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    intervals,
    nested,
    one_of,
    outside_interval,
    within,
    zero,
)

KEY = ("workspace_id", "topic")
LEAST_WEEKS = 6
Q_LIMIT = 0.10
_COUNTS = (
    "scored",
    "positive",
    "conversations",
    "week_conversations",
    "conversations_before",
    "week_conversations_before",
)
_RATES = ("cx_score", "topic_share", "topic_share_before")
_DISPERSIONS = ("cx_score_trend_dispersion", "topic_share_dispersion")
_TOLD = (
    *("last_week", "trend_weeks", "weeks_before", "cx_score_trend_q", "cx_score_trend_label"),
    *("cx_score_trend_diff", "cx_score_trend_diff_low", "cx_score_trend_diff_high"),
    *("topic_share_q", "topic_share_label", *_DISPERSIONS),
)
COLUMNS = (*KEY, *_COUNTS, *_TOLD, *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")))


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_topic_trends",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            *counts(*_COUNTS),
            *nested("scored", "positive"),
            *nested("week_conversations", "conversations"),
            *nested("week_conversations_before", "conversations_before"),
            *intervals(*_RATES),
            one_of("cx_score_trend_label", ("declining", "rising", "steady", "too_small", "too_short")),
            one_of("topic_share_label", ("spike", "usual", "too_small", "too_short")),
            *(within(name, "dispersion_never_narrows", 1, None) for name in _DISPERSIONS),
            zero("unproven_trend", "trend_is_proven", f"declining and rising have a q-value of {Q_LIMIT} or less."),
            zero("short_trend", "trend_is_long_enough", f"declining and rising rest on {LEAST_WEEKS} weeks or more."),
            zero("unproven_spike", "spike_is_proven", f"A spike has a q-value of {Q_LIMIT} or less."),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    is_trend = column(frame, "cx_score_trend_label").isin(["declining", "rising"])
    is_spike = column(frame, "topic_share_label").eq("spike")
    return outside_interval(frame, *_RATES).assign(
        unproven_trend=flagged(is_trend & ~column(frame, "cx_score_trend_q").le(Q_LIMIT)),
        short_trend=flagged(is_trend & column(frame, "trend_weeks").lt(LEAST_WEEKS)),
        unproven_spike=flagged(is_spike & ~column(frame, "topic_share_q").le(Q_LIMIT)),
    )
