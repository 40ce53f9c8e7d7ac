"""The code location: loads anywhere, says the same by every entry point, and does nothing at import."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from expectations.audit import AUDITED_MARTS
from expectations.schemas.tables import LAKE_TABLES
from orchestration.settings import PROJECT_ROOT

OF_NO_DAY = {"workspaces", "ledger"}  # written just before dbt reads them
OF_PEOPLE = {"reviews", "claim_reviews"}  # read in by a command, which checks every row before it keeps any
LIST_KEYS = """
import importlib, json, sys
module = importlib.import_module(sys.argv[1])
definitions = module.defs()
graph = definitions.resolve_asset_graph()
print(json.dumps({
    "assets": sorted(key.to_user_string() for key in graph.materializable_asset_keys),
    "blocking": sorted(
        f"{key.asset_key.to_user_string()}:{key.name}"
        for key in graph.asset_check_keys
        if graph.get_check_spec(key).blocking
    ),
    "jobs": sorted(job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")),
}))
"""
IMPORT_ALL = """
import importlib, pkgutil, sys
import expectations, orchestration, scoring_ops
for package in (scoring_ops, expectations, orchestration):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.startswith(("expectations.suites.", "expectations.data_docs")):
            importlib.import_module(module.name)
assert "great_expectations" not in sys.modules, "great_expectations is imported at start"
"""


def in_a_fresh_interpreter(code: str, *arguments: str, home: Path) -> str:
    """Runs code with an empty environment but for PATH and where to write."""
    environment = {"PATH": os.environ["PATH"], "CX_HOME": str(home), "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=PROJECT_ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What each of the two entry points loads, by the module it names."""
    home = tmp_path_factory.mktemp("home")
    workspace = yaml.safe_load((PROJECT_ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["dg"]["project"]
    modules = {
        "workspace.yaml": workspace["load_from"][0]["python_module"]["module_name"],
        "pyproject.toml": project["code_location_target_module"],
    }
    return {entry: json.loads(in_a_fresh_interpreter(LIST_KEYS, name, home=home)) for entry, name in modules.items()}


@pytest.mark.slow
def test_both_entry_points_load_the_same_assets(listed: dict[str, dict[str, list[str]]]) -> None:
    assert listed["workspace.yaml"] == listed["pyproject.toml"]


@pytest.mark.slow
def test_every_lake_table_of_days_that_runs_write_is_an_asset(listed: dict[str, dict[str, list[str]]]) -> None:
    lake = {name.removeprefix("lake/") for name in listed["workspace.yaml"]["assets"] if name.startswith("lake/")}
    assert lake == set(LAKE_TABLES) - OF_NO_DAY - OF_PEOPLE


@pytest.mark.slow
def test_the_marts_of_the_contract_are_assets(listed: dict[str, dict[str, list[str]]]) -> None:
    promised = {
        "fct_conversations",
        "fct_conversation_scores",
        "fct_score_reasons",
        "fct_feedback_items",
        "rpt_cx_weekly",
        "rpt_cx_weekly_by_segment",
        "rpt_score_drivers_weekly",
        "rpt_coverage_weekly",
        "rpt_csat_comparison",
        "rpt_ai_agent_weekly",
        "rpt_topic_trends",
        "rpt_process_faults_weekly",
        "rpt_metric_stability",
        "rpt_status_board",
        "rpt_scorer_versions",
        "rpt_cost_daily",
        "route_product_feedback",
        "route_policy_feedback",
        "route_calibration_queue",
        "fct_conversation_reviews",
        "rpt_review_agreement",
        "rpt_claim_support",
        "published_marts",
    }
    assert promised <= set(listed["workspace.yaml"]["assets"])


@pytest.mark.slow
def test_a_blocking_check_stands_behind_every_lake_table_and_audited_mart(
    listed: dict[str, dict[str, list[str]]],
) -> None:
    blocking = set(listed["workspace.yaml"]["blocking"])
    assert {f"lake/{table}:schema" for table in set(LAKE_TABLES) - OF_NO_DAY - OF_PEOPLE} <= blocking
    assert {f"{mart}:great_expectations" for mart in AUDITED_MARTS} <= blocking


@pytest.mark.slow
def test_importing_every_module_reads_no_setting_and_writes_nothing(tmp_path: Path) -> None:
    before = sorted(PROJECT_ROOT.glob("*"))
    in_a_fresh_interpreter(IMPORT_ALL, home=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert sorted(PROJECT_ROOT.glob("*")) == before
