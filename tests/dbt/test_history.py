"""What was first published stays: a week is built when it is over, built again, and built with a late score.

The history lies in the warehouse, so all three builds write into one.
"""

from pathlib import Path

import pytest

from tests.dbt.build import Rows, dbt_build
from tests.dbt.lake_builder import SCORER
from tests.dbt.tiny_lake import TinyLake

pytestmark = pytest.mark.slow

WEEK, OVER = "2026-03-03 12:00", "2026-03-09 00:00"
OPTIONS = ("--select", "+rpt_cx_weekly", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")


def built(home: Path, scored: int, now: str, *options: str) -> Rows:
    """The history after a build over a lake in which `scored` conversations of a week of 20 have a score, half good."""
    lake = TinyLake(home / "lake")
    lake.add("workspaces", workspace_id="berlin", timezone="UTC", champion_scorer_version=SCORER)
    for n in range(20):
        lake.conversation(f"c{n}", WEEK)
        if n < scored:
            lake.scored(f"c{n}", 4 if n % 2 else 2, WEEK)
    lake.conversation("newest", now, state="open", first_closed_at=None, last_closed_at=None)
    lake.write()
    return dbt_build(home, *OPTIONS, *options).rows(
        "select revisions, first_published_scored as first, first_published_cx_score as rate, scored, "
        "cx_score_restated_diff as restated from rpt_cx_weekly"
    )


def test_a_late_score_changes_todays_figure_and_not_the_first(tmp_path: Path):
    before = {"revisions": 0, "first": None, "rate": None, "restated": None}
    assert built(tmp_path, 12, "2026-03-08 23:59") == [{**before, "scored": 12}]
    first = {"revisions": 1, "first": 14, "rate": 0.5, "restated": 0.0}
    assert built(tmp_path, 14, OVER) == [{**first, "scored": 14}]
    assert built(tmp_path, 14, "2026-03-09 01:00") == [{**first, "scored": 14}], "nothing new was said"
    (later,) = built(tmp_path, 17, "2026-03-10 00:00", "--full-refresh")
    assert later == {**first, "revisions": 2, "scored": 17, "restated": pytest.approx(8 / 17 - 0.5)}
