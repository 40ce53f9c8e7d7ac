"""A tiny typed lake from short rows: a test names the columns that matter, every other one has a default.

Files lie as the pipeline writes them (docs/data-contracts.md): table, workspace, source, day of the version. Written
with polars from the schemas alone, so that a test of the warehouse does not depend on the code that fills the lake.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema

Row = dict[str, Any]
WHEN = "2026-01-05 12:00"
JUDGE, SCORER = "judge-a", "judge-a-card-1"
SHADOW_JUDGE, SHADOW = "judge-b", "judge-b-card-1"
HASH = "a" * 64

_VERSION: Row = {"workspace_id": "w", "source": "desk", "conversation_id": "c", "version_at": WHEN}
_SCORED: Row = {**_VERSION, "scorer_version": SCORER}
_EVIDENCE: Row = {
    "evidence_kind": "quote",
    "quote": "good",
    "message_id": "m0",
    "author_type": "customer",
    "start_offset": 0,
    "end_offset": 4,
    "match_kind": "exact",
}
_DEFAULTS: dict[LakeTable, Row] = {
    "conversations": {
        **_VERSION,
        "state": "closed",
        "tags": ["vip", "eu"],
        "is_spam": False,
        "is_merged": False,
        "is_test": False,
        "transcript_hash": HASH,
        "observed_at": WHEN,
        "extraction_run_id": "r",
    },
    "messages": {
        **_VERSION,
        "message_id": "m0",
        "position": 0,
        "author_type": "customer",
        "is_public": True,
        "kind": "comment",
        "text": "good service",
        "redacted": False,
    },
    "rejected": {
        "workspace_id": "w",
        "source": "desk",
        "record_ref": "drop.jsonl:1",
        "rule": "no_time",
        "detail": "",
        "observed_at": WHEN,
        "extraction_run_id": "r",
    },
    "workspaces": {"workspace_id": "*", "timezone": "UTC"},
    "judgements": {
        **_VERSION,
        "judge_version": JUDGE,
        "rubric_version": "1",
        "transcript_hash": HASH,
        "status": "scored",
        "eligibility_profile": "inclusive",
        "ineligible_rules": "",
        "cached": False,
        "judging_run_id": "r",
    },
    "conversation_scores": {
        **_SCORED,
        "judge_version": JUDGE,
        "rubric_version": "1",
        "scorecard_version": "1",
        "transcript_hash": HASH,
        "score": 3,
        "raw_score": 3.0,
        "judge_rating": 3,
        "confidence": 1.0,
        "summary": "A question was answered.",
        "language": "en",
        "grounds": "Nothing moves the score.",
        "grounds_code": "neutral",
        "agent_mix_at_score": "ai_only",
        "claims_total": 1,
        "claims_proven": 1,
        "windows": 1,
        "is_validated": True,
        "scored_at": WHEN,
        "scoring_run_id": "r",
    },
    "dimension_scores": {
        **_SCORED,
        "dimension": "sentiment",
        "value": "end:neutral",
        "contribution": 0.0,
        "claims": 1,
        "proven": 1,
    },
    "score_reasons": {
        **_SCORED,
        "reason_position": 0,
        "claim": "sentiment.end",
        "dimension": "sentiment",
        "value": "end:neutral",
        "sign": "neutral",
        "weight": 0.0,
        **_EVIDENCE,
        "evidence_count": 1,
    },
    "issues": {**_SCORED, "issue_position": 0, "issue": "a refund", "status": "resolved", **_EVIDENCE},
    "feedback_items": {
        **_SCORED,
        "feedback_item_id": "f",
        "dimension": "product_feedback",
        "sign": "negative",
        "kind": "usability",
        "area": "search",
        "statement": "Search finds nothing.",
        "severity": "low",
        **_EVIDENCE,
    },
    "llm_calls": {
        "workspace_id": "w",
        "source": "desk",
        "cache_key": "b" * 64,
        "judge_version": JUDGE,
        "model": "m",
        "transcript_hash": HASH,
        "conversations": 1,
        "latency_ms": 1.0,
        "started_at": WHEN,
        "judging_run_id": "r",
    },
    "reviews": {
        **_VERSION,
        "reviewer": "ana",
        "role": "reviewer",
        "transcript_hash": HASH,
        "score": 3,
        "drawn_by": "low_confidence",
        "saw_score": True,
        "shown_scorer_version": SCORER,
        "shown_score": 3,
        "reviewed_at": WHEN,
    },
    "claim_reviews": {
        **_SCORED,
        "reason_position": 0,
        "reviewer": "ana",
        "dimension": "sentiment",
        "value": "end:neutral",
        "is_supported": True,
        "reviewed_at": WHEN,
    },
    "ledger": {
        "called_on": date(2026, 1, 5),
        "judge_version": JUDGE,
        "model": "m",
        "status": "scored",
        "calls": 1,
        "input_tokens": 0,
        "output_tokens": 0,
        "cost_usd": 0.0,
        "unpriced": 0,
    },
}


def default_row(table: LakeTable) -> Row:
    """What a row of the table says where nobody says otherwise."""
    return dict(_DEFAULTS[table])


def utc(moment: str | datetime) -> datetime:
    """A moment in UTC from "2026-01-05 12:00" (or a day, for its midnight)."""
    if isinstance(moment, datetime):
        return moment
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


class LakeBuilder:
    """Collects rows and writes them as a lake under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._rows: dict[LakeTable, list[Row]] = {table: [] for table in LAKE_TABLES}

    def add(self, table: LakeTable, **columns: Any) -> None:
        """One row; columns that are not named take their default, or null where there is none.

        Raises:
            KeyError: the table has no such column.
        """
        if unknown := columns.keys() - polars_schema(table).keys():
            raise KeyError(f"{table} has no {', '.join(sorted(unknown))}")
        self._rows[table].append({**_DEFAULTS[table], **columns})

    def write(self) -> None:
        """Writes every table: one file per workspace, source, scorer and day, and the typed file without rows."""
        for table, rows in self._rows.items():
            schema = polars_schema(table)
            self._write(table, "empty", [], schema)
            files: dict[str, list[Row]] = {}
            for row in rows:
                files.setdefault(_path(row), []).append(row)
            for path, part in files.items():
                self._write(table, path, part, schema)

    def _write(self, table: LakeTable, path: str, rows: Iterable[Row], schema: pl.Schema) -> None:
        typed = [{name: _typed(row.get(name), kind) for name, kind in schema.items()} for row in rows]
        file = self.root / table / f"{path}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(typed, schema=schema).write_parquet(file)


def _path(row: Row) -> str:
    if "source" not in row:
        return "all"
    scorer = row.get("scorer_version") or row.get("judge_version")
    day: date | str = utc(row["version_at"]).date() if "version_at" in row else "undated"
    folders = [f"workspace={row['workspace_id']}", f"source={row['source']}", *([f"scorer={scorer}"] if scorer else [])]
    return "/".join((*folders, str(day)))


def _typed(value: Any, kind: pl.DataType) -> Any:
    return utc(value) if value is not None and isinstance(kind, pl.Datetime) else value
