"""What is planted in a lake is found by the marts, and nothing else: 200 seeds of a world with causes, 30 calm.

An interval of 95 % is to hold the truth in at least 93 % of all rows. A test is to raise no more false alarms than its
nominal rate, give or take the luck of a few hundred draws: more than chance would bring once in a thousand times fail.
Truths are worked out from the odds of tests/dbt/known_truth.py, not from the rows drawn from them.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pytest
from scipy.stats import binom

from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.known_truth import (
    ASKED,
    CHANGE,
    DECLINING,
    LENIENT,
    RATED_GOOD,
    RESOLVED,
    SCORED,
    SCORES_OF_BAD,
    Column,
    World,
    calm,
    draw,
    planted,
    write,
)

pytestmark = pytest.mark.slow

SEEDS, CALM_SEEDS = 200, 30
PLANTED, CALM = planted(per_week=40), calm(per_week=120)
ENOUGH = 0.93
NEGATIVE = sum(score <= 2 for score in SCORES_OF_BAD) / len(SCORES_OF_BAD)
MARTS = (
    "rpt_cx_weekly",
    "rpt_coverage_weekly",
    "rpt_cx_weekly_by_segment",
    "rpt_csat_comparison",
    "rpt_ai_agent_weekly",
    "rpt_topic_trends",
)
Truths = dict[str, Column]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("truth")
    write(home / "lake", [draw(PLANTED, SEEDS), draw(CALM, CALM_SEEDS, start=11)])
    selected = [part for mart in MARTS for part in ("--select", f"+{mart}")]
    return dbt_build(home, *selected, "--exclude-resource-type", "unit_test", "test")


@dataclass(frozen=True)
class Odds:
    """Chances of a world by week, of a conversation taken at random."""

    good: Column
    good_by_people: Column
    good_by_ai: Column
    good_of_rated: Column
    good_of_unrated: Column
    good_of_silent: Column
    rated_of_asked: Column
    rated_good: Column


def odds(world: World, weeks: int = 1) -> Odds:
    """The odds of each week, or of as many weeks that end with it."""
    shares, human, answers = (np.array(one) for one in (world.shares, world.human, world.answers))
    good = _trailing(world.good @ shares, weeks)
    by_people = _trailing(world.good @ (shares * human) / (shares @ human), weeks)
    by_ai = _trailing(world.good @ (shares * (1 - human)) / (shares @ (1 - human)), weeks)
    answered = good * answers[1] + (1 - good) * answers[0]
    of_rated = good * answers[1] / answered
    return Odds(
        good=good,
        good_by_people=by_people,
        good_by_ai=by_ai,
        good_of_rated=of_rated,
        good_of_unrated=good * (1 - ASKED * answers[1]) / (1 - ASKED * answered),
        good_of_silent=good * (1 - answers[1]) / (1 - answered),
        rated_of_asked=answered,
        rated_good=of_rated * RATED_GOOD[1] + (1 - of_rated) * RATED_GOOD[0],
    )


def _trailing(by_week: Column, weeks: int) -> Column:
    """The mean of each week and those before it; every week has as many conversations."""
    return np.array([by_week[max(0, end - weeks + 1) : end + 1].mean(axis=0) for end in range(len(by_week))])


def coverage(warehouse: Warehouse, mart: str, truths: Truths, where: str = "true", first: int = 0) -> dict[str, float]:
    """The share of rows of planted workspaces, by column, whose interval holds the truth of its week."""
    found: dict[str, float] = {}
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        for column, truth in truths.items():
            rows = connection.execute(
                f"select date_diff('week', date '2026-01-05', week_start), {column}_low, {column}_high from {mart} "
                f"where workspace_id like 'planted-%' and {column} is not null and ({where})"
            ).fetchnumpy()
            week, low, high = (np.asarray(part) for part in rows.values())
            late = week >= first
            assert late.sum() >= SEEDS, f"{column} is shown in {late.sum()} rows"
            true = truth[week[late]]
            found[column] = float(np.mean((low[late] - 1e-9 <= true) & (true <= high[late] + 1e-9)))
    return found


def short_of(coverages: dict[str, float]) -> dict[str, float]:
    return {column: share for column, share in coverages.items() if share < ENOUGH}


def alarms(warehouse: Warehouse, mart: str, alarm: str, where: str) -> tuple[int, int]:
    """Rows that raise an alarm, and all that could."""
    raised = f"count(*) filter (where {alarm}) as raised, count(*) as possible"
    row = warehouse.row(f"select {raised} from {mart} where {where}")
    return int(str(row["raised"])), int(str(row["possible"]))


def is_no_more_than(nominal: float, found: tuple[int, int]) -> bool:
    """Whether so many alarms are what the nominal rate brings in 999 of 1,000 times; too few rows show nothing."""
    raised, possible = found
    assert possible >= 100
    return raised <= binom.ppf(0.999, possible, nominal)


def share(found: tuple[int, int]) -> float:
    return found[0] / found[1]


def flat(value: float, world: World = PLANTED) -> Column:
    return np.full(world.weeks, value)


def weekly_truths() -> Truths:
    now = odds(PLANTED)
    is_old = np.arange(PLANTED.weeks) < CHANGE
    bad = (1 - now.good) * np.where(is_old, 1 - LENIENT, 1)
    return {
        "cx_score": 1 - bad,
        "negative_share": bad * NEGATIVE,
        "neutral_share": bad * (1 - NEGATIVE),
        "cx_coverage": flat(SCORED),
        "csat_request_rate": flat(ASKED),
        "csat_response_rate": now.rated_of_asked,
        "csat_coverage": ASKED * now.rated_of_asked,
        "csat_score": now.rated_good,
    }


def test_weekly_rates_hold_the_truth(warehouse: Warehouse):
    assert not short_of(coverage(warehouse, "rpt_cx_weekly", weekly_truths()))


def test_weekly_coverage_holds_the_truth(warehouse: Warehouse):
    truths = {name: truth for name, truth in weekly_truths().items() if name.endswith(("coverage", "_rate"))}
    assert not short_of(coverage(warehouse, "rpt_coverage_weekly", truths))


def test_the_change_of_a_week_holds_the_truth(warehouse: Warehouse):
    score = weekly_truths()["cx_score"]
    change = {"cx_score_week_diff": np.diff(score, prepend=score[0])}
    assert not short_of(coverage(warehouse, "rpt_cx_weekly", change))


def test_a_change_of_scorer_is_seen_and_its_shift_is_taken_out(warehouse: Warehouse):
    good = odds(PLANTED).good
    breaks = warehouse.rows("select distinct week_start from rpt_cx_weekly where is_scorer_break")
    assert [str(row["week_start"]) for row in breaks] == ["2026-01-19"]
    truths = {
        "scorer_shift_diff": -LENIENT * (1 - good),
        "cx_score_bridge_diff": (1 - LENIENT) * np.diff(good, prepend=good[0]),
    }
    assert not short_of(coverage(warehouse, "rpt_cx_weekly", truths))
    mistaken = alarms(
        warehouse, "rpt_cx_weekly", "cx_score_bridge_label = 'real'", "is_scorer_break and cx_score_bridge_diff <> 0"
    )
    assert is_no_more_than(0.05, mistaken)


def test_people_and_ai_get_no_other_score_than_their_topics_explain(warehouse: Warehouse):
    month = odds(PLANTED, weeks=4)
    where = "period = 'trailing_4_weeks' and agent_mix = 'all'"
    truths = {
        "human_v_ai_crude": month.good_by_people - month.good_by_ai,
        "human_v_ai_standardised": flat(0),
    }
    held = coverage(
        warehouse, "rpt_csat_comparison", {f"{name}_diff": true for name, true in truths.items()}, where, CHANGE + 3
    )
    assert not short_of(held)
    last = f"{where} and workspace_id like 'planted-%' and week_start = date '2026-06-29'"
    crude = alarms(warehouse, "rpt_csat_comparison", "human_v_ai_crude_diff_high < 0", last)
    alike = alarms(warehouse, "rpt_csat_comparison", "human_v_ai_standardised_diff_high < 0", last)
    assert share(crude) > 0.25
    assert is_no_more_than(0.025, alike)


def test_who_answers_a_survey_biases_it_by_as_much_as_planted(warehouse: Warehouse):
    month = odds(PLANTED, weeks=4)
    gap = month.rated_good - month.good
    selection = month.good_of_rated - month.good
    truths = {
        "response_bias_diff": month.good_of_rated - month.good_of_unrated,
        "response_effect_diff": month.good_of_rated - month.good_of_silent,
        "request_effect_diff": flat(0),
        "csat_gap_diff": gap,
        "csat_unscored_diff": flat(0),
        "csat_selection_diff": selection,
        "csat_measurement_diff": gap - selection,
        "csat_score": month.rated_good,
        "csat_adjusted": month.good * RATED_GOOD[1] + (1 - month.good) * RATED_GOOD[0],
    }
    where = "period = 'trailing_4_weeks' and agent_mix = 'all'"
    assert not short_of(coverage(warehouse, "rpt_csat_comparison", truths, where, CHANGE + 3))
    found = alarms(
        warehouse, "rpt_csat_comparison", "response_bias_diff_low > 0", f"{where} and workspace_id like 'planted-%'"
    )
    assert share(found) > 0.6


def test_the_ai_agent_is_as_good_as_planted(warehouse: Warehouse):
    month = odds(PLANTED)
    resolved = month.good_by_ai * RESOLVED[1] + (1 - month.good_by_ai) * RESOLVED[0]
    shares, human = np.array(PLANTED.shares), np.array(PLANTED.human)
    truths = {
        "ai_participation": flat(float(shares @ (1 - human))),
        "ai_resolution_rate": resolved,
        "automation_rate": float(shares @ (1 - human)) * resolved,
        "false_resolution_rate": (1 - month.good_by_ai) * RESOLVED[0] * NEGATIVE / resolved,
    }
    assert not short_of(coverage(warehouse, "rpt_ai_agent_weekly", truths, first=CHANGE))


def test_the_topic_that_gets_worse_falls_by_as_much_as_planted(warehouse: Warehouse):
    topic = "segment_kind = 'topic' and segment = 'shipping'"
    truth = {"cx_score": PLANTED.good[:, DECLINING]}
    assert not short_of(coverage(warehouse, "rpt_cx_weekly_by_segment", truth, topic, CHANGE))
    slopes = warehouse.row(
        "select avg(slope) as mean, stddev_samp(slope) as spread from "
        "(select workspace_id, regr_slope(cx_score, date_diff('week', date '2026-01-05', week_start)) as slope "
        f"from rpt_cx_weekly_by_segment where {topic} and workspace_id like 'planted-%' "
        f"and week_start >= date '2026-01-05' + {7 * CHANGE} group by workspace_id)"
    )
    mean, spread = (float(str(slopes[name])) for name in ("mean", "spread"))
    assert mean == pytest.approx(-PLANTED.decline, abs=3 * spread / SEEDS**0.5)


def test_the_slow_decline_of_a_topic_is_within_its_interval_and_no_other_topic_has_one(warehouse: Warehouse):
    falling = "workspace_id like 'planted-%' and topic = 'shipping' and cx_score_trend_diff is not null"
    held = f"cx_score_trend_diff_low <= -{PLANTED.decline} and cx_score_trend_diff_high >= -{PLANTED.decline}"
    found = alarms(warehouse, "rpt_topic_trends", held, falling)
    assert found[1] == SEEDS
    assert share(found) >= ENOUGH
    called = share(alarms(warehouse, "rpt_topic_trends", "cx_score_trend_label = 'declining'", falling))
    assert called > 0.15  # of about ten conversations a week
    others = "topic <> 'shipping' and cx_score_trend_p is not null"
    assert is_no_more_than(0.05, alarms(warehouse, "rpt_topic_trends", "cx_score_trend_p < 0.05", others))


def test_where_topics_come_as_ever_none_is_called_a_spike(warehouse: Warehouse):
    usual = alarms(warehouse, "rpt_topic_trends", "topic_share_p < 0.05", "topic_share_p is not null")
    assert is_no_more_than(0.05, usual)


def test_where_nothing_happens_no_week_is_called_changed(warehouse: Warehouse):
    tested = "workspace_id like 'calm-%' and cx_score_week_label in ('real', 'noise')"
    assert is_no_more_than(0.05, alarms(warehouse, "rpt_cx_weekly", "cx_score_week_label = 'real'", tested))


@pytest.mark.parametrize(
    ("label", "called"), [("cx_score_rest_label", "('better', 'worse')"), ("cx_score_week_label", "('real')")]
)
def test_where_nothing_happens_hardly_a_week_has_a_segment_called_other(label: str, called: str, warehouse: Warehouse):
    families = (
        f"(select bool_or({label} in {called}) as alarmed from rpt_cx_weekly_by_segment "
        f"where workspace_id like 'calm-%' and {label} <> 'too_small' group by workspace_id, week_start)"
    )
    assert is_no_more_than(0.10, alarms(warehouse, families, "alarmed", "true"))


def test_where_nothing_happens_surveys_and_scores_show_no_bias(warehouse: Warehouse):
    rows = "workspace_id like 'calm-%' and agent_mix = 'all' and period = 'week' and response_bias_p is not null"
    assert is_no_more_than(0.05, alarms(warehouse, "rpt_csat_comparison", "response_bias_p < 0.05", rows))
