"""Numbers computed by hand from tiny_lake.py, and what a real `dbt build` makes of the same lake."""

from datetime import date, datetime

import pytest

from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.lake_builder import SCORER, SHADOW
from tests.dbt.tiny_lake import TinyLake, fill

pytestmark = pytest.mark.slow

WEEK = date(2026, 3, 30)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("tiny")
    lake = TinyLake(home / "lake")
    fill(lake)
    lake.write()
    return dbt_build(home)


def conversation(warehouse: Warehouse, name: str) -> dict[str, object]:
    return warehouse.row(f"select * from fct_conversations where conversation_id = '{name}'")


def week(warehouse: Warehouse, mart: str, workspace: str = "berlin") -> dict[str, object]:
    return warehouse.row(f"select * from {mart} where workspace_id = '{workspace}' and week_start = '{WEEK}'")


def test_each_of_the_versions_makes_one_conversation(warehouse: Warehouse):
    assert warehouse.row("select count(*) as n from fct_conversations where workspace_id = 'berlin'") == {"n": 17}


def test_the_week_begins_at_midnight_in_berlin(warehouse: Warehouse):
    weeks = warehouse.rows(
        "select week_start, conversations from rpt_cx_weekly where workspace_id = 'berlin' order by 1"
    )
    assert weeks == [
        {"week_start": date(2026, 3, 23), "conversations": 1},
        {"week_start": WEEK, "conversations": 11},
    ]


def test_every_conversation_of_the_week_has_one_status(warehouse: Warehouse):
    coverage = week(warehouse, "rpt_coverage_weekly")
    failed = dict.fromkeys(("refused", "schema_error", "model_error", "budget_stopped"), 1)
    expected = {"conversations": 11, "eligible": 10, "scored": 4, "ineligible": 1, "pending": 2, **failed}
    assert coverage | expected == coverage


def test_coverage_and_its_multiple(warehouse: Warehouse):
    coverage = week(warehouse, "rpt_coverage_weekly")
    assert coverage["cx_coverage"] == pytest.approx(4 / 11)
    assert coverage["cx_eligible_coverage"] == pytest.approx(4 / 10)
    assert coverage["csat_request_rate"] == pytest.approx(3 / 11)
    assert coverage["csat_response_rate"] is None, "3 asked are too few for a rate"
    assert coverage["csat_coverage"] == pytest.approx(1 / 11)
    assert coverage["coverage_multiple"] == pytest.approx(4)


def test_a_week_with_few_scores_shows_counts_and_no_rate(warehouse: Warehouse):
    report = week(warehouse, "rpt_cx_weekly")
    counts = {"scored": 4, "positive": 1, "neutral": 1, "negative": 2, "csat_requested": 3, "csat_rated": 1}
    hidden = dict.fromkeys(("cx_score", "cx_score_low", "mean_score", "csat_score", "ai_csat_score", "target"))
    expected = {**counts, **hidden, "csat_positive": 1, "ai_csat_rated": 1, "ai_csat_positive": 0}
    assert report | expected == report


def test_a_week_with_30_scores_shows_its_rate_and_interval(warehouse: Warehouse):
    report = week(warehouse, "rpt_cx_weekly", "busy")
    assert report["cx_score"] == pytest.approx(0.8)
    assert report["cx_score_low"] == pytest.approx(0.627, abs=5e-4)
    assert report["cx_score_high"] == pytest.approx(0.905, abs=5e-4)
    assert report["low_n"] is False


def test_a_week_matures_by_the_clock_of_its_workspace(warehouse: Warehouse):
    assert week(warehouse, "rpt_cx_weekly")["is_immature"] is False
    assert week(warehouse, "rpt_cx_weekly", "busy")["is_immature"] is True


@pytest.mark.parametrize("name", ["merged", "spam", "test"])
def test_marked_conversations_are_in_no_population(name: str, warehouse: Warehouse):
    expected = {"population_exclusion": name, "is_in_population": False, "scoring_status": "ineligible"}
    row = conversation(warehouse, name)
    assert row | expected == row


