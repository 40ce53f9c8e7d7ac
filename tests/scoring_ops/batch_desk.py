"""A cache, a judge and a provider of batches together: what the tests of batches work at."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from scoring_ops.batch_collection import Collected, Collector
from scoring_ops.batch_file import BatchFile
from scoring_ops.batch_store import BatchStore
from scoring_ops.batch_submission import Submitted, Submitter
from scoring_ops.budget import Budget, Limits, Price
from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import LEASES, LEDGER
from scoring_ops.judges.batch_endpoint import BatchEndpoint
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.scorer import Judged, Scorer
from scoring_ops.transcript import Transcript
from tests.builders import make_transcript
from tests.fakes.batch_server import BatchServer

KEY = "sk-planted-0123456789-secret"
PRICE = Price(input=1.0, output=10.0)
NAME = "compatible/model-x"


class Desk:
    """Everything on one cache; time stands still until a test moves it."""

    def __init__(self, cache_url: str, server: BatchServer) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
        self.server = server
        self.cache = JudgementCache(cache_url)
        self.store = BatchStore(self.cache)
        self.endpoint = BatchEndpoint(server.base_url, SecretStr(KEY), max_retries=0)
        self.collector = Collector(self.cache, self.endpoint, {NAME: PRICE}, clock=self.time)

    def close(self) -> None:
        self.endpoint.close()
        self.cache.close()

    def time(self) -> datetime:
        return self.now

    def judge(self, **settings: Any) -> OpenAIJudge:
        return OpenAIJudge("model-x", api_key=KEY, base_url=self.server.base_url, **settings)

    def submitter(
        self, limits: Limits | None = None, new_file: Callable[[], BatchFile] = BatchFile, **judge: Any
    ) -> Submitter:
        budget = Budget(PRICE, limits or Limits())
        return Submitter(
            self.judge(**judge),
            self.cache,
            self.endpoint,
            budget=budget,
            run_id="submission",
            clock=self.time,
            new_file=new_file,
        )

    def submit(self, given: list[Transcript], limits: Limits | None = None) -> Submitted:
        return self.submitter(limits).submit(given)

    def collect(self) -> list[Collected]:
        self.collector.recover()
        return [done for polled in self.collector.poll() if (done := self.collector.collect(polled)) is not None]

    def normal_run(self, given: list[Transcript], limits: Limits | None = None, run_id: str = "run-1") -> Judged:
        async def run() -> Judged:
            async with self.judge() as judge:
                budget = Budget(PRICE, limits or Limits())
                scorer = Scorer(judge, self.cache, budget=budget, run_id=run_id, clock=self.time)
                return await scorer.judge_all(self.unsettled(given))

        return asyncio.run(run())

    def unsettled(self, given: list[Transcript]) -> list[Transcript]:
        settled = self.cache.settled(self.judge().identity.version, [t.transcript_hash for t in given])
        return [t for t in given if t.transcript_hash not in settled]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.cache.engine.connect() as connection:
            return list(connection.execute(sa.select(table)))

    def leases(self) -> int:
        return len(self.rows(LEASES))

    def ledger(self) -> list[Any]:
        return self.rows(LEDGER)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


def parcels(count: int) -> list[Transcript]:
    return [
        make_transcript(("customer", f"Where is parcel number {n}?"), ("ai_agent", "It comes today."))
        for n in range(count)
    ]


@pytest.fixture
def desk(shared_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose provider answers every line well; a proxy of the machine is not asked for the loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with BatchServer() as server:
        desk = Desk(shared_url, server)
        yield desk
        desk.close()
