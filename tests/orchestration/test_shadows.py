"""Shadow scorers: beside the champion, on the same conversations, and in no figure of a week."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.extraction import extract_days
from orchestration.judges import scorer_in_use, scorer_of
from orchestration.lake import Lake
from orchestration.scores import score_day, write_calls
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import SettingError, load_settings
from orchestration.shadows import other_judges, scorers_of, shadows_of
from orchestration.workspaces import workspace_rows
from scoring_ops.ops import Chunk
from tests.builders import REPLY, START, make_conversation
from tests.fakes.labelled import lines
from tests.fakes.scorers import harsher_card
from tests.fakes.source import FakeSource

pytestmark = pytest.mark.slow  # trains a model, judges a day
DAY = START.date()


def model(folder: Path, tmp_path: Path) -> Path:
    """A folder with a model, as calibration writes it."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(json.dumps(row) for row in lines(90)), encoding="utf-8")
    done = CliRunner().invoke(app, ["calibrate", "--labels", str(labels), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def run() -> Lake:
    """A day extracted, judged and scored by everything that scores."""
    settings = load_settings()
    lake = Lake(settings.lake_url)
    said = ("customer", "My parcel is broken, nobody helps, I want my money back. This is terrible service!")
    records = [make_conversation(said, REPLY, said, conversation_id=f"c{n}") for n in range(3)]
    extract_days(FakeSource(records), lake, [DAY], "run")
    with LakeScoringDesk(settings, lake) as desk:
        desk.judge(Chunk(DAY.isoformat(), 0, 1), "run", retry_failed=False)
        desk.write_judgements(DAY, "run")
    for one in scorers_of(settings):
        score_day(one, lake, DAY, "run")
    for one in (settings, *other_judges(settings)):
        write_calls(one, lake, DAY)
    return lake


def test_a_shadow_of_weights_scores_the_same_claims_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(harsher_card(tmp_path / "harsh")))
    lake = run()
    scores = lake.read_day("conversation_scores", DAY)
    by_card = scores.group_by("scorecard_version").agg(pl.len(), pl.col("raw_score").mean()).sort("scorecard_version")
    assert by_card["scorecard_version"].to_list() == ["1", "harsh"]
    assert by_card["len"].to_list() == [3, 3]
    assert by_card["raw_score"][1] < by_card["raw_score"][0]
    assert lake.read_day("judgements", DAY)["judge_version"].n_unique() == 1


def test_a_shadow_with_a_model_asks_its_own_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(model(tmp_path / "mine", tmp_path)))
    lake = run()
    judged = lake.read_day("judgements", DAY)
    assert sorted(name.split("-")[1] for name in judged["judge_version"].unique()) == ["lexicon", "trained"]
    assert judged["status"].unique().to_list() == ["scored"]
    assert lake.read_day("conversation_scores", DAY)["scorer_version"].n_unique() == 2
    assert lake.read_day("llm_calls", DAY)["judge_version"].n_unique() == 2


def test_a_model_may_be_the_shadow_of_an_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = model(tmp_path / "mine", tmp_path)
    for name, value in {"CX_JUDGE": "openai", "CX_MODEL": "m", "OPENAI_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(folder))
    settings = load_settings()
    (shadow,) = shadows_of(settings)
    assert scorer_in_use(settings).judge_version.startswith("openai")
    assert scorer_of(shadow).judge_version.startswith("local-trained")


def test_the_week_is_the_champions_whatever_scores_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(workspace_rows(load_settings()))
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(harsher_card(tmp_path / "harsh")))
    assert list(workspace_rows(load_settings())) == before


def test_promotion_is_one_line_and_history_keeps_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(harsher_card(tmp_path / "harsh"))
    monkeypatch.setenv("CX_SHADOW_SCORERS", folder)
    lake = run()
    before = lake.read_day("conversation_scores", DAY)
    shadow = scorer_of(shadows_of(load_settings())[0]).scorer_version
    monkeypatch.setenv("CX_SCORER", folder)
    monkeypatch.setenv("CX_SHADOW_SCORERS", "default")
    settings = load_settings()
    assert scorer_in_use(settings).scorer_version == shadow
    assert [scorer_of(one).card.version for one in shadows_of(settings)] == ["1"]
    assert lake.read_day("conversation_scores", DAY).equals(before)


def test_a_champion_is_not_its_own_shadow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = harsher_card(tmp_path / "harsh")
    monkeypatch.setenv("CX_SCORER", str(folder))
    monkeypatch.setenv("CX_SHADOW_SCORERS", f"{folder}, {folder}")
    assert shadows_of(load_settings()) == ()


def test_the_gate_keeps_a_version_from_being_champion_and_not_from_the_shadow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = harsher_card(tmp_path / "harsh")
    settings = load_settings().model_copy(update={"release_gate": "enforce", "scorer": folder})
    with pytest.raises(SettingError, match="CX_RELEASE_GATE"):
        scorer_in_use(settings)
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(folder))
    (shadow,) = shadows_of(load_settings())
    assert scorer_in_use(shadow).card.version == "harsh"


def test_a_folder_that_cannot_be_used_is_one_line_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_SHADOW_SCORERS", str(tmp_path / "nowhere"))
    with pytest.raises(SettingError, match=r"^CX_SHADOW_SCORERS: .*nowhere"):
        shadows_of(load_settings())
    refused = CliRunner().invoke(app, ["backfill", "--from", "2026-03-02", "--to", "2026-03-02"])
    assert refused.exit_code == 2
    assert "CX_SHADOW_SCORERS" in refused.output
