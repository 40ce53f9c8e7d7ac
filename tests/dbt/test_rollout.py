"""A scorecard rolled out to one workspace of the demo: it scores all, and the weeks of that one are reported by it."""

from collections.abc import Iterator

import pytest

from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import PROJECT_ROOT, Settings, load_settings
from orchestration.workspaces import champions_of
from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.demo_lake import demo_lake

pytestmark = pytest.mark.slow

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
        demo_lake(read, weeks=1)
        yield read


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Warehouse:
    wanted = ("+rpt_cx_weekly", "+rpt_scorer_versions")
    return dbt_build(settings.home, "--select", *wanted, "--exclude-resource-type", "unit_test", "test")


def test_every_champion_scores_every_workspace_from_the_same_claims(settings: Settings) -> None:
    ours, theirs = (scorer_in_use(one).scorer_version for one in champions_of(settings))
    scored = Lake(settings.lake_url).read("conversation_scores").group_by("workspace_id", "scorer_version").len()
    by_scorer = {version: scored.filter(scorer_version=version).drop("scorer_version") for version in (ours, theirs)}
    assert by_scorer[ours].height == 3
    assert by_scorer[ours].sort("workspace_id").equals(by_scorer[theirs].sort("workspace_id"))


def test_a_week_is_reported_by_the_champion_of_its_workspace(settings: Settings, warehouse: Warehouse) -> None:
    ours, theirs = (scorer_in_use(one).scorer_version for one in champions_of(settings))
    weeks = warehouse.rows("select distinct workspace_id, scorer_version from rpt_cx_weekly where scored > 0")
    reported = {str(row["workspace_id"]): row["scorer_version"] for row in weeks}
    roles = [
        tuple(row.values())
        for row in warehouse.rows(
            "select scorer_version, role, workspaces_in_use, calls > 0 as asked from rpt_scorer_versions"
        )
    ]
    places = warehouse.rows("select distinct workspace_id, timezone from fct_conversations")
    zones = {str(row["workspace_id"]): row["timezone"] for row in places}
    assert reported == {"demo-retail": ours, "demo-software": ours, "demo-travel": theirs}
    assert sorted(roles) == sorted([(ours, "in_use", 2, True), (theirs, "in_use", 1, False)])
    assert zones == {"demo-retail": "UTC", "demo-software": "UTC", "demo-travel": "Asia/Tokyo"}
