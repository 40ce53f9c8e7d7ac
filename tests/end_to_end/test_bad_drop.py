"""A drop of files with everything that can be wrong in it: each record has an outcome, and nothing else is lost."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import WARNING, WRONG_USE
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.settings import load_settings

pytestmark = pytest.mark.slow

DAY = "2024-05-06"


def record(conversation_id: str, *texts: str, at: str = f"{DAY}T10:00:00Z", **fields: object) -> dict[str, object]:
    said = texts or ("My parcel did not arrive, can you please check it?", "It is on its way, it arrives tomorrow.")
    authors = ("customer", "ai_agent")
    messages = [{"author_type": authors[n % 2], "sent_at": at, "text": text} for n, text in enumerate(said)]
    return {"conversation_id": conversation_id, "channel": "chat", "messages": messages, **fields}


def a_bad_drop(folder: Path) -> Path:
    good = [
        record("good"),
        record("emoji", "مرحبا 👋🏽 my order is broken and I am very angry about it 😡", "I am sorry about that."),
        record("huge", "it does not work " * 120_000, "Thank you, I have solved it now."),
        record("two-days"),
        record("two-days", at="2024-05-07T10:00:00Z"),
        record("out-of-order"),
    ]
    unordered: list[dict[str, object]] = good[-1]["messages"]  # pyright: ignore[reportAssignmentType]
    unordered[0]["sent_at"] = f"{DAY}T11:00:00Z"
    bad = [
        record("good"),
        {"conversation_id": "silent", "created_at": f"{DAY}T10:00:00Z", "messages": []},
        {
            "conversation_id": "robot",
            "messages": [{"author_type": "robot", "sent_at": f"{DAY}T10:00:00Z", "text": "x"}],
        },
        record("future", at="2099-01-01T00:00:00Z"),
        record("timeless", at="soon"),
    ]
    lines = [json.dumps(r, ensure_ascii=False).encode() for r in [*good, *bad]]
    lines += [b'{"conversation_id": "latin", "messages": "\xff\xfe"}', b"not json at all", b""]
    folder.mkdir()
    with gzip.open(folder / "drop.jsonl.gz", "wb") as file:
        file.write(b"\n".join(lines))
    (folder / "empty.jsonl").touch()
    return folder


def test_every_record_of_a_bad_drop_has_an_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(a_bad_drop(tmp_path / "drop")))
    result = CliRunner().invoke(app, ["backfill", "--from", "2024-05-05", "--to", "2024-05-07"])
    assert result.exit_code == WARNING, result.output
    settings = load_settings()
    rejected = Lake(settings.lake_url).read("rejected")
    assert sorted(rejected["rule"]) == [
        "bad_time",
        "duplicate_id",
        "invalid_utf8",
        "no_messages",
        "not_json",
        "time_in_future",
        "unknown_author_type",
    ]
    assert all("drop.jsonl.gz:" in ref for ref in rejected["record_ref"])
    with duckdb.connect(str(settings.published_dir / MARTS_FILE), read_only=True) as connection:
        statuses = connection.execute(
            "select conversation_id, scoring_status from fct_conversations order by 1"
        ).fetchall()
    assert statuses == [(name, "scored") for name in ("emoji", "good", "huge", "out-of-order", "two-days")]


def test_a_missing_file_is_one_clear_line_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(tmp_path / "nothing.jsonl"))
    result = CliRunner().invoke(app, ["backfill", "--from", DAY, "--to", DAY])
    assert result.exit_code == WRONG_USE
    assert "CX_FILES_PATH: no such file or folder" in result.output
    assert not load_settings().home.exists()
    assert "Traceback" not in result.output
