"""Expectations that several marts share, each under the name of the rule it stands for.

A rule's name is what a failed check reports; its description is what Data Docs print. Great Expectations compares
columns with constants, so what relates three columns is first computed into one that must be 0. Importing this
module loads Great Expectations (2.7 s): only `audit.py` does, when a mart is audited.
"""

from collections.abc import Iterable
from typing import cast

import pandas as pd
from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
    ExpectColumnPairValuesAToBeGreaterThanB,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import ExpectCompoundColumnsToBeUnique
from great_expectations.expectations.core.expect_table_columns_to_match_set import ExpectTableColumnsToMatchSet
from great_expectations.expectations.expectation import Expectation

RULE = "rule"
MINIMUM_N = 10  # under it a rate is not published at all: docs/decisions.md, small numbers
AMPLE_N = 30  # under it nothing is tested, ranked or alerted
ROUNDING = 1e-9

Expectations = tuple[Expectation, ...]


def columns_exist(columns: Iterable[str]) -> Expectation:
    """The mart has these columns, whatever else it has: a mart may grow, its contract may not shrink."""
    # Without a description Data Docs list the columns themselves.
    return ExpectTableColumnsToMatchSet(column_set=sorted(columns), exact_match=False, meta=_rule("columns_exist"))


def grain_is_unique(columns: tuple[str, ...]) -> Expectations:
    """One row per key, and no key without a value."""
    claim = f"One row per {', '.join(columns)}."
    unique: Expectation
    if len(columns) == 1:
        unique = ExpectColumnValuesToBeUnique(column=columns[0], meta=_rule("grain_is_unique"), description=claim)
    else:
        unique = ExpectCompoundColumnsToBeUnique(
            column_list=list(columns), meta=_rule("grain_is_unique"), description=claim
        )
    return (unique, *present(*columns))


def present(*columns: str) -> Expectations:
    """These columns have a value in each row."""
    return tuple(
        ExpectColumnValuesToNotBeNull(column=name, meta=_rule("value_is_present"), description=f"Each row has {name}.")
        for name in columns
    )


def one_of(column: str, values: Iterable[str]) -> Expectation:
    """A column holds only these values, or none."""
    known = sorted(values)
    claim = f"{column} is one of {', '.join(known)}."
    return ExpectColumnValuesToBeInSet(column=column, value_set=known, meta=_rule("value_is_known"), description=claim)


def within(column: str, rule: str, low: float, high: float | None) -> Expectation:
    """A column lies between two bounds, both included; nulls are left out."""
    claim = f"{column} is at least {low:g}" + (f" and at most {high:g}." if high is not None else ".")
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, meta=_rule(rule), description=claim
    )


def counts(*columns: str) -> Expectations:
    """Counts are there in each row and never negative."""
    return (*present(*columns), *(within(name, "count_is_not_negative", 0, None) for name in columns))


def at_most(smaller: str, larger: str, rule: str) -> Expectation:
    """One column never exceeds another; rows without both are left out."""
    return ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=larger,
        column_B=smaller,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        meta=_rule(rule),
        description=f"{smaller} is at most {larger}.",
    )


def nested(*columns: str) -> Expectations:
    """Populations, the widest first, each within the one before it."""
    pairs = zip(columns[1:], columns, strict=False)
    return tuple(at_most(inner, outer, f"{inner}_are_among_{outer}") for inner, outer in pairs)


def rates(*columns: str) -> Expectations:
    """Rates are fractions from 0 to 1, or null where too few conversations stand behind them."""
    return tuple(within(name, "rate_is_a_fraction", 0, 1) for name in columns)


def intervals(*columns: str) -> Expectations:
    """Each rate and both its bounds are fractions, and it lies between them; holds with `outside_interval`."""
    found: list[Expectation] = []
    for name in columns:
        claim = f"{name}_low <= {name} <= {name}_high."
        found.extend(rates(name, f"{name}_low", f"{name}_high"))
        found.append(zero(f"{name}_outside_interval", "rate_is_within_its_interval", claim, ROUNDING))
    return tuple(found)


def outside_interval(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The mart with the distance of each rate from its interval: 0 within it, null where there is none."""
    computed: dict[str, pd.Series] = {}
    for name in columns:
        rate, low, high = (column(frame, f"{name}{bound}").astype("float64") for bound in ("", "_low", "_high"))
        computed[f"{name}_outside_interval"] = rate - rate.clip(low, high)
    return frame.assign(**computed)


def zero(column: str, rule: str, claim: str, tolerance: float = 0) -> Expectation:
    """A computed column is 0: the relation it stands for holds."""
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=-tolerance, max_value=tolerance, meta=_rule(rule), description=claim
    )


def week_starts_on_monday() -> Expectation:
    """Holds with the column that `weekday` computes."""
    return zero("week_start_weekday", "week_starts_on_monday", "Each week starts on a Monday.")


def weekday(frame: pd.DataFrame) -> pd.Series:
    """Days from Monday to `week_start`, null where there is no week."""
    return cast("pd.Series", pd.to_datetime(column(frame, "week_start")).dt.day_of_week)


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """One column of a mart, typed as what it is."""
    return cast("pd.Series", frame[name])


def flagged(broken: pd.Series) -> pd.Series:
    """1 where a row breaks a rule, else 0."""
    return broken.astype("int64")


def _rule(name: str) -> dict[str, str]:
    return {RULE: name}
