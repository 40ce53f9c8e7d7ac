"""Audits of small marts; the first of them pays for the import of Great Expectations."""

import re
from functools import cache
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from expectations.audit import AUDITED_MARTS, AuditBroken, audit_mart, audited_columns
from scoring_ops.judges.protocol import Status

MARTS = Path(__file__).resolve().parents[2] / "dbt_project/models/marts"
pytestmark = pytest.mark.slow  # 2.7 s and 269 MB to import Great Expectations


def interval(name, value, low=None, high=None):
    return {name: value, f"{name}_low": value if low is None else low, f"{name}_high": value if high is None else high}


CX_WEEK = {
    "workspace_id": "acme",
    "week_start": pd.Timestamp("2025-01-06"),
    "conversations": 100,
    "eligible": 90,
    "scored": 80,
    "positive": 60,
    "neutral": 12,
    "negative": 8,
    "csat_requested": 40,
    "csat_rated": 10,
    "csat_positive": 8,
    **interval("cx_score", 0.75, 0.645, 0.832),
    **interval("cx_coverage", 0.8, 0.711, 0.867),
    **interval("csat_score", 0.8, 0.49, 0.943),
    **interval("csat_coverage", 0.1, 0.055, 0.174),
    "target": None,
}
SERVICE_WEEK = {
    **dict.fromkeys(("with_effort", "with_negative_emotion", "with_positive_emotion", "with_fault"), 20),
    **dict.fromkeys(("issues", "issues_resolved", "with_issues", "with_all_issues_resolved"), 40),
    "customer_started": 90,
    "agent_started": 10,
    "first_responses": 80,
    "first_human_responses": 60,
    "reopened": 5,
    **interval("cx_score_corrected", 0.7, 0.6, 0.8),
    **interval("first_published_cx_score", 0.75, 0.645, 0.832),
    **interval("effort_rate", 0.25, 0.168, 0.355),
    **interval("negative_emotion_rate", 0.25, 0.168, 0.355),
    **interval("positive_emotion_rate", 0.25, 0.168, 0.355),
    **interval("fault_rate", 0.25, 0.168, 0.355),
    **interval("issue_resolution_rate", 1.0, 0.912, 1.0),
    **interval("conversation_resolution_rate", 1.0, 0.912, 1.0),
    **interval("reopen_rate", 0.05, 0.022, 0.112),
    **{
        f"first_{who}response{hours}_minutes_{part}": minutes
        for who in ("", "human_")
        for hours in ("", "_business")
        for part, minutes in (("median", 20.0), ("p90", 200.0))
    },
    "cx_score_week_diff": -0.05,
    "cx_score_week_rate_diff": -0.04,
    "cx_score_week_mix_diff": -0.01,
}
SEGMENT_WEEK = {
    **{name: value for name, value in CX_WEEK.items() if name != "target"},
    "segment_kind": "channel",
    "segment": "chat",
    "rest_scored": 200,
    "rest_positive": 120,
    **interval("cx_score_rest", 0.6, 0.531, 0.665),
    "cx_score_rest_q": 0.05,
    "cx_score_rest_label": "better",
    "cx_score_week_q": None,
    "cx_score_week_label": None,
}
DRIVER_WEEK = {
    **{name: CX_WEEK[name] for name in ("workspace_id", "week_start", "scored", "positive")},
    "dimension": "process_fault",
    "sign": "negative",
    "scored_with": 20,
    "crossing": 8,
    "positive_without": 68,
    **interval("scored_with_share", 0.25, 0.168, 0.355),
    **interval("cx_score", 0.75, 0.645, 0.832),
    **interval("cx_score_without", 0.85, 0.756, 0.912),
    "cx_score_without_diff": 0.1,
    "driver_rank": 1,
}
AI_AGENT_WEEK = {
    **{name: CX_WEEK[name] for name in ("workspace_id", "week_start", "conversations", "eligible")},
    "ai_conversations": 50,
    "ai_resolved": 40,
    "ai_resolved_confirmed": 15,
    "ai_resolved_assumed": 25,
    "ai_resolved_as_first_reported": 44,
    "ai_rescinded": 6,
    "ai_resolved_later": 2,
    "ai_resolved_scored": 30,
    "ai_resolved_negative": 3,
    **interval("ai_participation", 0.5, 0.404, 0.596),
    **interval("ai_resolution_rate", 0.8, 0.67, 0.888),
    **interval("ai_resolution_rate_as_first_reported", 0.88, 0.762, 0.944),
    **interval("automation_rate", 0.4, 0.309, 0.498),
    **interval("false_resolution_rate", 0.1, 0.035, 0.256),
}
COVERAGE_WEEK = {
    **{name: CX_WEEK[name] for name in ("workspace_id", "week_start", "conversations", "eligible")},
    **dict.fromkeys(get_args(Status), 0),
    "scored": 80,
    "ineligible": 10,
    "refused": 3,
    "pending": 7,
    "csat_requested": 40,
    "csat_rated": 10,
    **interval("cx_coverage", 0.8, 0.711, 0.867),
    **interval("cx_eligible_coverage", 80 / 90),
    **interval("csat_request_rate", 0.4),
    **interval("csat_response_rate", 0.25),
    **interval("csat_coverage", 0.1, 0.055, 0.174),
    "coverage_multiple": 8.0,
}
CONVERSATION = {
    "workspace_id": "acme",
    "source": "demo",
    "conversation_id": "c1",
    "week_start": pd.Timestamp("2025-01-06"),
    "scoring_status": "scored",
    "ineligible_rules": "",
    "agent_mix": "mixed",
    "agent_mix_at_score": "human_only",
    "csat_rating": 5,
    "ai_csat_rating": None,
    "score": 4,
}
COMPARISON = {
    **{name: value for name, value in CX_WEEK.items() if name.startswith(("csat_r", "csat_p", "csat_s"))},
    **{name: CX_WEEK[name] for name in ("workspace_id", "week_start", "conversations", "scored", "positive")},
    **{name: CX_WEEK[name] for name in ("cx_score", "cx_score_low", "cx_score_high")},
    "period": "week",
    "agent_mix": "all",
    "responders_scored": 10,
    "silent_scored": 20,
    "unasked_scored": 50,
    "others_scored": 70,
    "asked_scored": 30,
    **interval("responders_cx_score", 0.9),
    **interval("others_cx_score", 51 / 70),
    **interval("silent_cx_score", 0.55),
    **interval("unasked_cx_score", 0.8),
    "response_bias_diff": 0.9 - 51 / 70,
    "csat_gap_diff": 0.05,
    "csat_unscored_diff": 0.0,
    "csat_measurement_diff": -0.1,
    "csat_selection_diff": 0.15,
}
FAULT_WEEK = {
    **{name: CX_WEEK[name] for name in ("workspace_id", "week_start", "scored")},
    "fault": "contradiction",
    "topic": "billing",
    "faulty": 20,
    "baseline_weeks": 8,
    "baseline_scored": 640,
    "baseline_faulty": 64,
    **interval("fault_rate", 0.25, 0.168, 0.355),
    **interval("baseline_fault_rate", 0.1, 0.079, 0.126),
    "fault_rate_diff": 0.15,
    "fault_rate_q": 0.002,
    "fault_rate_label": "more",
}
STABILITY = {
    "workspace_id": "acme",
    "metric": "cx_score",
    "weeks": 12,
    "observations": 1200,
    "mean_rate": 0.75,
    "weekly_sd": 0.05,
    "sampling_sd": 0.03,
    "sampling_share": 0.36,
    "excess_sd": 0.04,
    "sd_at_csat_n": 0.08,
}
TOPIC = {
    "workspace_id": "demo",
    "topic": "refund",
    "last_week": pd.Timestamp("2025-06-02"),
    "scored": 100,
    "positive": 50,
    **interval("cx_score", 0.5, 0.404, 0.596),
    "trend_weeks": 12,
    "cx_score_trend_diff": -0.02,
    "cx_score_trend_diff_low": -0.03,
    "cx_score_trend_diff_high": -0.01,
    "cx_score_trend_dispersion": 1.2,
    "cx_score_trend_q": 0.001,
    "cx_score_trend_label": "declining",
    "conversations": 20,
    "week_conversations": 100,
    **interval("topic_share", 0.2, 0.133, 0.289),
    "weeks_before": 11,
    "conversations_before": 220,
    "week_conversations_before": 1100,
    **interval("topic_share_before", 0.2, 0.177, 0.225),
    "topic_share_dispersion": 1.0,
    "topic_share_q": 0.9,
    "topic_share_label": "usual",
}
BOARD = {
    "workspace_id": "demo",
    "area": "coverage",
    "status": "at_risk",
    "rule": "cx_eligible_coverage",
    "says": "Surely under 95 % of the eligible conversations are scored.",
    **interval("value", 0.9, 0.88, 0.92),
    "side": "below",
    "threshold": 0.95,
    "week_start": pd.Timestamp("2025-01-06"),
    "signals": 2,
    "signals_known": 2,
    "signals_fired": 1,
}
SCORER = {
    "scorer_version": "judge-card-1",
    "role": "in_use",
    "workspaces_in_use": 1,
    "weeks_reported": 4,
    "workspaces": 1,
    "scored": 80,
    "positive": 60,
    "negative": 8,
    **interval("cx_score", 0.75, 0.645, 0.832),
    **interval("negative_share", 0.1, 0.052, 0.185),
    "mean_score": 3.9,
    "mean_confidence": 0.8,
    "claims_total": 400,
    "claims_proven": 380,
    **interval("evidence_valid_rate", 0.95, 0.924, 0.967),
    **interval("sensitivity", 0.8, 0.7, 0.9),
    **interval("specificity", 0.8, 0.7, 0.9),
    "positive_f1": 0.8,
    "not_positive_f1": 0.8,
    "calls": 90,
    "unpriced": 0,
    "cost_usd": 1.0,
}
COST_DAY = {
    "called_on": pd.Timestamp("2025-01-06"),
    "scorer_version": "judge-card-1",
    "calls": 100,
    "answered": 90,
    "failed": 10,
    **interval("failed_rate", 0.1, 0.055, 0.174),
    "versions": 120,
    "versions_cached": 30,
    **interval("cached_share", 0.25, 0.181, 0.334),
    "input_tokens": 90000,
    "output_tokens": 9000,
    "unpriced": 0,
    "cost_usd": 0.6,
    "cost_usd_per_1000": 5.0,
}
GOOD = {
    "rpt_cx_weekly": {**CX_WEEK, **SERVICE_WEEK},
    "rpt_cx_weekly_by_segment": SEGMENT_WEEK,
    "rpt_score_drivers_weekly": DRIVER_WEEK,
    "rpt_coverage_weekly": COVERAGE_WEEK,
    "rpt_csat_comparison": COMPARISON,
    "rpt_ai_agent_weekly": AI_AGENT_WEEK,
    "rpt_topic_trends": TOPIC,
    "rpt_process_faults_weekly": FAULT_WEEK,
    "rpt_metric_stability": STABILITY,
    "rpt_status_board": BOARD,
    "rpt_scorer_versions": SCORER,
    "rpt_cost_daily": COST_DAY,
    "fct_conversations": CONVERSATION,
}
TOO_FEW = {
    **dict.fromkeys(("with_effort", "with_negative_emotion", "with_positive_emotion", "with_fault"), 0),
    **dict.fromkeys(("with_issues", "with_all_issues_resolved"), 0),
    "scored": 9,
    "positive": 9,
    "neutral": 0,
    "negative": 0,
    **dict.fromkeys(("cx_score", "cx_score_low", "cx_score_high"), None),
}
OTHER = {"workspace_id": "other", "conversation_id": "c2", "scorer_version": "other"}


