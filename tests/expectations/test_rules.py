from typing import get_args

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.rules import rounded, rules_of
from expectations.schemas.tables import LAKE_TABLES, polars_schema
from scoring_ops.claims import FeedbackKind, Policy
from scoring_ops.weighing import to_score


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.floats(-5, 11) | st.sampled_from([1.5, 2.5, 3.0, 3.5, 4.5]), min_size=1))
def test_a_column_of_raw_scores_is_rounded_as_the_scorecard_rounds(raws):
    whole = pl.DataFrame({"raw": raws}).select(rounded(pl.col("raw"))).to_series()
    assert whole.to_list() == [to_score(raw) for raw in raws]


def test_rules_name_columns_that_their_table_has():
    for table in LAKE_TABLES:
        for rule in rules_of(table):
            assert {rule.column, *rule.broken.meta.root_names()} <= set(polars_schema(table))


def test_no_kind_of_feedback_belongs_to_both_dimensions():
    assert not set(get_args(FeedbackKind)) & set(get_args(Policy))
