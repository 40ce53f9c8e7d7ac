"""Real days: the STAR conversations by settings alone, every one accounted for, and nothing paid twice."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from expectations.schemas.tables import LAKE_TABLES
from orchestration.backfill import backfill
from orchestration.lake import Lake
from orchestration.settings import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

CONVERSATIONS = 3518
FIRST, LAST = date(2020, 5, 11), date(2020, 5, 28)  # all of its days, and one beside at either end


def test_star_is_accounted_for_and_a_second_run_calls_nobody_and_writes_identical_rows(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(shared_data / "labelled" / "star_en.dev.jsonl.gz"))
    settings = load_settings()
    done = backfill(settings, FIRST, LAST)
    assert done.failures == ()
    assert done.rejected == 0
    assert done.statuses.total() == CONVERSATIONS
    assert done.statuses["scored"] >= 0.95 * CONVERSATIONS
    lake = Lake(settings.lake_url)
    before = {table: lake.checksum(table) for table in LAKE_TABLES}
    again = backfill(settings, LAST - timedelta(days=6), LAST)
    assert (again.failures, again.judge_calls) == ((), 0)
    assert 0 < again.statuses.total() < CONVERSATIONS
    assert {table: lake.checksum(table) for table in LAKE_TABLES} == before
