"""`cxscore calibrate` from a labels file to a folder that CX_SCORER loads, and what it refuses on the way."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.calibration_labels import LabelsError, read_labels
from orchestration.cli import app
from orchestration.console import FAILED, WRONG_USE
from orchestration.extraction import extract_days
from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import SettingError, load_settings
from orchestration.workspaces import champion_of, workspaces_of
from tests.builders import START, make_conversation
from tests.fakes.labelled import lines
from tests.fakes.source import FakeSource

SHIPPED = Path(__file__).resolve().parents[2] / "scoring_ops" / "scorecard.toml"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return written(tmp_path / "labels.jsonl.gz", lines(90))


def written(path: Path, rows: list[dict]) -> Path:
    content = "\n".join(json.dumps(row) for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def run(*arguments: str | Path):
    return CliRunner().invoke(app, ["calibrate", *map(str, arguments)])


def test_labels_become_a_folder_that_scores(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "scorers" / "mine"
    result = run("--labels", labels, "--out", out)
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {
        "MODEL_CARD.md",
        "model.json",
        "model.safetensors",
        "scorecard.toml",
        "taught.txt",
    }
    monkeypatch.setenv("CX_SCORER", str(out))
    scorer = scorer_in_use(load_settings())
    assert scorer.judge_version.startswith("local-trained-")
    assert scorer.card.version.startswith("calibrated ")
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "invented" in card
    assert "90 conversations in 90 groups" in card
    assert "| negative (score 1 or 2) | 90 | 33.3% |" in card


def test_validating_on_what_taught_a_scorer_is_said_and_fails_the_gate(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    run("--labels", labels, "--out", out)
    others = written(tmp_path / "others.jsonl", [row | {"human_label": {"negative": False}} for row in lines(120)[90:]])
    taught = written(tmp_path / "taught.jsonl", [row | {"human_label": {"negative": False}} for row in lines(95)[85:]])
    for path, number in ((others, 0), (taught, 5)):
        report = tmp_path / f"{number}.json"
        given = ["validate", "--labels", str(path), "--scorer", str(out), "--json", str(report), "--rerun", "0"]
        done = CliRunner().invoke(app, given)
        assert json.loads(report.read_text(encoding="utf-8"))["taught"] == number
        assert ("taught this scorer" in done.output) == bool(number)
        assert ("labels nobody tuned on" in done.output) == bool(number)


def test_a_split_by_time_measures_the_latest_fifth(labels: Path, tmp_path: Path) -> None:
    assert run("--labels", labels, "--out", tmp_path / "mine", "--split", "time").exit_code == 0
    card = (tmp_path / "mine" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "the latest fifth" in card
    assert "| negative (score 1 or 2) | 18 |" in card


def test_weights_alone_leave_the_judge_as_it_is(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scorer_in_use(load_settings())
    assert run("--labels", labels, "--out", tmp_path / "mine", "--weights-only").exit_code == 0
    monkeypatch.setenv("CX_SCORER", str(tmp_path / "mine"))
    after = scorer_in_use(load_settings())
    assert after.judge_version == before.judge_version
    assert after.scorer_version != before.scorer_version


def test_a_damaged_model_stops_before_any_work(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "mine"
    run("--labels", labels, "--out", out)
    (out / "model.safetensors").write_bytes(b"weights of somebody else")
    monkeypatch.setenv("CX_SCORER", str(out))
    with pytest.raises(SettingError, match=r"CX_SCORER: .*model\.safetensors: damaged or exchanged"):
        scorer_in_use(load_settings())


def test_a_model_is_not_used_with_another_judge(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "mine"
    run("--labels", labels, "--out", out)
    for name, value in {"CX_SCORER": str(out), "CX_JUDGE": "openai", "CX_MODEL": "m", "OPENAI_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match="holds a model for judge local"):
        scorer_in_use(load_settings())


def test_a_workspace_cannot_have_a_model_of_its_own(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--labels", labels, "--out", tmp_path / "mine")
    (tmp_path / "workspaces.yml").write_text("workspaces: [{id: north, champion: mine}]", encoding="utf-8")
    monkeypatch.setenv("CX_WORKSPACES", str(tmp_path / "workspaces.yml"))
    settings = load_settings()
    with pytest.raises(SettingError, match="champion of north: one judge reads all workspaces"):
        champion_of(workspaces_of(settings)[0], settings)


def test_a_folder_that_holds_something_is_not_written_over(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "scorecard.toml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    result = run("--labels", labels, "--out", tmp_path / "full")
    assert result.exit_code == WRONG_USE
    assert "not empty" in result.output


def test_too_few_labels_leave_no_folder(tmp_path: Path) -> None:
    result = run("--labels", written(tmp_path / "few.jsonl", lines(6)), "--out", tmp_path / "mine")
    assert result.exit_code == FAILED
    assert "fewer than" in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"few.jsonl"}


BROKEN = {
    "no JSON": (b"{", "line 1"),
    "no messages": (b'{"conversation_id": "a", "messages": [], "human_label": {"mean": 2}}', "line 1: messages"),
    "no label": (
        b'\n{"conversation_id": "a", "messages": [{"author_type": "customer", "text": "x"}], "human_label": {}}',
        "line 2: human_label",
    ),
    "nothing": (b"\n", "holds no conversation"),
    "no text": (b"\xff", "cannot be read"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_labels_file_that_cannot_be_used_names_its_line(what: str, tmp_path: Path) -> None:
    content, reason = BROKEN[what]
    (tmp_path / "labels.jsonl").write_bytes(content)
    with pytest.raises(LabelsError, match=reason):
        read_labels(tmp_path / "labels.jsonl")


def test_what_two_reviewers_wrote_and_settled_is_learnt_from(tmp_path: Path) -> None:
    row = {name: value for name, value in lines(1)[0].items() if name != "human_label"}
    reviews = [{"reviewer": "ana", "score": 4, "resolution": "resolved"}, {"reviewer": "ben", "score": 3}]
    apart = {**row, "conversation_id": "c8", "labels": reviews}
    settled = {**row, "conversation_id": "c9", "labels": reviews, "adjudicated": {"score": 2}}
    found = read_labels(written(tmp_path / "reviews.jsonl", [apart, settled])).conversations
    assert [one.labelled.targets for one in found] == [
        {"satisfaction": 3.5, "resolution": 5},
        {"satisfaction": 2, "resolution": 5},
    ]
    assert {one.licence for one in found} == {"invented"}


def test_reviewers_may_name_a_conversation_of_the_lake(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    extract_days(FakeSource([make_conversation()]), lake, [START.date()], "run")
    named = written(
        tmp_path / "reviews.jsonl", [{"conversation_id": "c1", "labels": [{"reviewer": "ana", "score": 1}]}]
    )
    (found,) = read_labels(named, lake).conversations
    assert found.labelled.targets == {"satisfaction": 1}
    assert found.labelled.origin.transcript.turns
    unknown = written(
        tmp_path / "other.jsonl", [{"conversation_id": "c2", "labels": [{"reviewer": "ana", "score": 1}]}]
    )
    with pytest.raises(LabelsError, match="c2: no_conversation"):
        read_labels(unknown, lake)


def test_labels_are_masked_as_conversations_are(tmp_path: Path) -> None:
    row = lines(1)[0]
    row["messages"][0]["text"] = "Write to jane.doe@example.com please"
    found = read_labels(written(tmp_path / "labels.jsonl", [row])).conversations[0]
    assert "jane.doe" not in found.labelled.origin.transcript.turns[0].text


@pytest.mark.parametrize(
    ("label", "targets"),
    [
        ({"score": 4}, {"satisfaction": 4}),
        ({"mean": 2.4, "score": 2}, {"satisfaction": 2.4}),
        ({"negative": True}, {"satisfaction": 2}),
        ({"resolved": False}, {"resolution": 2}),
        ({"negative": False, "dims": {"effectiveness": {"score": 5}}}, {"satisfaction": 3, "effort": 5}),
    ],
)
def test_a_label_says_what_people_said(label: dict, targets: dict, tmp_path: Path) -> None:
    row = {**lines(1)[0], "human_label": label}
    assert read_labels(written(tmp_path / "one.jsonl", [row])).conversations[0].labelled.targets == targets
