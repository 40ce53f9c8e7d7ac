"""What must hold of `rpt_cost_daily`: one row per day and scorer, calls that add up, money where prices are known."""

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    ROUNDING,
    column,
    columns_exist,
    counts,
    flagged,
    grain_is_unique,
    intervals,
    nested,
    outside_interval,
    within,
    zero,
)

KEY = ("called_on", "scorer_version")
_COUNTS = ("calls", "answered", "failed", "versions", "versions_cached", "input_tokens", "output_tokens", "unpriced")
_RATES = ("failed_rate", "cached_share")
COLUMNS = (
    *KEY,
    *_COUNTS,
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    "cost_usd",
    "cost_usd_per_1000",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_cost_daily",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            *counts(*_COUNTS),
            *nested("calls", "answered"),
            *nested("calls", "unpriced"),
            *nested("versions", "versions_cached"),
            *intervals(*_RATES),
            within("cost_usd", "money_is_not_negative", 0, None),
            zero("call_error", "calls_are_answered_or_failed", "calls = answered + failed."),
            zero(
                "money_of_unknown", "money_is_known_or_not", "Money is told where every price is known, and only there."
            ),
            zero(
                "price_error",
                "price_per_1000_is_that_of_the_money",
                "cost_usd_per_1000 = 1000 cost_usd / versions.",
                ROUNDING,
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    cost, versions = column(frame, "cost_usd").astype("float64"), column(frame, "versions").astype("float64")
    return outside_interval(frame, *_RATES).assign(
        call_error=frame["calls"] - frame["answered"] - frame["failed"],
        money_of_unknown=flagged(cost.isna() != column(frame, "unpriced").gt(0)),
        price_error=column(frame, "cost_usd_per_1000").astype("float64") * versions / 1000 - cost,
    )
