"""Reconciliation: what source and lake have, day by day, as sets and not as sums."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED, WARNING
from orchestration.extraction import extract_days
from orchestration.forgetting.removal import remove_from_lake
from orchestration.forgetting.tombstones import remember
from orchestration.forgetting.traces import Person, traces_of
from orchestration.lake import Lake
from orchestration.reconcile import DayCounts, reconcile
from orchestration.settings import load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation
from tests.builders import START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_what_was_extracted_is_missing_nowhere(lake: Lake) -> None:
    records: list[Conversation | Rejected] = [
        make_conversation(),
        make_conversation(conversation_id="c2", version_at=START + timedelta(days=1)),
        Rejected("acme", "demo", "drop:7", None, "not_json", "line is not JSON", DAY),
    ]
    extract_days(FakeSource(records), lake, [DAY, NEXT], "run")
    assert reconcile(FakeSource(records), lake, [DAY, NEXT]) == [
        DayCounts(DAY, "acme", "demo", 1, 1, 0, 0, 1, ()),
        DayCounts(NEXT, "acme", "demo", 1, 1, 0, 0, 0, ()),
    ]


def test_a_missing_version_and_one_that_was_changed_do_not_cancel_out(lake: Lake) -> None:
    extract_days(FakeSource([make_conversation(), make_conversation(conversation_id="c2")]), lake, [DAY], "run")
    now = [make_conversation(), make_conversation(conversation_id="c2", version_at=START + timedelta(hours=1))]
    assert reconcile(FakeSource(now), lake, [DAY]) == [DayCounts(DAY, "acme", "demo", 2, 2, 1, 1, 0, ("c2",))]


def test_a_conversation_that_was_forgotten_is_not_missing(lake: Lake) -> None:
    records = [make_conversation(customer_id="maria"), make_conversation(conversation_id="c2")]
    extract_days(FakeSource(records), lake, [DAY], "run")
    maria = Person("maria")
    traces = traces_of(lake, maria)
    remember(lake, maria, traces, START)
    remove_from_lake(lake, traces)
    assert reconcile(FakeSource(records), lake, [DAY]) == [DayCounts(DAY, "acme", "demo", 1, 1, 0, 0, 0, ())]


def test_a_day_that_nobody_has_is_no_row(lake: Lake) -> None:
    lake.initialise()
    assert reconcile(FakeSource([make_conversation()]), lake, [NEXT]) == []


def drop(folder: Path, *ids: str) -> None:
    folder.mkdir(exist_ok=True)
    said = [{"author_type": "customer", "sent_at": "2026-03-02T10:00:00Z", "text": "Where is my order?"}]
    lines = [json.dumps({"conversation_id": one, "messages": said}) for one in ids]
    (folder / "drop.jsonl").write_text("\n".join(lines))


def test_the_command_counts_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(tmp_path / "drops"))
    drop(tmp_path / "drops", "a", "b")
    given = ["reconcile", "--from", "2026-03-02", "--to", "2026-03-03"]
    lacking = CliRunner().invoke(app, given)
    assert lacking.exit_code == WARNING
    assert "backfill --from 2026-03-02 --to 2026-03-02" in lacking.output
    settings = load_settings()
    extract_days(chosen_source(settings), Lake(settings.lake_url), [date(2026, 3, 2)], "run")
    whole = CliRunner().invoke(app, [*given, "--json"])
    assert whole.exit_code == 0
    (day,) = json.loads(whole.output)
    assert (day["in_source"], day["in_lake"], day["missing"]) == (2, 2, 0)
    assert "Nothing is missing" in CliRunner().invoke(app, given).output


def test_a_source_that_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(tmp_path))
    failed = CliRunner().invoke(app, ["reconcile", "--from", "2026-03-02", "--to", "2026-03-03"])
    assert failed.exit_code == FAILED
    assert len(failed.output.strip().splitlines()) == 1
