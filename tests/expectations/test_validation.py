import subprocess
import sys

import polars as pl
import pytest

from expectations.schemas.tables import LAKE_TABLES, polars_schema
from expectations.validation import validate_table
from tests.builders import START
from tests.expectations.lake_rows import GOOD, HASH, NO_PLACE, lake_frame


def broken_rules(table, *changes):
    outcome = validate_table(table, lake_frame(table, *changes))
    assert outcome.passed == (not outcome.failures)
    return [(failure.rule, failure.column) for failure in outcome.failures]


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_good_row_of_each_table_passes(table):
    assert broken_rules(table) == []


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_an_empty_table_passes(table):
    outcome = validate_table(table, pl.DataFrame(schema=polars_schema(table)))
    assert outcome.passed
    assert outcome.summary == f"{table}: 0 rows keep every rule"


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_the_same_key_twice_fails(table):
    assert broken_rules(table, {}, {}) == [("key_is_unique", "")]


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_missing_column_is_named_and_no_rule_stumbles_over_it(table):
    name = list(GOOD[table])[-1]
    outcome = validate_table(table, lake_frame(table).drop(name))
    assert [(failure.rule, failure.column) for failure in outcome.failures] == [("column_is_missing", name)]


def test_an_unknown_column_and_a_wrong_order_are_named():
    wider = lake_frame("workspaces").with_columns(surprise=1)
    assert [(f.rule, f.column) for f in validate_table("workspaces", wider).failures] == [
        ("column_is_unknown", "surprise")
    ]
    turned = lake_frame("workspaces").select(reversed(lake_frame("workspaces").columns))
    assert {f.rule for f in validate_table("workspaces", turned).failures} == {"column_is_out_of_order"}


def test_a_column_of_another_type_is_named_once():
    frame = lake_frame("llm_calls").with_columns(pl.col("conversations").cast(pl.String))
    assert [(f.rule, f.column) for f in validate_table("llm_calls", frame).failures] == [
        ("dtype('Int64')", "conversations")
    ]


def test_failures_count_rows_and_show_at_most_five_ids():
    changes = [{"conversation_id": f"c{n}", "status": "scored?"} for n in range(8)]
    (failure, *_) = validate_table("judgements", lake_frame("judgements", *changes)).failures
    assert (failure.column, failure.count) == ("status", 8)
    assert failure.rule.startswith("isin(")
    assert failure.example_ids == ("c0", "c1", "c2", "c3", "c4")


def test_an_outcome_never_repeats_a_text():
    frame = lake_frame("messages", {}, {"kind": "shout"}, {"author_type": None})
    outcome = validate_table("messages", frame)
    assert not outcome.passed
    assert "ecret" not in repr(outcome)
    claims = validate_table("judgements", lake_frame("judgements", {}, {"status": "refused"}))
    assert "ecret" not in repr(claims)


def test_records_without_a_conversation_are_named_by_their_own_reference():
    (failure,) = validate_table("rejected", lake_frame("rejected", {}, {})).failures
    assert failure.example_ids == ()
    (failure,) = validate_table("workspaces", lake_frame("workspaces", {"timezone": "Mars/Base"})).failures
    assert (failure.rule, failure.example_ids) == ("timezone_is_known", ("*",))


