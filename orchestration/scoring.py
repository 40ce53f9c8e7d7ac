"""Judging between lake and cache: the desk that the LLM ops work at.

Judging costs money and goes through the cache, day by day; each day's judgements are written whole. What becomes of
stored claims is `scores.py`.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple

from orchestration import frames
from orchestration.judges import ScorerInUse, run_budget, scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import Settings
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.conversation import Conversation
from scoring_ops.judgement import Judgement, eligible_transcripts, judgements_of, missing
from scoring_ops.ops import Chunk, ChunkResult
from scoring_ops.pace import Limits, Pace
from scoring_ops.scorer import Clock, Judged, Scorer, utc_now
from scoring_ops.transcript import Transcript


class DayProgress(NamedTuple):
    """How far the judging of a day has come: calls answered of those it needs."""

    day: str
    judged: int
    todo: int


DeskProgress = Callable[[DayProgress], None]


def read_conversations(lake: Lake, day: date) -> list[Conversation]:
    """The conversation versions of a day, with their messages."""
    return list(frames.conversations_of(lake.read_day("conversations", day), lake.read_day("messages", day)))


class LakeScoringDesk:
    """The ops' `ScoringDesk` over a lake and a cache."""

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
        self._pace = Pace(Limits(settings.max_concurrency, settings.rpm, settings.tpm))

    def chunks(self, day: date) -> int:
        """As configured; one for a day without conversations."""
        return self._chunks_per_day if self._lake.read_day("conversations", day).height else 1

    def judge(self, chunk: Chunk, run_id: str, *, retry_failed: bool) -> ChunkResult:
        """Judges what the cache does not hold yet of a chunk."""
        scorer = scorer_in_use(self._settings)
        conversations = read_conversations(self._lake, date.fromisoformat(chunk.day))
        transcripts = [
            t
            for t in eligible_transcripts(conversations, self._settings.eligibility)
            if int(t.transcript_hash[:8], 16) % chunk.of == chunk.number
        ]
        with open_cache(self._settings.cache_url) as cache:
            todo = missing(transcripts, scorer.judge_version, cache, retry_failed=retry_failed)
            if self._settings.judge == "replay":
                todo = []  # what the cache does not hold stays pending: nothing is asked, waited for or booked
            judged = asyncio.run(self._judge_all(chunk.day, todo, scorer, cache, run_id))
        self._progress(DayProgress(chunk.day, len(todo), len(todo)))
        return ChunkResult(chunk.day, judged.calls, judged.cost_usd, {})

    def write_judgements(self, day: date, run_id: str) -> Sequence[Judgement]:
        """Writes the day's judgements and the calls behind them."""
        scorer = scorer_in_use(self._settings)
        conversations = read_conversations(self._lake, day)
        with open_cache(self._settings.cache_url) as cache:
            judgements = judgements_of(conversations, scorer.judge_version, cache, self._settings.eligibility, run_id)
        rows = [frames.judgement_row(judgement, self._settings.eligibility, run_id) for judgement in judgements]
        frame = self._lake.frame("judgements", rows)
        self._lake.write_day("judgements", day, frame, scorer=scorer.judge_version)
        return judgements

    async def _judge_all(
        self,
        day: str,
        transcripts: Sequence[Transcript],
        scorer: ScorerInUse,
        cache: JudgementCache,
        run_id: str,
    ) -> Judged:
        counter = count(1)
        judging = Scorer(
            scorer.judge,
            cache,
            budget=run_budget(self._settings, scorer.judge, cache, run_id, self._clock),
            pace=self._pace,
            run_id=run_id,
            clock=self._clock,
            progress=lambda _: self._progress(DayProgress(day, next(counter), len(transcripts))),
        )
        try:
            return await judging.judge_all(transcripts)
        finally:
            await scorer.judge.aclose()
