"""Scoring between lake and cache: the desk that the LLM ops work at, and the scores of a day from stored claims.

Judging costs money and goes through the cache; scoring is pure and may run as often as one likes. Both work day by
day and write each day whole.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple

import polars as pl
from pydantic import ValidationError

from expectations.schemas.tables import LakeTable
from orchestration import frames
from orchestration.frames import Row
from orchestration.judges import ScorerInUse, run_budget, scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import Settings
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.claims import Claims
from scoring_ops.conversation import Conversation
from scoring_ops.judgement import Judgement, eligible_transcripts, judgements_of, missing
from scoring_ops.ops import Chunk, ChunkResult
from scoring_ops.pace import Limits, Pace
from scoring_ops.scorecard import score_claims
from scoring_ops.scorer import Clock, Judged, Scorer, utc_now
from scoring_ops.transcript import Transcript, transcribe

SCORE_TABLES: tuple[LakeTable, ...] = (
    "conversation_scores",
    "dimension_scores",
    "score_reasons",
    "issues",
    "feedback_items",
)


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


class ScoredDay(NamedTuple):
    """What scoring a day gave: versions by score, claims, proven ones, and stored claims that fit no transcript."""

    scores: Counter[int]
    claims: int
    proven: int
    unreadable: int


def score_day(settings: Settings, lake: Lake, day: date, run_id: str, clock: Clock = utc_now) -> ScoredDay:
    """Writes all score tables of a day from its stored judgements; no judge is called."""
    scorer = scorer_in_use(settings)
    conversations = {(*c.identity, c.version_at): c for c in read_conversations(lake, day)}
    judged = lake.read_day("judgements", day, scorer=scorer.judge_version)
    rows: dict[LakeTable, list[Row]] = defaultdict(list)
    stamp: Row = {
        "scorer_version": scorer.scorer_version,
        "scorecard_version": scorer.card.version,
        "is_validated": scorer.is_validated,
        "scored_at": clock(),
        "scoring_run_id": run_id,
    }
    unreadable = 0
    for judgement in judged.filter(pl.col("status") == "scored").iter_rows(named=True):
        conversation = conversations.get(tuple(judgement[name] for name in frames.VERSION))
        if conversation is None or not _score_rows(conversation, judgement, scorer, stamp, rows):
            unreadable += 1
    for table in SCORE_TABLES:
        lake.write_day(table, day, lake.frame(table, rows[table]), scorer=scorer.scorer_version)
    scores = rows["conversation_scores"]
    return ScoredDay(
        Counter(int(str(row["score"])) for row in scores),
        sum(int(str(row["claims_total"])) for row in scores),
        sum(int(str(row["claims_proven"])) for row in scores),
        unreadable,
    )


def _score_rows(
    conversation: Conversation,
    judgement: Row,
    scorer: ScorerInUse,
    stamp: Row,
    rows: dict[LakeTable, list[Row]],
) -> bool:
    """Adds a version's rows; False where its claims are of another form or about other words: it stays pending."""
    transcript = transcribe(conversation)
    try:
        claims = Claims.model_validate_json(str(judgement["claims_json"]))
    except ValidationError:
        return False
    if judgement["transcript_hash"] != transcript.transcript_hash:
        return False
    score = score_claims(claims, transcript, conversation.channel, scorer.card)
    stamped = {**stamp, "agent_mix_at_score": transcript.agent_mix}
    key = {**frames.version_of(conversation), "scorer_version": scorer.scorer_version}
    rows["conversation_scores"].append(frames.score_row(judgement, score, stamped))
    rows["dimension_scores"] += frames.dimension_rows(key, score)
    rows["score_reasons"] += frames.reason_rows(key, score)
    rows["issues"] += frames.issue_rows(key, score)
    rows["feedback_items"] += frames.feedback_rows(key, score)
    return True


def write_calls(settings: Settings, lake: Lake, day: date) -> int:
    """Writes `llm_calls` of a day: the call behind each answer in use, one row per key; returns their number."""
    scorer = scorer_in_use(settings)
    judged = lake.read_day("judgements", day, scorer=scorer.judge_version).filter(pl.col("status") == "scored")
    users = Counter(judged.select("workspace_id", "source", "transcript_hash").rows())
    with open_cache(settings.cache_url) as cache:
        calls = {a.call.transcript_hash: a.call for a in cache.answers(scorer.judge_version, judged["transcript_hash"])}
    rows = [
        frames.call_row(workspace, source, count, calls[transcript_hash])
        for (workspace, source, transcript_hash), count in sorted(users.items())
        if transcript_hash in calls
    ]
    lake.write_day("llm_calls", day, lake.frame("llm_calls", rows), scorer=scorer.judge_version)
    return len(rows)