PLANTED = [
    ("conversations", {"last_closed_at": START.replace(year=2020)}, "last_close_is_not_before_the_first"),
    ("conversations", {"first_closed_at": None}, "a_last_close_has_a_first"),
    ("judgements", {"claims_json": None}, "claims_exist_exactly_where_scored"),
    ("judgements", {"status": "refused"}, "claims_exist_exactly_where_scored"),
    ("judgements", {"cache_key": None}, "a_scored_version_names_its_cache_key"),
    ("judgements", {"windows": None}, "a_scored_version_counts_its_windows"),
    ("judgements", {"ineligible_rules": "spam"}, "rules_are_named_exactly_where_ineligible"),
    ("judgements", {"status": "ineligible", "claims_json": None}, "rules_are_named_exactly_where_ineligible"),
    ("conversation_scores", {"score": 3}, "score_is_the_rounded_raw_score"),
    ("conversation_scores", {"raw_score": 3.5}, "score_is_the_rounded_raw_score"),
    ("conversation_scores", {"claims_total": 0}, "proven_claims_are_among_all_claims"),
    ("conversation_scores", {"grounds_code": "weak_evidence"}, "weak_evidence_means_nothing_proven"),
    ("dimension_scores", {"proven": 2}, "proven_claims_are_among_all_claims"),
    ("dimension_scores", {"proven": 0}, "unproven_claims_contribute_nothing"),
    ("score_reasons", {"quote": "my mone"}, "quote_is_as_long_as_its_offsets"),
    ("score_reasons", {"sign": "negative"}, "sign_is_the_sign_of_the_weight"),
    ("score_reasons", {"weight": 0.0}, "sign_is_the_sign_of_the_weight"),
    ("score_reasons", {"message_id": None}, "a_place_is_known_exactly_where_proven"),
    ("score_reasons", {"evidence_count": 0}, "evidence_is_counted_exactly_where_proven"),
    ("score_reasons", {**NO_PLACE, "weight": 0.1, "sign": "positive"}, "a_rejected_claim_weighs_nothing"),
    ("score_reasons", {**NO_PLACE, "message_id": "m0"}, "a_place_is_known_exactly_where_proven"),
    ("score_reasons", {"match_kind": "computed"}, "only_code_proves_without_a_quote"),
    ("issues", {"end_offset": 13}, "quote_is_as_long_as_its_offsets"),
    ("issues", {"evidence_kind": "absence"}, "only_code_proves_without_a_quote"),
    ("feedback_items", {"kind": "refund"}, "kind_belongs_to_its_dimension"),
    ("feedback_items", {"dimension": "policy_feedback"}, "kind_belongs_to_its_dimension"),
    ("llm_calls", {"cost_usd": -0.01}, "cost_is_not_negative"),
    ("llm_calls", {"latency_ms": -1.0}, "latency_is_not_negative"),
    ("ledger", {"cost_usd": -0.01}, "cost_is_not_negative"),
    ("ledger", {"unpriced": 3}, "unpriced_calls_are_among_calls"),
]


@pytest.mark.parametrize(("table", "fault", "rule"), PLANTED)
def test_each_planted_fault_fails_with_its_rule(table, fault, rule):
    assert [name for name, _ in broken_rules(table, fault)] == [rule]


@pytest.mark.parametrize("end", [0, 4])
def test_an_end_that_does_not_follow_its_start_fails(end):
    rules = {name for name, _ in broken_rules("issues", {"start_offset": 4, "end_offset": end})}
    assert "end_offset_follows_start_offset" in rules


@pytest.mark.parametrize(
    ("table", "variant"),
    [
        ("score_reasons", NO_PLACE),
        ("score_reasons", {"match_kind": "computed", "evidence_kind": "timing"}),
        ("score_reasons", {"quote": "👍🏽 e\u0301 ok"}),
        ("judgements", {"status": "pending", "claims_json": None, "cache_key": None, "windows": None}),
        ("judgements", {"status": "ineligible", "claims_json": None, "cache_key": None, "ineligible_rules": "spam"}),
        ("conversations", {"first_closed_at": None, "last_closed_at": None, "state": "open"}),
        (
            "conversation_scores",
            {"score": 3, "raw_score": 3.0, "grounds_code": "weak_evidence", "claims_proven": 0},
        ),
        ("feedback_items", {"dimension": "policy_feedback", "kind": "refund"}),
        ("llm_calls", {"cost_usd": None, "cache_key": HASH}),
        ("workspaces", {"timezone": "UTC"}),
    ],
)
def test_what_is_allowed_passes(table, variant):
    assert broken_rules(table, variant) == []


def test_a_thousand_rows_are_counted_together():
    frame = lake_frame("issues", *({"issue_position": n, "end_offset": 13} for n in range(1000)))
    (failure,) = validate_table("issues", frame).failures
    assert (failure.count, failure.example_ids) == (1000, ("c1",))


def test_importing_the_checks_loads_neither_pandera_nor_great_expectations():
    code = (
        "import sys; import expectations.validation, expectations.audit, expectations.outcome;"
        "print([m for m in ('pandera', 'great_expectations', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