def mart_frame(mart, *changes):
    rows = [{**GOOD[mart], **{k: v for k, v in change.items() if k in GOOD[mart]}} for change in changes or ({},)]
    return pd.DataFrame(rows)


def broken_rules(mart, *changes):
    outcome = audit_mart(mart, mart_frame(mart, *changes))
    assert outcome.passed == (not outcome.failures)
    return [failure.rule for failure in outcome.failures]


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_a_good_mart_passes(mart):
    outcome = audit_mart(mart, mart_frame(mart, {}, OTHER))
    assert outcome.failures == ()
    assert outcome.summary == f"{mart}: 2 rows keep every rule"


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_an_empty_mart_passes(mart):
    assert audit_mart(mart, mart_frame(mart).iloc[:0]).passed
    assert audit_mart(mart, pd.DataFrame({name: [] for name in audited_columns(mart)})).passed


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_more_columns_than_the_contract_pass(mart):
    assert audit_mart(mart, mart_frame(mart).assign(surprise="text")).passed


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_a_missing_column_is_named(mart, tmp_path):
    name = audited_columns(mart)[-1]
    outcome = audit_mart(mart, mart_frame(mart).drop(columns=name), tmp_path)
    assert [(failure.rule, failure.column) for failure in outcome.failures] == [("column_is_missing", name)]
    assert name in (tmp_path / f"{mart}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_the_same_key_twice_fails(mart):
    assert broken_rules(mart, {}, {}) == ["grain_is_unique"]


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_a_key_without_a_value_fails(mart):
    assert "value_is_present" in broken_rules(mart, {"workspace_id": None, "scorer_version": None}, {})


@pytest.mark.parametrize("mart", [mart for mart in AUDITED_MARTS if "week_start" in GOOD[mart]])
def test_a_week_that_starts_on_tuesday_fails(mart):
    assert broken_rules(mart, {"week_start": pd.Timestamp("2025-01-07")}) == ["week_starts_on_monday"]


PLANTED = [
    ("rpt_cx_weekly", {"eligible": 101}, "eligible_are_among_conversations"),
    ("rpt_cx_weekly", {"eligible": 79}, "scored_are_among_eligible"),
    ("rpt_cx_weekly", {"csat_requested": 9}, "csat_rated_are_among_csat_requested"),
    ("rpt_cx_weekly", {"csat_positive": 11}, "csat_positive_are_among_csat_rated"),
    ("rpt_cx_weekly", {"neutral": 13}, "bands_add_up_to_scored"),
    ("rpt_cx_weekly", {"cx_score": 0.9}, "rate_is_within_its_interval"),
    ("rpt_cx_weekly", {"csat_score_low": 0.81}, "rate_is_within_its_interval"),
    ("rpt_cx_weekly", {"cx_coverage_high": 1.2}, "rate_is_a_fraction"),
    ("rpt_cx_weekly", {"csat_coverage_low": -0.1}, "rate_is_a_fraction"),
    ("rpt_cx_weekly", {**TOO_FEW, "cx_score": 0.7}, "too_few_scored_show_no_rate"),
    ("rpt_cx_weekly", {"with_fault": 81}, "with_fault_are_among_scored"),
    ("rpt_cx_weekly", {"with_all_issues_resolved": 41}, "with_all_issues_resolved_are_among_with_issues"),
    ("rpt_cx_weekly", {"first_human_responses": 91}, "first_human_responses_are_among_customer_started"),
    ("rpt_cx_weekly", {"reopen_rate": 0.2}, "rate_is_within_its_interval"),
    ("rpt_cx_weekly", {"first_response_minutes_median": -1.0}, "a_wait_is_not_negative"),
    ("rpt_cx_weekly", {"first_response_business_minutes_p90": 19.0}, "the_median_is_at_most_the_90th_percentile"),
    ("rpt_cx_weekly", {"cx_score_week_mix_diff": 0.01}, "parts_of_the_change_add_up"),
    ("rpt_cx_weekly_by_segment", {"segment_kind": "weather"}, "value_is_known"),
    ("rpt_cx_weekly_by_segment", {"cx_score_week_label": "better"}, "value_is_known"),
    ("rpt_cx_weekly_by_segment", {"rest_positive": 201}, "rest_positive_are_among_rest_scored"),
    ("rpt_cx_weekly_by_segment", {"cx_score_rest_q": 1.5}, "rate_is_a_fraction"),
    ("rpt_cx_weekly_by_segment", {"scored": 29, "positive": 9}, "too_few_scored_are_not_tested"),
    ("rpt_cx_weekly_by_segment", {"neutral": 13}, "bands_add_up_to_scored"),
    ("rpt_score_drivers_weekly", {"dimension": "weather"}, "value_is_known"),
    ("rpt_score_drivers_weekly", {"scored_with": 81}, "scored_with_are_among_scored"),
    ("rpt_score_drivers_weekly", {"positive_without": 69}, "those_that_cross_are_the_difference"),
    ("rpt_score_drivers_weekly", {"cx_score_without_diff": -0.1}, "difference_is_that_of_the_scores"),
    ("rpt_coverage_weekly", {"csat_rated": 41}, "csat_rated_are_among_csat_requested"),
    ("rpt_coverage_weekly", {"pending": 8}, "statuses_add_up_to_conversations"),
    ("rpt_coverage_weekly", {"ineligible": 9, "pending": 8}, "eligible_is_all_but_ineligible"),
    ("rpt_coverage_weekly", interval("csat_request_rate", 0.5), "csat_coverage_is_request_rate_times_response_rate"),
    ("rpt_coverage_weekly", {"scored": 81, "pending": 6}, "cx_coverage_is_scored_of_conversations"),
    ("rpt_coverage_weekly", {"coverage_multiple": 9.0}, "multiple_is_cx_coverage_over_csat_coverage"),
    ("rpt_csat_comparison", {"period": "month"}, "value_is_known"),
    ("rpt_csat_comparison", {"agent_mix": "robot"}, "value_is_known"),
    ("rpt_csat_comparison", {"csat_gap_diff": 0.06}, "the_gap_is_the_sum_of_its_terms"),
    ("rpt_csat_comparison", {"response_bias_diff": 1.5}, "difference_is_from_minus_1_to_1"),
    ("rpt_csat_comparison", {"scored": 81}, "responders_silent_and_unasked_are_the_scored"),
    ("rpt_csat_comparison", {"others_scored": 71}, "others_are_silent_or_unasked"),
    ("rpt_csat_comparison", {"asked_scored": 31}, "asked_are_responders_or_silent"),
    (
        "rpt_csat_comparison",
        {"responders_scored": 9, "silent_scored": 21, "others_scored": 71},
        "too_few_are_not_compared",
    ),
    ("rpt_ai_agent_weekly", {"ai_conversations": 101}, "ai_conversations_are_among_conversations"),
    ("rpt_ai_agent_weekly", {"ai_resolved_scored": 41}, "ai_resolved_scored_are_among_ai_resolved"),
    ("rpt_ai_agent_weekly", {"ai_resolved_negative": 31}, "ai_resolved_negative_are_among_ai_resolved_scored"),
    ("rpt_ai_agent_weekly", {"ai_resolved_assumed": 24}, "confirmed_and_assumed_are_the_resolved"),
    ("rpt_ai_agent_weekly", {"ai_rescinded": 5}, "now_is_first_report_less_rescinded_plus_later"),
    ("rpt_ai_agent_weekly", interval("automation_rate", 0.5), "automation_is_participation_times_resolution"),
    ("rpt_ai_agent_weekly", {"false_resolution_rate": 0.3}, "rate_is_within_its_interval"),
    ("rpt_process_faults_weekly", {"fault": "weather"}, "value_is_known"),
    ("rpt_process_faults_weekly", {"fault_rate_label": "real"}, "value_is_known"),
    ("rpt_process_faults_weekly", {"faulty": 81}, "faulty_are_among_scored"),
    ("rpt_process_faults_weekly", {"baseline_faulty": 641}, "baseline_faulty_are_among_baseline_scored"),
    ("rpt_process_faults_weekly", {"baseline_weeks": 9}, "baseline_is_at_most_8_weeks"),
    ("rpt_process_faults_weekly", {"fault_rate_diff": -0.15}, "difference_is_that_of_the_rates"),
    ("rpt_process_faults_weekly", {"fault_rate_q": 1.5}, "rate_is_a_fraction"),
    ("rpt_process_faults_weekly", {"baseline_scored": 29, "baseline_faulty": 3}, "too_few_are_not_tested"),
    ("rpt_process_faults_weekly", {"scored": 29}, "too_few_are_not_tested"),
    ("rpt_metric_stability", {"metric": "nps"}, "value_is_known"),
    ("rpt_metric_stability", {"weeks": 11}, "few_weeks_show_no_spread"),
    ("rpt_metric_stability", {"weekly_sd": 0.09}, "fewer_conversations_are_not_steadier"),
    ("rpt_metric_stability", {"sampling_share": 1.2}, "rate_is_a_fraction"),
    ("rpt_topic_trends", {"positive": 101}, "positive_are_among_scored"),
    ("rpt_topic_trends", {"cx_score_trend_label": "falling"}, "value_is_known"),
    ("rpt_topic_trends", {"topic_share_label": "trending"}, "value_is_known"),
    ("rpt_topic_trends", {"cx_score_trend_dispersion": 0.8}, "dispersion_never_narrows"),
    ("rpt_topic_trends", {"cx_score_trend_q": 0.2}, "trend_is_proven"),
    ("rpt_topic_trends", {"trend_weeks": 5}, "trend_is_long_enough"),
    ("rpt_topic_trends", {"topic_share_label": "spike"}, "spike_is_proven"),
    ("rpt_topic_trends", {"topic_share": 0.4}, "rate_is_within_its_interval"),
    ("rpt_status_board", {"area": "weather"}, "value_is_known"),
    ("rpt_status_board", {"status": "running_well"}, "an_alarm_names_its_rule"),
    ("rpt_status_board", {"rule": None}, "an_alarm_names_its_rule"),
    ("rpt_status_board", {"value_high": 0.95}, "the_interval_lies_beyond_the_threshold"),
    ("rpt_status_board", {"side": "above"}, "the_interval_lies_beyond_the_threshold"),
    ("rpt_status_board", {"value": 0.93}, "value_is_within_its_interval"),
    ("rpt_status_board", {"signals_fired": 3}, "signals_fired_are_among_signals_known"),
    ("rpt_scorer_versions", {"role": "shadow"}, "role_is_that_of_its_use"),
    ("rpt_scorer_versions", {"claims_proven": 401}, "claims_proven_are_among_claims_total"),
    ("rpt_scorer_versions", {"mean_score": 0.5}, "score_is_on_the_scale"),
    ("rpt_scorer_versions", {"not_positive_f1": 1.5}, "rate_is_a_fraction"),
    ("rpt_cost_daily", {"failed": 11}, "calls_are_answered_or_failed"),
    ("rpt_cost_daily", {"unpriced": 1}, "money_is_known_or_not"),
    ("rpt_cost_daily", {"cost_usd_per_1000": 6.0}, "price_per_1000_is_that_of_the_money"),
    ("rpt_cost_daily", {"versions_cached": 121}, "versions_cached_are_among_versions"),
    ("fct_conversations", {"scoring_status": "skipped"}, "value_is_known"),
    ("fct_conversations", {"agent_mix": "robot"}, "value_is_known"),
    ("fct_conversations", {"agent_mix_at_score": "robot"}, "value_is_known"),
    ("fct_conversations", {"scoring_status": None}, "value_is_present"),
    ("fct_conversations", {"csat_rating": 7}, "rating_is_from_1_to_5"),
    ("fct_conversations", {"ai_csat_rating": 0}, "rating_is_from_1_to_5"),
    ("fct_conversations", {"score": 6}, "score_is_from_1_to_5"),
    ("fct_conversations", {"score": None}, "a_scored_conversation_has_a_score"),
    ("fct_conversations", {"ineligible_rules": "spam"}, "rules_are_named_exactly_where_ineligible"),
    ("fct_conversations", {"scoring_status": "ineligible"}, "rules_are_named_exactly_where_ineligible"),
]


@cache
def rules_broken_by_fault(mart):
    """One audit of a good row and, under ids of their own, of every planted fault."""
    ids = {str(n): fault for n, (name, fault, _) in enumerate(PLANTED) if name == mart}
    rows = [{**fault, "workspace_id": n, "scorer_version": n} for n, fault in ids.items()]
    found = {n: set() for n in ids}
    for failure in audit_mart(mart, mart_frame(mart, {}, *rows)).failures:
        for row in failure.example_ids:
            (number,) = found.keys() & set(row.split("/"))
            found[number].add(failure.rule)
    return found


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=lambda n: f"{PLANTED[n][0]}-{PLANTED[n][2]}")
def test_each_planted_fault_fails_with_its_rule(number):
    mart, _, rule = PLANTED[number]
    assert rules_broken_by_fault(mart)[str(number)] == {rule}


