"""What the cache holds by judge, and pruning it, on each database: the ledger stays whatever is pruned."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scoring_ops.budget import Budget, Limits, Price
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.cache_upkeep import Pruned, prune, stats
from scoring_ops.judges.protocol import Refused
from scoring_ops.ledger import ledger_days
from scoring_ops.scorer import Scorer
from scoring_ops.transcript import Transcript
from tests.builders import make_transcript
from tests.fakes.judge import FakeJudge, quoting

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=10)
OLD, NEW = FakeJudge(digest="0000").identity.version, FakeJudge(digest="1111").identity.version


def refusing_number_2(transcript: Transcript) -> str:
    if "number 2" in transcript.turns[0].text:
        raise Refused("no")
    return quoting(transcript)


@pytest.fixture
def cache(shared_url: str) -> Iterator[JudgementCache]:
    """Three conversations judged by an old judge, which refused one, and by a new one ten days later."""
    given = [make_transcript(("customer", f"Where is parcel number {n}?"), ("ai_agent", "Soon.")) for n in range(3)]
    with open_cache(shared_url) as cache:
        for judge, at in ((FakeJudge(refusing_number_2, "0000"), NOON), (FakeJudge(digest="1111"), LATER)):
            budget = Budget(Price(input=1, output=10), Limits())
            scorer = Scorer(judge, cache, budget=budget, run_id=judge.identity.version, clock=lambda at=at: at)
            asyncio.run(scorer.judge_all(given))
        yield cache


def test_stats_tell_what_each_judge_answered_and_cost_the_one_used_last_first(cache: JudgementCache) -> None:
    new, old = stats(cache)
    assert (new.judge_version, new.answers, new.outcomes, new.attempts) == (NEW, 3, {}, 3)
    assert (old.judge_version, old.answers, old.outcomes, old.attempts) == (OLD, 2, {"refused": 1}, 3)
    assert (new.input_tokens, new.output_tokens) == (3000, 300)
    assert new.cost_usd == pytest.approx(3 * (1000 * 1 + 100 * 10) / 1e6)
    assert (new.first_at, new.last_at, new.leased) == (LATER, LATER, 0)
    assert old.last_at == NOON


@pytest.mark.parametrize(
    ("chosen", "gone", "left"),
    [
        ({"but": NEW}, Pruned(2, 1), {NEW: 3, OLD: 0}),
        ({"judge_version": NEW}, Pruned(3, 0), {NEW: 0, OLD: 2}),
        ({"before": LATER}, Pruned(2, 0), {NEW: 3, OLD: 0}),
        ({"but": OLD, "before": LATER}, Pruned(0, 0), {NEW: 3, OLD: 2}),
        ({}, Pruned(5, 1), {NEW: 0, OLD: 0}),
    ],
)
def test_pruning_counts_first_and_removes_what_was_chosen_only_when_told_to(
    cache: JudgementCache, chosen: dict[str, str | datetime], gone: Pruned, left: dict[str, int]
) -> None:
    before = stats(cache)
    assert prune(cache, **chosen) == gone
    assert stats(cache) == before
    assert prune(cache, **chosen, apply=True) == gone
    after = stats(cache)
    assert {judge.judge_version: judge.answers for judge in after} == left
    assert [judge.attempts for judge in after] == [3, 3]
    assert [judge.cost_usd for judge in after] == [judge.cost_usd for judge in before]


def test_the_ledger_by_day_adds_up_to_all_that_was_asked(cache: JudgementCache) -> None:
    days = [(day.called_on, day.judge_version, day.status, day.calls, day.unpriced) for day in ledger_days(cache)]
    noon, later = NOON.date(), LATER.date()
    assert days == [(noon, OLD, "refused", 1, 0), (noon, OLD, "scored", 2, 0), (later, NEW, "scored", 3, 0)]
    assert sum(day.cost_usd for day in ledger_days(cache)) == pytest.approx(sum(j.cost_usd or 0 for j in stats(cache)))
    assert sum(day.input_tokens for day in ledger_days(cache)) == sum(judge.input_tokens for judge in stats(cache))


def test_a_call_belongs_to_its_day_in_utc_and_may_have_no_price(shared_url: str) -> None:
    last_second = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    given = [make_transcript(("customer", "Where is my parcel?"), ("ai_agent", "Soon."))]
    with open_cache(shared_url) as cache:
        scorer = Scorer(FakeJudge(), cache, budget=Budget(None, Limits()), run_id="r", clock=lambda: last_second)
        asyncio.run(scorer.judge_all(given))
        (day,) = ledger_days(cache)
    assert (day.called_on, day.calls, day.cost_usd, day.unpriced) == (NOON.date(), 1, 0.0, 1)