def test_a_customer_who_sent_only_white_space_has_not_replied(warehouse: Warehouse):
    row = conversation(warehouse, "outbound")
    assert (row["customer_messages"], row["population_exclusion"]) == (0, "outbound_without_customer_reply")


def test_a_reopened_conversation_keeps_its_week_and_loses_its_score(warehouse: Warehouse):
    row = conversation(warehouse, "reopened")
    expected = {"week_start": WEEK, "scoring_status": "ineligible", "ineligible_rules": "not_closed", "score": None}
    first = datetime.fromisoformat("2026-03-31 12:00")
    closes = {"first_closed_at": first, "last_closed_at": None, "is_in_population": True}
    mixes = {"agent_mix": "mixed", "agent_mix_at_score": "ai_only"}
    assert row | expected | closes | mixes == row


def test_a_conversation_closed_again_in_the_next_week_stays_in_the_first(warehouse: Warehouse):
    row = conversation(warehouse, "sunday")
    closes = ("2026-03-29 21:59", "2026-03-30 09:00")
    assert (row["first_closed_at"], row["last_closed_at"]) == tuple(map(datetime.fromisoformat, closes))
    assert (row["week_start"], row["is_scored"], row["score"]) == (date(2026, 3, 23), True, 2)


def test_the_last_rating_within_7_days_counts_and_a_later_one_does_not(warehouse: Warehouse):
    assert conversation(warehouse, "late_csat")["csat_rating_counted"] == 5
    late = conversation(warehouse, "too_late")
    assert (late["csat_rating"], late["csat_rating_counted"], late["is_csat_requested"]) == (1, None, True)
    assert (late["ai_csat_rating"], late["vendor_cx_score"]) == (2, 87.5)


def test_an_internal_note_of_a_person_does_not_make_a_mixed_conversation(warehouse: Warehouse):
    assert conversation(warehouse, "late_csat")["agent_mix"] == "ai_only"
    assert conversation(warehouse, "shadowed")["agent_mix"] == "mixed"
    assert conversation(warehouse, "unjudged")["agent_mix"] == "human_only"


def test_only_the_champions_score_of_the_latest_version_is_current(warehouse: Warehouse):
    scores = warehouse.rows(
        "select conversation_id, scorer_version, score, is_champion, is_current from fct_conversation_scores "
        "where conversation_id in ('shadowed', 'reopened') order by 1, 2"
    )
    assert [tuple(row.values()) for row in scores] == [
        ("reopened", SCORER, 4, True, False),
        ("shadowed", SCORER, 2, True, True),
        ("shadowed", SHADOW, 5, False, False),
    ]


def test_a_judgement_of_another_judge_gives_no_status(warehouse: Warehouse):
    assert conversation(warehouse, "unjudged")["scoring_status"] == "pending"


def test_rejected_claims_are_no_reasons(warehouse: Warehouse):
    kinds = warehouse.rows("select distinct match_kind, quote from fct_score_reasons")
    assert kinds == [{"match_kind": "exact", "quote": "good"}]


def test_a_topic_is_routed_by_its_customers_within_the_window(warehouse: Warehouse):
    rows = warehouse.rows("select * from route_product_feedback order by area")
    expected = [
        {"area": "login", "is_routed": False, "rule": None, "customers": 1, "owner": "product"},
        {
            "area": "search",
            "is_routed": True,
            "rule": "distinct_customers",
            "rule_value": 3,
            "customers": 4,
            "customers_last_14_days": 3,
            "customers_previous_14_days": 1,
            "owner": "product",
            "due": "daily",
            "quotes": "“good”",
        },
    ]
    assert [row | part == row for row, part in zip(rows, expected, strict=True)] == [True, True], rows


def test_a_legal_threat_is_routed_at_once(warehouse: Warehouse):
    row = warehouse.row("select * from route_policy_feedback")
    expected = {"feedback_class": "legal_threat", "conversation_id": "too_late", "is_routed": True, "due": "at_once"}
    assert row | expected | {"owner": "legal", "customers": 1} == row
