"""A scorecard rolled out to one workspace of the demo: it scores all, and the weeks of that one are reported by it."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.backfill import backfill
from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.settings import PROJECT_ROOT, Settings, load_settings
from orchestration.workspaces import champions_of

pytestmark = pytest.mark.slow

DAY = date(2026, 3, 4)
SHIPPED = PROJECT_ROOT / "scoring_ops" / "scorecard.toml"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("rollout")
    (folder / "steady").mkdir()
    card = SHIPPED.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"', 1)
    (folder / "steady" / "scorecard.toml").write_text(card, encoding="utf-8")
    file = folder / "workspaces.yml"
    file.write_text("workspaces: [{id: demo-travel, champion: steady, timezone: Asia/Tokyo}]", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_HOME", str(folder / "home"))
        patch.setenv("CX_WORKSPACES", str(file))
        read = load_settings()
        done = backfill(read, DAY, DAY)
        assert done.failures == ()
        yield read


def test_every_champion_scores_every_workspace_from_the_same_claims(settings: Settings) -> None:
    ours, theirs = (scorer_in_use(one).scorer_version for one in champions_of(settings))
    scored = Lake(settings.lake_url).read("conversation_scores").group_by("workspace_id", "scorer_version").len()
    by_scorer = {version: scored.filter(scorer_version=version).drop("scorer_version") for version in (ours, theirs)}
    assert by_scorer[ours].height == 3
    assert by_scorer[ours].sort("workspace_id").equals(by_scorer[theirs].sort("workspace_id"))


def test_a_week_is_reported_by_the_champion_of_its_workspace(settings: Settings) -> None:
    ours, theirs = (scorer_in_use(one).scorer_version for one in champions_of(settings))
    with duckdb.connect(str(settings.published_dir / MARTS_FILE), read_only=True) as marts:
        reported = dict(
            marts.execute("select distinct workspace_id, scorer_version from rpt_cx_weekly where scored > 0").fetchall()
        )
        roles = marts.execute(
            "select scorer_version, role, workspaces_in_use, calls > 0 from rpt_scorer_versions"
        ).fetchall()
        zones = dict(marts.execute("select distinct workspace_id, timezone from fct_conversations").fetchall())
    assert reported == {"demo-retail": ours, "demo-software": ours, "demo-travel": theirs}
    assert sorted(roles) == sorted([(ours, "in_use", 2, True), (theirs, "in_use", 1, False)])
    assert zones == {"demo-retail": "UTC", "demo-software": "UTC", "demo-travel": "Asia/Tokyo"}
