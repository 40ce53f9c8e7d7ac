"""What must hold of `rpt_status_board`: one row per area, a status that its rule bears out, no alarm without a rule."""

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    ROUNDING,
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    nested,
    one_of,
    present,
    week_starts_on_monday,
    weekday,
    zero,
)

KEY = ("workspace_id", "area")
AREAS = ("customer_experience", "coverage", "surveys", "ai_agent", "process", "topics", "scorer", "freshness")
ALARMS = ("at_risk", "act_now")
_COUNTS = ("signals", "signals_known", "signals_fired")
COLUMNS = (
    *KEY,
    *_COUNTS,
    "status",
    "rule",
    "says",
    "value",
    "value_low",
    "value_high",
    "side",
    "threshold",
    "week_start",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_status_board",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            *present("status"),
            one_of("area", AREAS),
            one_of("status", (*ALARMS, "running_well", "unknown")),
            one_of("side", ("below", "above")),
            *counts(*_COUNTS),
            *nested(*_COUNTS),
            week_starts_on_monday(),
            zero(
                "alarm_without_rule",
                "an_alarm_names_its_rule",
                "An area is at risk where a rule fired, and only there.",
            ),
            zero(
                "unknown_with_values", "unknown_is_what_has_no_value", "An area is unknown where no signal has a value."
            ),
            zero(
                "interval_reaches_threshold",
                "the_interval_lies_beyond_the_threshold",
                "A rule fires where the whole interval lies beyond its threshold.",
            ),
            zero(
                "value_outside_interval", "value_is_within_its_interval", "value_low <= value <= value_high.", ROUNDING
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    value, low, high = (column(frame, name).astype("float64") for name in ("value", "value_low", "value_high"))
    threshold = column(frame, "threshold").astype("float64")
    alarmed, ruled = column(frame, "status").isin(ALARMS), column(frame, "rule").notna()
    unknown, known = column(frame, "status").eq("unknown"), column(frame, "signals_known").gt(0)
    reached = (column(frame, "side").eq("below") & high.ge(threshold)) | (
        column(frame, "side").eq("above") & low.le(threshold)
    )
    return frame.assign(
        week_start_weekday=weekday(frame),
        alarm_without_rule=flagged(alarmed != ruled),
        unknown_with_values=flagged(unknown == known),
        interval_reaches_threshold=flagged(reached),
        value_outside_interval=value - value.clip(low, high),
    )
