"""A champion is replaced in the third of three weeks, after it had scored 40 of 100 conversations in shadow before.

Every week is as good as the one before; the new scorer is stricter: of four that the old one calls positive it calls
one negative. A week whose reports changed because a scorer did would be an alarm about nothing.
"""

from datetime import date
from pathlib import Path

import pytest

from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.lake_builder import JUDGE, SCORER, SHADOW, SHADOW_JUDGE
from tests.dbt.tiny_lake import TinyLake

pytestmark = pytest.mark.slow

OLD = {"scorer_version": SCORER, "judge_version": JUDGE}
NEW = {"scorer_version": SHADOW, "judge_version": SHADOW_JUDGE}
WEEKS = ("2026-03-03 12:00", "2026-03-10 12:00", "2026-03-17 12:00")


def scores(n: int) -> tuple[int, int]:
    """What the old and the new scorer say of the n-th conversation of a week: 80 % and 60 % positive."""
    old = 4 if n % 5 else 2
    return old, 2 if n % 5 == 1 else old


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home: Path = tmp_path_factory.mktemp("breaks")
    lake = TinyLake(home / "lake")
    lake.add("workspaces", workspace_id="berlin", timezone="Europe/Berlin", champion_scorer_version=SHADOW)
    for week, at in enumerate(WEEKS):
        for n in range(100):
            name, (old, new) = f"{week}-{n}", scores(n)
            lake.conversation(name, at, topic="refund" if n < 50 else "login")
            if week < 2:
                lake.scored(name, old, at, by=OLD)
            if week == 2 or (week == 1 and n < 40):
                lake.scored(name, new, at, by=NEW)
    lake.write()
    models = ("--select", "+rpt_cx_weekly", "--exclude-resource-type", "unit_test")
    return dbt_build(home, *models, "--indirect-selection", "cautious")


def weeks(warehouse: Warehouse) -> list[dict[str, object]]:
    return warehouse.rows("select * from rpt_cx_weekly order by week_start")


def test_past_weeks_keep_the_scorer_they_were_published_with(warehouse: Warehouse):
    assert [(w["scorer_version"], w["scored"]) for w in weeks(warehouse)] == [
        (SCORER, 100),
        (SCORER, 100),
        (SHADOW, 100),
    ]
    assert [w["cx_score"] for w in weeks(warehouse)] == pytest.approx([0.8, 0.8, 0.6])


def test_two_weeks_of_one_scorer_are_compared_and_split(warehouse: Warehouse):
    second = weeks(warehouse)[1]
    assert second["cx_score_week_label"] == "noise"
    assert second["is_scorer_break"] is False
    parts = ("cx_score_week_diff", "cx_score_week_rate_diff", "cx_score_week_mix_diff")
    assert [second[part] for part in parts] == pytest.approx([0, 0, 0])


def test_a_break_is_never_compared_directly(warehouse: Warehouse):
    third = weeks(warehouse)[2]
    assert third["week_start"] == date(2026, 3, 16)
    assert third["is_scorer_break"] is True
    assert (third["cx_score_week_diff"], third["cx_score_week_label"]) == (None, None)


def test_the_shadow_overlap_tells_the_ruler_from_the_service(warehouse: Warehouse):
    third = weeks(warehouse)[2]
    assert (third["bridge_scored"], third["bridge_scorer_version"]) == (40, SHADOW)
    assert third["scorer_shift_diff"] == pytest.approx(-0.2)
    assert third["scorer_shift_diff_high"] == pytest.approx(-0.0647, abs=5e-5)
    assert third["cx_score_bridge_diff"] == pytest.approx(0)
    assert third["cx_score_bridge_label"] == "noise"
