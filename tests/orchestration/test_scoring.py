"""Scoring between lake and cache: statuses from settings, chunks that change nothing, claims that fit or wait."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from expectations.schemas.tables import LakeTable
from expectations.validation import validate_table
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.scored_day import SCORE_TABLES
from orchestration.scores import score_day, write_calls
from orchestration.scoring import DayProgress, LakeScoringDesk
from orchestration.settings import load_settings
from scoring_ops.conversation import Conversation
from scoring_ops.ops import Chunk
from tests.builders import START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
NIGHT = datetime(2025, 2, 1, tzinfo=UTC)


def conversations() -> list[Conversation]:
    answered = [
        make_conversation(
            ("customer", f"The export number {n} fails with an error, can you fix it please?"),
            ("human_agent", "Sorry about that! I have fixed it, please try again."),
            ("customer", "It works now, thank you so much!"),
            conversation_id=f"c{n}",
        )
        for n in range(12)
    ]
    return [*answered, make_conversation(conversation_id="spam", is_spam=True)]


@pytest.fixture
def lake() -> Lake:
    lake = Lake(load_settings().lake_url)
    extract_days(FakeSource(conversations()), lake, [DAY], "extraction", clock=lambda: NIGHT)
    return lake


def judge_and_score(lake: Lake, *, chunks: int = 1, run_id: str = "run-1") -> int:
    """Judges, writes and scores the day; returns the number of calls."""
    settings = load_settings()
    with LakeScoringDesk(settings, lake, chunks_per_day=chunks, clock=lambda: NIGHT) as desk:
        assert desk.chunks(DAY) == chunks
        parts = [Chunk(DAY.isoformat(), number, chunks) for number in range(chunks)]
        calls = sum(desk.judge(part, run_id, retry_failed=False).calls for part in parts)
        desk.write_judgements(DAY, run_id)
    score_day(settings, lake, DAY, run_id, clock=lambda: NIGHT)
    write_calls(settings, lake, DAY)
    return calls


def statuses(lake: Lake) -> Counter[str]:
    return Counter(lake.read_day("judgements", DAY)["status"])


def test_every_version_gets_one_status_and_every_scored_one_a_score(lake: Lake) -> None:
    assert judge_and_score(lake) == 12
    assert statuses(lake) == {"scored": 12, "ineligible": 1}
    assert lake.read_day("conversation_scores", DAY).height == 12
    for table in (*SCORE_TABLES, "judgements", "llm_calls"):
        outcome = validate_table(table, lake.read_day(table, DAY))
        assert outcome.passed, outcome.summary


def test_the_parts_of_a_day_yield_the_same_rows_as_the_whole(lake: Lake, tmp_path: Path) -> None:
    tables: tuple[LakeTable, ...] = (*SCORE_TABLES, "judgements", "llm_calls")
    judge_and_score(lake)
    whole = {table: lake.checksum(table) for table in tables}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_CACHE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")
        assert judge_and_score(lake, chunks=3) == 12
    assert {table: lake.checksum(table) for table in tables} == whole


def test_judging_again_calls_nobody_and_says_so_in_the_rows(lake: Lake) -> None:
    judge_and_score(lake)
    assert judge_and_score(lake, run_id="run-2") == 0
    judged = lake.read_day("judgements", DAY).filter(pl.col("status") == "scored")
    assert judged["cached"].all()


def test_the_strict_profile_of_the_settings_decides_who_is_scored(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_ELIGIBILITY", "strict")
    judge_and_score(lake)
    judged = lake.read_day("judgements", DAY)
    assert statuses(lake) == {"ineligible": 13}
    assert set(judged["eligibility_profile"]) == {"strict"}
    assert "fewer_than_2_agent_replies" in judged["ineligible_rules"][0]


def test_a_replay_of_an_empty_cache_leaves_everything_pending_whatever_the_budget(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CX_JUDGE": "replay", "CX_BUDGET_USD_PER_RUN": "0.01", "CX_RPM": "1"}.items():
        monkeypatch.setenv(name, value)
    assert judge_and_score(lake) == 0
    assert statuses(lake) == {"pending": 12, "ineligible": 1}


def test_claims_about_other_words_than_the_lake_holds_give_no_score(lake: Lake) -> None:
    judge_and_score(lake)
    changed = make_conversation(("customer", "Quite another text, written later on, ten words."), conversation_id="c0")
    extract_days(FakeSource([changed]), lake, [DAY], "extraction-2", clock=lambda: NIGHT)
    day = score_day(load_settings(), lake, DAY, "run-2", clock=lambda: NIGHT)
    assert day.unreadable == 1
    assert day.scores.total() == 11


def test_progress_is_told_call_by_call(lake: Lake) -> None:
    told: list[DayProgress] = []
    with LakeScoringDesk(load_settings(), lake, progress=told.append) as desk:
        desk.judge(Chunk(DAY.isoformat(), 0, 1), "run-1", retry_failed=False)
    assert [at.judged for at in told] == [*range(1, 13), 12]
    assert {(at.day, at.todo) for at in told} == {(DAY.isoformat(), 12)}
