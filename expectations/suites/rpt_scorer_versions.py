"""What must hold of `rpt_scorer_versions`: one row per scorer, its role as it is used, claims proven among all."""

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
    rates,
    within,
    zero,
)
from scoring_ops.score import SCORE_MAX, SCORE_MIN

KEY = ("scorer_version",)
_COUNTS = (
    *("workspaces_in_use", "weeks_reported", "workspaces", "scored", "positive", "negative"),
    *("claims_total", "claims_proven", "calls", "unpriced"),
)
_RATES = ("cx_score", "negative_share", "evidence_valid_rate", "sensitivity", "specificity")
COLUMNS = (
    *KEY,
    "role",
    *_COUNTS,
    *(f"{rate}{bound}" for rate in _RATES for bound in ("", "_low", "_high")),
    *("mean_score", "mean_confidence", "positive_f1", "not_positive_f1", "cost_usd"),
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="rpt_scorer_versions",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            one_of("role", ("in_use", "replaced", "shadow")),
            *counts(*_COUNTS),
            *nested("scored", "positive"),
            *nested("scored", "negative"),
            *nested("claims_total", "claims_proven"),
            *nested("calls", "unpriced"),
            *intervals(*_RATES),
            *rates("mean_confidence", "positive_f1", "not_positive_f1"),
            within("mean_score", "score_is_on_the_scale", SCORE_MIN, SCORE_MAX),
            within("cost_usd", "money_is_not_negative", 0, None),
            zero("role_error", "role_is_that_of_its_use", "A scorer is in use where it is some workspace's champion."),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    used = column(frame, "workspaces_in_use").gt(0)
    return outside_interval(frame, *_RATES).assign(
        role_error=flagged(column(frame, "role").eq("in_use") != used),
    )
