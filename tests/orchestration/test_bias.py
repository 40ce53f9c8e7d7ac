"""`cxscore bias` from a labels file to verdict, JSON and page; a second run asks nobody."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED
from orchestration.settings import load_settings
from scoring_ops.cache import open_cache
from scoring_ops.cache_upkeep import stats
from tests.fakes.labelled import said_about

pytestmark = pytest.mark.slow  # judges hundreds of copies


def labels(path: Path, language: str, count: int = 36) -> Path:
    rows = []
    for n in range(count):
        rating, said = said_about(n)
        messages = [{"author_type": author, "text": text} for author, text in said]
        row = {"conversation_id": f"x-{language}-{n}", "language": language, "messages": messages}
        rows.append(row | {"labels": [{"reviewer": "ana", "score": round(rating)}]})
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def calls() -> int:
    with open_cache(load_settings().cache_url) as cache:
        return sum(judge.attempts for judge in stats(cache))


def test_a_report_is_made_and_a_second_run_asks_nobody(tmp_path: Path) -> None:
    given = [
        "bias",
        "--labels",
        str(labels(tmp_path / "en.jsonl", "en")),
        "--other",
        str(labels(tmp_path / "de.jsonl", "de")),
    ]
    wanted = [*given, "--json", str(tmp_path / "out" / "bias.json"), "--html", str(tmp_path / "out" / "bias.html")]
    done = CliRunner().invoke(app, wanted)
    report = json.loads((tmp_path / "out" / "bias.json").read_text(encoding="utf-8"))
    assert done.exit_code == (0 if report["passed"] else FAILED), done.output
    assert [effect["n"] for effect in report["effects"]] == [36] * 7
    by_name = {effect["name"]: effect for effect in report["effects"]}
    assert by_name["name_gender"]["passed"] is True
    assert report["languages"]["n"] == 36
    assert report["languages"]["exact"] == 1.0
    page = (tmp_path / "out" / "bias.html").read_text(encoding="utf-8")
    assert "Emily" in page
    assert "kettle" not in page
    before = calls()
    CliRunner().invoke(app, given)
    assert calls() == before > 0


def test_a_sample_is_drawn_and_too_few_say_nothing(tmp_path: Path) -> None:
    path = str(labels(tmp_path / "en.jsonl", "en"))
    done = CliRunner().invoke(app, ["bias", "--labels", path, "--sample", "5", "--json", str(tmp_path / "b.json")])
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert {effect["passed"] for effect in report["effects"]} == {None}
    assert report["n"] == 5