def test_metrics_of_a_workspace_on_other_weeks_fail():
    rows = ({}, {"metric": "csat_score", "weeks": 13})
    assert broken_rules("rpt_metric_stability", *rows) == ["both_metrics_stand_on_the_same_weeks"]


def test_a_negative_count_fails():
    assert "count_is_not_negative" in broken_rules("rpt_cx_weekly", {"negative": -8, "neutral": 28})


@pytest.mark.parametrize(
    ("mart", "variant"),
    [
        ("rpt_cx_weekly", TOO_FEW),
        ("rpt_cx_weekly", interval("cx_score", 1.0, 0.95, 1 - 1e-16)),
        ("rpt_coverage_weekly", {"coverage_multiple": None, **dict.fromkeys(interval("csat_coverage", 0))}),
        ("fct_conversations", {"scoring_status": "ineligible", "ineligible_rules": "spam", "score": None}),
        ("fct_conversations", {"scoring_status": "pending", "week_start": None, "agent_mix_at_score": None}),
    ],
)
def test_what_is_allowed_passes(mart, variant):
    assert broken_rules(mart, OTHER, variant) == []


def test_a_failure_names_its_rows_by_their_key():
    outcome = audit_mart("rpt_cx_weekly", mart_frame("rpt_cx_weekly", {}, {**OTHER, "eligible": 101}))
    (failure,) = outcome.failures
    assert (failure.column, failure.count, failure.example_ids) == ("eligible", 1, ("other/2025-01-06",))


