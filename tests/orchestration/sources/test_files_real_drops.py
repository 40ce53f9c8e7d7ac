"""The files source on the real conversations that lie beside the project; skipped where they are absent."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation

DATA = Path(__file__).resolve().parents[3] / "../shared/data/labelled"
ANY_DAY = frozenset(date(2010, 1, 1) + timedelta(days=n) for n in range(17 * 365))

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


def extract(name: str, days: frozenset[date] = ANY_DAY) -> tuple[list[Conversation], list[Rejected]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the development data is not beside the project: {name}")
    outcomes = list(FilesSource(str(path), "acme", lambda: datetime(2026, 11, 10, tzinfo=UTC)).extract(days))
    return [o for o in outcomes if isinstance(o, Conversation)], [o for o in outcomes if isinstance(o, Rejected)]


def test_star_gives_every_conversation_on_the_days_it_was_held() -> None:
    found, rejected = extract("star_en.dev.jsonl.gz")

    assert (len(found), rejected) == (3518, [])
    assert (min(c.update_day for c in found), max(c.update_day for c in found)) == (
        date(2020, 5, 12),
        date(2020, 5, 27),
    )
    assert sum(len(c.messages) for c in found) == 64_054
    assert {c.agent_mix for c in found} == {"ai_only"}
    assert {json.loads(c.source_metadata or "{}")["licence"] for c in found} == {"MIT"}


def test_the_days_of_star_taken_one_by_one_are_the_days_taken_together() -> None:
    together, _ = extract("star_en.dev.jsonl.gz")
    day, count = Counter(c.update_day for c in together).most_common(1)[0]

    alone, _ = extract("star_en.dev.jsonl.gz", frozenset({day}))

    assert len(alone) == count > 100
    assert alone == [c for c in together if c.update_day == day]


def test_tau_has_no_times_at_all_and_is_rejected_whole() -> None:
    found, rejected = extract("tau_airline_en.dev.jsonl.gz")

    assert found == []
    assert Counter((r.rule, r.day) for r in rejected) == {("no_time", None): 136}
    assert len({r.record_ref for r in rejected}) == 136


@pytest.mark.parametrize(("name", "kept", "without_time"), [("stc3_en", 1003, 0), ("stc3_zh", 2201, 3)])
def test_stc3_is_dated_by_its_derived_creation(name: str, kept: int, without_time: int) -> None:
    found, rejected = extract(f"{name}.dev.jsonl.gz")

    assert len(found) == kept
    assert Counter(r.rule for r in rejected) == Counter({"no_time": without_time} if without_time else {})
    assert all(c.version_at == c.first_closed_at == c.created_at for c in found)
    assert {json.loads(c.source_metadata or "{}")["created_at_source"] for c in found} == {"derived_from_weibo_mid"}
