"""One good row of each lake table; a test changes the column it is about."""

from typing import Any

import polars as pl

from expectations.schemas.tables import LakeTable, polars_schema
from tests.builders import START

VERSION = {"workspace_id": "acme", "source": "demo", "conversation_id": "c1", "version_at": START}
SCORED = {**VERSION, "scorer_version": "s1"}
HASH = "a" * 64
EVIDENCE = {
    "evidence_kind": "quote",
    "quote": "my money",
    "message_id": "m0",
    "author_type": "customer",
    "start_offset": 4,
    "end_offset": 12,
    "match_kind": "exact",
}
NO_PLACE = {
    **dict.fromkeys(("message_id", "author_type", "start_offset", "end_offset")),
    "match_kind": "rejected",
    "sign": "neutral",
    "weight": 0.0,
    "evidence_count": 0,
}
GOOD: dict[LakeTable, dict[str, Any]] = {
    "conversations": {
        **VERSION,
        "state": "closed",
        "first_closed_at": START,
        "last_closed_at": START,
        "tags": ["vip"],
        "is_spam": False,
        "is_merged": False,
        "is_test": False,
        "transcript_hash": HASH,
        "observed_at": START,
        "extraction_run_id": "r1",
    },
    "messages": {
        **VERSION,
        "message_id": "m0",
        "position": 0,
        "author_type": "customer",
        "is_public": True,
        "kind": "comment",
        "text": "Secret words of a customer",
        "redacted": False,
    },
    "rejected": {
        "workspace_id": "acme",
        "source": "demo",
        "record_ref": "drop.jsonl:17",
        "rule": "no_id",
        "detail": "",
        "observed_at": START,
        "extraction_run_id": "r1",
    },
    "workspaces": {"workspace_id": "*", "timezone": "Europe/Berlin"},
    "judgements": {
        **VERSION,
        "judge_version": "j1",
        "rubric_version": "1",
        "transcript_hash": HASH,
        "status": "scored",
        "eligibility_profile": "inclusive",
        "ineligible_rules": "",
        "cache_key": HASH,
        "claims_json": '{"secret": "words"}',
        "windows": 1,
        "cached": True,
        "judging_run_id": "r1",
    },
    "conversation_scores": {
        **SCORED,
        "judge_version": "j1",
        "rubric_version": "1",
        "scorecard_version": "1",
        "transcript_hash": HASH,
        "score": 4,
        "raw_score": 3.8,
        "judge_rating": 4,
        "confidence": 0.8,
        "summary": "Secret words.",
        "language": "en",
        "grounds": "Secret words.",
        "grounds_code": "positive",
        "agent_mix_at_score": "human_only",
        "claims_total": 2,
        "claims_proven": 1,
        "windows": 1,
        "is_validated": False,
        "scored_at": START,
        "scoring_run_id": "r1",
    },
    "dimension_scores": {
        **SCORED,
        "dimension": "resolution",
        "value": "resolved",
        "contribution": 0.8,
        "claims": 1,
        "proven": 1,
    },
    "score_reasons": {
        **SCORED,
        "reason_position": 0,
        "claim": "issues.0",
        "dimension": "resolution",
        "value": "resolved",
        "sign": "positive",
        "weight": 0.8,
        **EVIDENCE,
        "evidence_count": 1,
    },
    "issues": {**SCORED, "issue_position": 0, "issue": "refund", "status": "resolved", **EVIDENCE},
    "feedback_items": {
        **SCORED,
        "feedback_item_id": "f1",
        "dimension": "product_feedback",
        "sign": "negative",
        "kind": "bug",
        "area": "app",
        "statement": "It fails.",
        "severity": "high",
        **EVIDENCE,
    },
    "llm_calls": {
        "workspace_id": "acme",
        "source": "demo",
        "cache_key": HASH,
        "judge_version": "j1",
        "model": "m",
        "transcript_hash": HASH,
        "conversations": 1,
        "cost_usd": 0.01,
        "latency_ms": 12.5,
        "started_at": START,
        "judging_run_id": "r1",
    },
    "ledger": {
        "called_on": START.date(),
        "judge_version": "j1",
        "model": "m",
        "status": "schema_error",
        "calls": 2,
        "input_tokens": 100,
        "output_tokens": 0,
        "cost_usd": 0.01,
        "unpriced": 1,
    },
}


def lake_frame(table: LakeTable, *changes: dict[str, Any]) -> pl.DataFrame:
    """A typed frame with one good row, changed, for each of `changes`; one unchanged row without any."""
    return pl.DataFrame([{**GOOD[table], **change} for change in changes or ({},)], schema=polars_schema(table))
