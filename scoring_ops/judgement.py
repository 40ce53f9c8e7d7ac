"""The judgement of a conversation version: exactly one status, and the claims where a judge gave any.

Decides what became of each conversation, from the conversations and the cache alone. It makes no calls
(`scorer.py`) and gives no score (`scorecard.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from scoring_ops.cache import CachedAnswer, JudgementCache, Outcome
from scoring_ops.conversation import Conversation
from scoring_ops.eligibility import Profile, failed_rules
from scoring_ops.judges.protocol import Status
from scoring_ops.rubric.dimensions import RUBRIC_VERSION


class Judgement(NamedTuple):
    """What a judge made of one conversation version: its status, and the claims where there are any."""

    workspace_id: str
    source: str
    conversation_id: str
    version_at: datetime
    judge_version: str
    rubric_version: str
    transcript_hash: str
    status: Status
    ineligible_rules: tuple[str, ...]
    detail: str | None
    cache_key: str | None
    claims_json: str | None
    windows: int | None
    cached: bool


def judgements_of(
    named: Sequence[tuple[str, Conversation]],
    judge_version: str,
    cache: JudgementCache,
    profile: Profile,
    run_id: str,
) -> list[Judgement]:
    """One judgement per conversation version, in order: ineligible, scored from the cache, or why it is neither.

    `named` are the versions, each after its transcript's hash.
    """
    rules = [failed_rules(conversation, profile) for _, conversation in named]
    wanted = [h for (h, _), failed in zip(named, rules, strict=True) if not failed]
    answers = {a.call.transcript_hash: a for a in cache.answers(judge_version, wanted)}
    outcomes = {o.transcript_hash: o for o in cache.outcomes(judge_version, wanted)}
    return [
        _judgement((c, h, failed), judge_version, answers.get(h), outcomes.get(h), run_id)
        for (h, c), failed in zip(named, rules, strict=True)
    ]


def _judgement(
    judged: tuple[Conversation, str, tuple[str, ...]],
    judge_version: str,
    answer: CachedAnswer | None,
    outcome: Outcome | None,
    run_id: str,
) -> Judgement:
    conversation, transcript_hash, failed = judged
    status: Status = "pending"
    if failed:
        status, answer, outcome = "ineligible", None, None
    elif answer is not None:
        status, outcome = "scored", None
    elif outcome is not None:
        status = outcome.status
    return Judgement(
        *conversation.identity,
        conversation.version_at,
        judge_version,
        RUBRIC_VERSION,
        transcript_hash,
        status,
        failed,
        outcome.detail if outcome else None,
        answer.call.cache_key if answer else None,
        answer.claims_json if answer else None,
        answer.windows if answer else None,
        cached=answer is not None and answer.call.run_id != run_id,
    )
