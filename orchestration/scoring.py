"""Judging between lake and cache: the desk that the LLM ops work at.

Judging costs money and goes through the cache, day by day; each day's judgements are written whole. A day is read as a
stream and never held. What becomes of stored claims is `scores.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple, Self

from orchestration import frames
from orchestration.judges import ScorerInUse, budget_of, scorer_in_use
from orchestration.lake import Lake
from orchestration.parquet_file import batches, row_count
from orchestration.settings import Settings
from orchestration.shadows import other_judges
from orchestration.versions import stream_conversations, stream_named
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.conversation import Conversation
from scoring_ops.eligibility import failed_rules
from scoring_ops.judgement import judgements_of
from scoring_ops.judges.protocol import Status
from scoring_ops.ops import Chunk, ChunkResult
from scoring_ops.scorer import Clock, Judged, Scorer, utc_now
from scoring_ops.transcript import Transcript, transcribe


class DayProgress(NamedTuple):
    """How far the judging of a day has come: calls answered of those it needs."""

    day: str
    judged: int
    todo: int


DeskProgress = Callable[[DayProgress], None]


def read_conversations(lake: Lake, day: date) -> list[Conversation]:
    """The conversation versions of a day, with their messages."""
    return list(chain.from_iterable(stream_conversations(lake, day)))


class LakeScoringDesk:
    """The ops' `ScoringDesk` over a lake and a cache, for all days of a process.

    It keeps one judge, with its connections and what it has learnt of its endpoints, and one event loop: close it.
    """

    def __init__(
        self,
        settings: Settings,
        lake: Lake,
        *,
        chunks_per_day: int = 1,
        clock: Clock = utc_now,
        progress: DeskProgress = lambda _: None,
    ) -> None:
        self._settings = settings
        self._lake = lake
        self._chunks_per_day = chunks_per_day
        self._clock = clock
        self._progress = progress
        self._shadows = tuple(
            LakeScoringDesk(one, lake, chunks_per_day=chunks_per_day, clock=clock) for one in other_judges(settings)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the judge's connections and the event loop, and those of shadows."""
        for shadow in self._shadows:
            shadow.close()
        if "_loop" in vars(self):
            self._loop.run(self._scorer.judge.aclose())
            self._loop.close()

    def chunks(self, day: date) -> int:
        """As configured; one for a day without conversations."""
        return self._chunks_per_day if any(map(row_count, self._lake.day_paths("conversations", day).values())) else 1

    def judge(self, chunk: Chunk, run_id: str, *, retry_failed: bool) -> ChunkResult:
        """Judges what the cache does not hold yet of a chunk; after the champion's judge, those of shadows.

        Raises:
            CacheError: answers cannot be kept.
        """
        with open_cache(self._settings.cache_url) as cache:
            todo = self._todo(chunk, cache, retry_failed=retry_failed)
            if self._settings.judge == "replay":
                todo = set[str]()  # what the cache does not hold stays pending: nothing is asked, waited for or booked
            judged = Judged(Counter(), 0, 0, None)
            if todo:
                judged = self._loop.run(self._judge_all(chunk.day, todo, cache, run_id, retry_failed=retry_failed))
        self._progress(DayProgress(chunk.day, len(todo), len(todo)))
        beside = [shadow.judge(chunk, run_id, retry_failed=retry_failed) for shadow in self._shadows]
        costs = [cost for cost in (judged.cost_usd, *(one.cost_usd for one in beside)) if cost is not None]
        calls = judged.calls + sum(one.calls for one in beside)
        return ChunkResult(chunk.day, calls, sum(costs) if costs else None, {})

    def write_judgements(self, day: date, run_id: str) -> Mapping[Status, int]:
        """Writes the judgements of a day from the cache; returns the versions by the champion's status."""
        for shadow in self._shadows:
            shadow.write_judgements(day, run_id)
        version, profile = self._scorer.judge_version, self._settings.eligibility
        statuses: Counter[Status] = Counter()
        with (
            open_cache(self._settings.cache_url) as cache,
            self._lake.day_writer("judgements", day, scorer=version) as writer,
        ):
            for named in stream_named(self._lake, day):
                judgements = judgements_of(named, version, cache, profile, run_id)
                statuses.update(judgement.status for judgement in judgements)
                rows = [frames.judgement_row(judgement, profile, run_id) for judgement in judgements]
                writer.write(self._lake.frame("judgements", rows))
        return statuses

    @cached_property
    def _scorer(self) -> ScorerInUse:
        return scorer_in_use(self._settings)

    @cached_property
    def _loop(self) -> asyncio.Runner:
        return asyncio.Runner()

    def _todo(self, chunk: Chunk, cache: JudgementCache, *, retry_failed: bool) -> set[str]:
        """The hashes of the chunk's eligible transcripts that the cache has not settled; only those are read whole."""
        day, version = date.fromisoformat(chunk.day), self._scorer.judge_version
        unknown = {name for name in self._hashes(day) if _is_in(name, chunk)}
        unknown -= cache.settled(version, unknown, retry_failed=retry_failed)
        if not unknown:
            return unknown
        named = chain.from_iterable(stream_named(self._lake, day, only=unknown.__contains__))
        profile = self._settings.eligibility
        return {name for name, conversation in named if not failed_rules(conversation, profile)}

    def _hashes(self, day: date) -> Iterator[str]:
        for path in self._lake.day_paths("conversations", day).values():
            for rows in batches(path, ["transcript_hash"]):
                yield from rows["transcript_hash"]

    def _transcripts(self, day: date, todo: set[str]) -> Iterator[Transcript]:
        for group in stream_conversations(self._lake, day, only=todo.__contains__):
            yield from map(transcribe, group)

    async def _judge_all(
        self, day: str, todo: set[str], cache: JudgementCache, run_id: str, *, retry_failed: bool
    ) -> Judged:
        counter = count(1)
        judging = Scorer(
            self._scorer.judge,
            cache,
            budget=budget_of(self._settings, self._scorer.judge),
            run_id=run_id,
            concurrency=self._settings.max_concurrency,
            retry_failed=retry_failed,
            clock=self._clock,
            progress=lambda: self._progress(DayProgress(day, next(counter), len(todo))),
        )
        return await judging.judge_all(self._transcripts(date.fromisoformat(day), todo))


def _is_in(transcript_hash: str, chunk: Chunk) -> bool:
    return int(transcript_hash[:8], 16) % chunk.of == chunk.number
