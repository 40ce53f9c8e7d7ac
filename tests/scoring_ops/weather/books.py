"""Builders of a day of conversations and of its judging, and the books kept of it: who asked what, what it came to.

`settled` is the claim of every test here: each conversation has exactly one status, and nobody holds anything.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from scoring_ops.budget import Budget, Limits, Price
from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import ANSWERS, LEASES, LEDGER, OUTCOMES, OWNERS, SPENDING
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.scorer import Judged, Scorer
from scoring_ops.transcript import Transcript
from tests.builders import make_transcript
from tests.fakes.bad_weather import said_first
from tests.fakes.openai_server import OpenAIServer, Received

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEAR = Price(input=0, output=50)  # an answer of the fake server, 200 tokens, costs 0.01 USD
MODEL = "model-x"


def a_day(count: int, first: int = 0) -> list[Transcript]:
    """Conversations that differ, each named by its number."""
    return [
        make_transcript(("customer", f"Where is parcel number {n}?"), ("human_agent", "It is on its way to you today."))
        for n in range(first, first + count)
    ]


def number_of(request: Received) -> int:
    """Which conversation of the day a request is about."""
    return int(said_first(request).rstrip("?").rsplit(" ", 1)[1])


def a_judge(*servers: OpenAIServer | str, **settings: Any) -> OpenAIJudge:
    """A judge at these endpoints; one answer is asked for at most once more, so that tests are short."""
    urls = [server if isinstance(server, str) else server.base_url for server in servers]
    return OpenAIJudge(MODEL, **{"api_key": "sk-test", "base_url": urls, "repair_attempts": 1, **settings})


def a_scorer(judge: OpenAIJudge, cache: JudgementCache, **settings: Any) -> Scorer:
    """A scorer of one run, at noon, without a limit to its money."""
    known = {"budget": Budget(DEAR, Limits()), "run_id": "run-1", "concurrency": 16, "clock": lambda: NOON}
    return Scorer(judge, cache, **{**known, **settings})


def judged(judge: OpenAIJudge, cache: JudgementCache, given: Iterable[Transcript], **settings: Any) -> Judged:
    """What became of some conversations."""

    async def run() -> Judged:
        async with judge:
            return await a_scorer(judge, cache, **settings).judge_all(given)

    return asyncio.run(run())


def rows(cache: JudgementCache, table: sa.Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    with cache.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def settled(cache: JudgementCache, given: Sequence[Transcript]) -> Counter[str]:
    """How many conversations ended in which status, each in exactly one; no lease and no owner is left."""
    answered = Counter(row["transcript_hash"] for row in rows(cache, ANSWERS))
    outcomes = {row["transcript_hash"]: row["status"] for row in rows(cache, OUTCOMES)}
    assert set(answered.values()) <= {1}
    assert not answered.keys() & outcomes.keys()
    assert answered.keys() | outcomes.keys() == {t.transcript_hash for t in given}
    assert rows(cache, LEASES) == []
    assert rows(cache, OWNERS) == []
    return Counter({"scored": len(answered)}) + Counter(outcomes.values())


def paid(cache: JudgementCache) -> Counter[str]:
    """Ledger lines by status; their money is the money in the spending table, and no latency is negative."""
    ledger = rows(cache, LEDGER)
    assert all(row["latency_ms"] >= 0 for row in ledger)
    by_run: Counter[str] = Counter()
    for row in ledger:
        by_run["run/" + row["run_id"]] += round((row["cost_usd"] or 0) * 1e9)
    spent = {row["scope"]: row["settled_nano_usd"] for row in rows(cache, SPENDING) if row["scope"][:4] == "run/"}
    assert {scope: nano for scope, nano in spent.items() if nano} == +by_run
    return Counter(row["status"] for row in ledger)
