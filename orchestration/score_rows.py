"""Rows of the five score tables, from a judged version and its score: each table's columns are filled here.

Rows are plain tuples in the order of the schemas, because a day has a dozen of them for each conversation and each
pays for its keys. Nothing is decided or computed that is not already in the domain value. Rows of the other tables
are in `frames.py`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from expectations.schemas.tables import LakeTable
from orchestration.versions import StoredJudgement
from scoring_ops.conversation import AgentMix
from scoring_ops.evidence import Evidence
from scoring_ops.score import ConversationScore, FeedbackItem

Row = tuple[object, ...]


class Stamp(NamedTuple):
    """Who scores, and when: what all rows of a run have in common."""

    scorer_version: str
    scorecard_version: str
    is_validated: bool
    scored_at: datetime
    run_id: str


class Scored(NamedTuple):
    """A version's judgement and the score made of it."""

    judgement: StoredJudgement
    agent_mix: AgentMix
    score: ConversationScore


def rows_of(table: LakeTable, scored: Iterable[Scored], stamp: Stamp) -> Iterator[Row]:
    """The rows of one of the five score tables, version by version."""
    if table == "conversation_scores":
        return (_score_row(one, stamp) for one in scored)
    rows = _BESIDE[table]
    return (row for one in scored for row in rows((*one.judgement.version, stamp.scorer_version), one.score))


def _score_row(scored: Scored, stamp: Stamp) -> Row:
    judgement, agent_mix, score = scored
    return (
        *judgement.version,
        stamp.scorer_version,
        judgement.judge_version,
        judgement.rubric_version,
        stamp.scorecard_version,
        judgement.transcript_hash,
        score.score,
        score.raw_score,
        score.judge_rating,
        score.confidence,
        score.summary,
        score.language,
        score.grounds,
        score.grounds_code,
        score.what_would_change_it,
        agent_mix,
        score.claims_total,
        score.claims_proven,
        judgement.windows,
        stamp.is_validated,
        stamp.scored_at,
        stamp.run_id,
    )


def _dimension_rows(key: Row, score: ConversationScore) -> list[Row]:
    return [(*key, *dimension) for dimension in score.dimensions]


def _reason_rows(key: Row, score: ConversationScore) -> list[Row]:
    """Proven claims first, then the rejected ones."""
    proven = [
        (r.claim, r.dimension, r.value, r.sign, r.weight, *_evidence(r.evidence), r.evidence_count)
        for r in score.reasons
    ]
    nowhere = (None, None, None, None, "rejected", 0)
    rejected = [
        (c.claim, c.dimension, c.value, "neutral", 0.0, "quote", c.quote or "(no quote given)", *nowhere)
        for c in score.rejected
    ]
    return [(*key, position, *values) for position, values in enumerate((*proven, *rejected))]


def _issue_rows(key: Row, score: ConversationScore) -> list[Row]:
    return [(*key, issue.position, issue.issue, issue.status, *_evidence(issue.evidence)) for issue in score.issues]


def _feedback_rows(key: Row, score: ConversationScore) -> list[Row]:
    """The same feedback claimed twice is one item."""
    items = {_feedback_item_id(key, item): item for item in reversed(score.feedback)}
    return [
        (
            *key,
            item_id,
            item.dimension,
            item.sign,
            item.kind,
            item.area,
            item.statement,
            item.severity,
            *_evidence(item.evidence),
        )
        for item_id, item in sorted(items.items())
    ]


def _feedback_item_id(key: Row, item: FeedbackItem) -> str:
    """Stable under re-scoring: whose feedback, where it was said, about what; no scorer version, no position."""
    workspace_id, source, conversation_id, *_ = map(str, key)
    parts = (
        workspace_id,
        source,
        conversation_id,
        item.dimension,
        item.sign,
        item.kind,
        item.area.lower(),
        item.evidence.message_id,
        str(item.evidence.start),
    )
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _evidence(evidence: Evidence) -> Row:
    """The columns that `expectations.schemas.columns.evidence` names."""
    return (
        evidence.kind,
        evidence.quote,
        evidence.message_id,
        evidence.author_type,
        evidence.start,
        evidence.end,
        evidence.match_kind,
    )


_BESIDE: Mapping[LakeTable, Callable[[Row, ConversationScore], list[Row]]] = {
    "dimension_scores": _dimension_rows,
    "score_reasons": _reason_rows,
    "issues": _issue_rows,
    "feedback_items": _feedback_rows,
}
