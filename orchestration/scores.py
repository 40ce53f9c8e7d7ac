"""Scores of a day from its stored claims, and the ledger of the calls behind them; no judge is called.

Judging costs money and goes through the cache (`scoring.py`); scoring is pure, free, and may run as often as one
likes. Every table of a day is written whole.
"""

from collections import Counter, defaultdict
from datetime import date
from typing import NamedTuple

import polars as pl
from pydantic import ValidationError

from expectations.schemas.tables import LakeTable
from orchestration import frames
from orchestration.frames import Row
from orchestration.judges import ScorerInUse, scorer_in_use
from orchestration.lake import Lake
from orchestration.scoring import read_conversations
from orchestration.settings import Settings
from scoring_ops.cache import open_cache
from scoring_ops.claims import Claims
from scoring_ops.conversation import Conversation
from scoring_ops.scorecard import score_claims
from scoring_ops.scorer import Clock, utc_now
from scoring_ops.transcript import transcribe

SCORE_TABLES: tuple[LakeTable, ...] = (
    "conversation_scores",
    "dimension_scores",
    "score_reasons",
    "issues",
    "feedback_items",
)


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
