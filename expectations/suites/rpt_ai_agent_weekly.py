"""What must hold of `rpt_ai_agent_weekly`: resolutions nest, and both ways of counting them fit together."""

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
    outside_interval,
    week_starts_on_monday,
    weekday,
    zero,
)

KEY = ("workspace_id", "week_start")
_COUNTS = (
    "conversations",
    "eligible",
    "ai_conversations",
    "ai_resolved",
    "ai_resolved_confirmed",
    "ai_resolved_assumed",
    "ai_resolved_as_first_reported",
    "ai_rescinded",
    "ai_resolved_later",
    "ai_resolved_scored",
    "ai_resolved_negative",
)
_RATES = (
    "ai_participation",
    "ai_resolution_rate",
    "ai_resolution_rate_as_first_reported",
    "automation_rate",
    "false_resolution_rate",
)
COLUMNS = (*KEY, *_COUNTS, *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")))


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_ai_agent_weekly",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            *counts(*_COUNTS),
            *nested("conversations", "eligible"),
            *nested("conversations", "ai_conversations", "ai_resolved", "ai_resolved_scored", "ai_resolved_negative"),
            *nested("ai_conversations", "ai_resolved_as_first_reported", "ai_rescinded"),
            *intervals(*_RATES),
            zero(
                "resolved_without_kind",
                "confirmed_and_assumed_are_the_resolved",
                "ai_resolved_confirmed + ai_resolved_assumed = ai_resolved.",
            ),
            zero(
                "restatement_error",
                "now_is_first_report_less_rescinded_plus_later",
                "ai_resolved = ai_resolved_as_first_reported - ai_rescinded + ai_resolved_later.",
            ),
            zero(
                "automation_error",
                "automation_is_participation_times_resolution",
                "automation_rate = ai_participation * ai_resolution_rate.",
                ROUNDING,
            ),
            zero(
                "rate_of_too_few",
                "too_few_with_an_ai_reply_show_no_rate",
                f"Under {MINIMUM_N} conversations with an AI reply no resolution rate is published.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    too_few = column(frame, "ai_conversations").lt(MINIMUM_N)
    rate = column(frame, "ai_resolution_rate")
    return outside_interval(frame, *_RATES).assign(
        week_start_weekday=weekday(frame),
        resolved_without_kind=frame["ai_resolved"] - frame["ai_resolved_confirmed"] - frame["ai_resolved_assumed"],
        restatement_error=frame["ai_resolved"]
        - frame["ai_resolved_as_first_reported"]
        + frame["ai_rescinded"]
        - frame["ai_resolved_later"],
        automation_error=frame["automation_rate"] - frame["ai_participation"] * rate,
        rate_of_too_few=flagged(too_few & rate.notna()),
    )
