"""The command line: what it refuses before any work, what a demo may never do, and what its exit codes mean."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.table import Table
from typer.testing import CliRunner

from orchestration import backfill, weekly_table
from orchestration.backfill import Backfilled
from orchestration.cli import app
from orchestration.console import FAILED, WARNING, WRONG_USE
from orchestration.settings import Settings
from orchestration.sources.demo.source import FIRST_MONDAY

DAYS = ["backfill", "--from", "2026-03-02", "--to", "2026-03-04"]


class Asked:
    """Stands for the backfill: remembers what it was asked and answers as a test says."""

    def __init__(self, done: Backfilled) -> None:
        self.done = done
        self.settings: Settings | None = None
        self.days: tuple[date, date] | None = None
        self.retry_failed: bool | None = None

    def __call__(self, settings: Settings, first: date, last: date, *, retry_failed: bool, **_: object) -> Backfilled:
        self.settings, self.days, self.retry_failed = settings, (first, last), retry_failed
        return self.done


def asked(monkeypatch: pytest.MonkeyPatch, statuses: dict[str, int], *, rejected: int = 0, failure: str = "") -> Asked:
    done = Backfilled(Counter(statuses), Counter(), rejected, 5, 0.25, (failure,) if failure else ())
    stand_in = Asked(done)
    monkeypatch.setattr(backfill, "backfill", stand_in)
    monkeypatch.setattr(weekly_table, "weekly_table", lambda _: Table())
    return stand_in


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--from", "2026-03-04", "--to", "2026-03-02"], "before the first"),
        (["--from", "2026-03-02", "--to", datetime.now(UTC).date().isoformat()], "yesterday is the last"),
        (["--from", "2009-12-31", "--to", "2010-01-02"], "CX_START_DATE"),
        (["--from", "March", "--to", "2026-03-02"], "does not match"),
    ],
)
def test_days_that_cannot_be_run_are_refused(arguments: list[str], line: str) -> None:
    result = CliRunner().invoke(app, ["backfill", *arguments])
    assert result.exit_code == WRONG_USE
    assert line in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("statuses", "rejected", "failure", "code"),
    [
        ({"scored": 9, "ineligible": 1, "refused": 1}, 0, "", 0),
        ({"scored": 9, "budget_stopped": 1}, 0, "", WARNING),
        ({"scored": 9, "model_error": 1}, 0, "", WARNING),
        ({"scored": 9}, 1, "", WARNING),
        ({}, 0, "check lake/messages:schema: text is null", FAILED),
    ],
)
def test_exit_codes_say_how_it_ended(
    monkeypatch: pytest.MonkeyPatch, statuses: dict[str, int], rejected: int, failure: str, code: int
) -> None:
    asked(monkeypatch, statuses, rejected=rejected, failure=failure)
    result = CliRunner().invoke(app, DAYS)
    assert result.exit_code == code, result.output
    assert (failure or "Judge calls: 5, cost 0.2500 USD") in " ".join(result.output.split())


def test_failed_outcomes_are_tried_again_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = asked(monkeypatch, {"scored": 1})
    CliRunner().invoke(app, DAYS)
    assert stand_in.retry_failed is False
    CliRunner().invoke(app, [*DAYS, "--retry-failed"])
    assert stand_in.retry_failed is True


def test_a_demo_calls_nobody_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CX_JUDGE": "openai",
        "CX_MODEL": "some",
        "OPENAI_API_KEY": "key",
        "CX_SOURCE": "files",
    }.items():
        monkeypatch.setenv(name, value)
    stand_in = asked(monkeypatch, {"scored": 1})
    assert CliRunner().invoke(app, ["demo", "--weeks", "2"]).exit_code == 0
    assert stand_in.settings is not None
    assert (stand_in.settings.source, stand_in.settings.judge) == ("demo", "local")
    assert stand_in.days == (FIRST_MONDAY, FIRST_MONDAY + timedelta(days=13))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://u:secret@127.0.0.1:1/x", "install the extra `postgres`"),
        ("postgresql+pg8000://u:secret@127.0.0.1:1/x", "Can't create a connection to host 127.0.0.1 and port 1"),
    ],
)
def test_a_cache_that_is_not_there_is_told_in_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    monkeypatch.setenv("CX_CACHE_URL", url)
    result = CliRunner().invoke(app, ["cache", "stats"])
    assert result.exit_code == FAILED
    assert "failed the judgement cache cannot be opened: " in result.stderr
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1
    doctor = CliRunner().invoke(app, ["doctor"])
    assert doctor.exit_code == FAILED
    assert "secret" not in result.output + doctor.output
