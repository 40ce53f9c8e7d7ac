"""What the benchmarks of the engine share: transcripts, and one judging of them against a mock server.

The engine is used as the platform uses it: `OpenAIJudge`, `Scorer` and the cache in a file. Clients stay off the
server's core.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.mock.behaviour import Behaviour
from benchmarks.mock_server import MockServer, keep_off_the_server
from benchmarks.peers.workload import Request, requests
from scoring_ops.budget import Budget, Limits, load_prices
from scoring_ops.cache import open_cache
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.scorer import Judged, Scorer
from scoring_ops.transcript import Transcript, Turn, transcript_hash

MODEL = "gpt-4o-mini"


def transcripts(count: int, seed: int = 1) -> Iterator[Transcript]:
    """So many different transcripts of about 2.5 KB, made one by one; equal seeds give equal ones."""
    return map(transcript, requests(count, seed))


def transcript(request: Request) -> Transcript:
    """The transcript that a request of the workload shows."""
    turns = tuple(_turn(shown) for shown in request.user.split(f"[{request.code} turn ")[1:])
    return Transcript(turns, transcript_hash(turns), "mixed")


def _turn(shown: str) -> Turn:
    mark, text = shown.split("]\n", 1)
    number, author = mark.split()
    said = "customer" if author == "customer" else "human_agent" if author == "human_agent" else "ai_agent"
    return Turn(int(number), number, said, text.partition("\n")[0], None)


class Pass(NamedTuple):
    """One judging: what came of it, and what it took in seconds."""

    judged: Judged
    wall: float
    cpu: float

    @property
    def scored(self) -> int:
        """Transcripts that have an answer now."""
        return self.judged.statuses["scored"] + self.judged.elsewhere


class Bench(NamedTuple):
    """A running mock server and a folder for the cache."""

    server: MockServer
    home: Path

    @property
    def cache_url(self) -> str:
        """The cache of all passes on this bench."""
        return f"sqlite:///{self.home / 'cache.sqlite'}"

    def judge(self, told: Iterable[Transcript], run_id: str = "run", **options: object) -> Pass:
        """Judges transcripts; options go to the judge, but for `concurrency`, which goes to both."""
        return asyncio.run(self._judge(told, run_id, options))

    async def _judge(self, told: Iterable[Transcript], run_id: str, options: dict[str, object]) -> Pass:
        concurrency = options.pop("concurrency", 64)
        asked = {"model": MODEL, "api_key": "none", "base_url": self.server.base_url, **options}
        price = load_prices()[f"openai/{MODEL}"]
        async with OpenAIJudge(**asked, max_concurrency=concurrency) as judge:
            with open_cache(self.cache_url) as cache:
                budget = Budget(price, Limits())
                scorer = Scorer(judge, cache, budget=budget, run_id=run_id, concurrency=concurrency)
                cpu, wall = time.process_time(), time.perf_counter()
                judged = await scorer.judge_all(told)
                return Pass(judged, time.perf_counter() - wall, time.process_time() - cpu)


@contextmanager
def bench(behaviour: Behaviour | None = None) -> Iterator[Bench]:
    """A bench for the length of the block."""
    with MockServer(behaviour) as server, tempfile.TemporaryDirectory() as home:
        keep_off_the_server()
        yield Bench(server, Path(home))