def test_an_expectation_that_cannot_be_evaluated_says_nothing_about_the_mart():
    with pytest.raises(AuditBroken, match=r"fct_conversations: rating_is_from_1_to_5 could not be evaluated"):
        audit_mart("fct_conversations", mart_frame("fct_conversations", {"csat_rating": "five"}))


def test_data_docs_are_a_site_that_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs" / "data"
    audit_mart("rpt_cx_weekly", mart_frame("rpt_cx_weekly", {"eligible": 101}), docs)
    audit_mart("fct_conversations", mart_frame("fct_conversations"), docs)
    pages = {path.name: path.read_text(encoding="utf-8") for path in docs.iterdir()}
    assert set(pages) == {"index.html", "rpt_cx_weekly.html", "fct_conversations.html"}
    assert all(f'href="{name}"' in pages["index.html"] for name in set(pages) - {"index.html"})
    assert "eligible is at most conversations." in pages["rpt_cx_weekly.html"]
    assert "Each week starts on a Monday." in pages["fct_conversations.html"]
    for page in pages.values():
        assert "http" not in page
        assert "<script" not in page
        assert "../" not in page
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_an_audit_prints_nothing_and_writes_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    audit_mart("fct_conversations", mart_frame("fct_conversations"))
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mart", AUDITED_MARTS)
def test_every_audited_column_is_documented_by_dbt(mart):
    (documented,) = MARTS.rglob(f"{mart}.yml")
    named = set(re.findall(r"^\s+- name: (\w+)", documented.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(audited_columns(mart)) <= named
