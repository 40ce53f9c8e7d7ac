"""Plans: what a backfill would ask and pay is known before, and is what it then does."""

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import WARNING
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.plan import plan
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.demo.source import FIRST_MONDAY
from scoring_ops.cache import open_cache
from scoring_ops.ops import Chunk

pytestmark = pytest.mark.slow  # generates two days of the demo each time
DAYS = [FIRST_MONDAY, FIRST_MONDAY + timedelta(days=1)]
RANGE = ["--from", DAYS[0].isoformat(), "--to", DAYS[1].isoformat()]


def judge(lake: Lake) -> int:
    with LakeScoringDesk(load_settings(), lake) as desk:
        return sum(desk.judge(Chunk(day.isoformat(), 0, 1), "run", retry_failed=False).calls for day in DAYS)


def test_a_plan_is_the_same_from_source_and_lake_and_foretells_the_calls() -> None:
    settings = load_settings()
    lake = Lake(settings.lake_url)
    before = plan(settings, DAYS)
    assert before.from_source == 2
    assert not lake.day_paths("conversations", DAYS[0])
    extract_days(chosen_source(settings), lake, DAYS, "run")
    planned = plan(settings, DAYS)
    assert planned == before._replace(from_source=0)
    assert planned.versions == planned.ineligible + planned.settled + planned.calls
    assert judge(lake) == planned.calls
    after = plan(settings, DAYS)
    assert after.calls == 0
    assert after.settled == planned.settled + planned.calls


def with_a_model(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    given = {"CX_JUDGE": "openai", "CX_MODEL": "gpt-4.1-mini", "OPENAI_API_KEY": "sk-x", **more}
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def test_a_plan_for_a_model_names_its_money_and_warns_where_the_budget_is_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_a_model(monkeypatch, CX_BUDGET_USD_PER_RUN="0.01")
    planned = plan(load_settings(), DAYS[:1])
    assert planned.likely_usd is not None
    assert planned.most_usd is not None
    assert 0.01 < planned.likely_usd < planned.most_usd
    result = CliRunner().invoke(app, ["plan", *RANGE])
    assert result.exit_code == WARNING
    assert "CX_BUDGET_USD_PER_RUN" in result.output


def test_the_cache_is_shown_by_judge_and_pruned_only_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    lake = Lake(settings.lake_url)
    extract_days(chosen_source(settings), lake, DAYS, "run")
    calls = judge(lake)
    shown = CliRunner().invoke(app, ["cache", "stats"])
    assert "local-lexicon" in shown.output
    assert f"{calls:,}" in shown.output
    assert "say what to prune" in CliRunner().invoke(app, ["cache", "prune"]).output
    with_a_model(monkeypatch)
    counted = CliRunner().invoke(app, ["cache", "prune", "--unused"])
    assert f"Would remove {calls:,} answers" in counted.output
    removed = CliRunner().invoke(app, ["cache", "prune", "--unused", "--apply"])
    assert f"Removed {calls:,} answers" in removed.output
    with open_cache(settings.cache_url) as cache:
        assert cache.calls_of(["run"]).attempts == calls  # the ledger stays
    assert "Removed 0 answers" in CliRunner().invoke(app, ["cache", "prune", "--unused", "--apply"]).output
