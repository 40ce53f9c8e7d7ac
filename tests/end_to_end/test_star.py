"""A real month: the STAR conversations by settings alone, every one accounted for."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.backfill import backfill
from orchestration.settings import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

CONVERSATIONS = 3518


def test_all_star_conversations_are_accounted_for_and_scored(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", str(shared_data / "labelled" / "star_en.dev.jsonl.gz"))
    done = backfill(load_settings(), date(2020, 5, 11), date(2020, 5, 31))
    assert done.failures == ()
    assert done.rejected == 0
    assert done.statuses.total() == CONVERSATIONS
    assert done.statuses["scored"] >= 0.95 * CONVERSATIONS
