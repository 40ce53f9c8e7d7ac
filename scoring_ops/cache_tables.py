"""The tables of the judgement cache: one schema for SQLite and PostgreSQL, made where it is missing.

`answers`, `outcomes` and `ledger` are what was paid for; `leases`, `owners` and `spending` are how processes that
work at once keep out of each other's way; `batches` and `batch_items` are what lies with a provider for hours. Neither
transcripts nor prompts are stored.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

ANSWERS = sa.Table(
    "answers",
    METADATA,
    sa.Column("cache_key", sa.String(64), primary_key=True),
    sa.Column("judge_version", sa.String, nullable=False),
    sa.Column("transcript_hash", sa.String(64), nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("claims_json", sa.Text, nullable=False),
    sa.Column("windows", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost_usd", sa.Float),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Index("answers_by_transcript", "judge_version", "transcript_hash"),
)
"""The answer in use of each judge to each transcript, with the call that was paid for it."""

OUTCOMES = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("judge_version", sa.String, primary_key=True),
    sa.Column("transcript_hash", sa.String(64), primary_key=True),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
)
"""Why a transcript has no answer: what went wrong last."""

LEDGER = sa.Table(
    "ledger",
    METADATA,
    sa.Column("attempt_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("cache_key", sa.String(64), nullable=False),
    sa.Column("judge_version", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("transcript_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost_usd", sa.Float),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Index("ledger_by_time", "started_at"),
    sa.Index("ledger_by_run", "run_id"),
)
"""Every attempt, failed ones too; only ever appended to."""

LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("judge_version", sa.String, primary_key=True),
    sa.Column("transcript_hash", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("run_scope", sa.String, nullable=False),
    sa.Column("day_scope", sa.String, nullable=False),
    sa.Column("reserved_nano_usd", sa.BigInteger, nullable=False),
    sa.Index("leases_by_owner", "owner"),
)
"""Who is asking a judge about a transcript right now, and the money set aside for it."""

OWNERS = sa.Table(
    "owners",
    METADATA,
    sa.Column("owner", sa.String(32), primary_key=True),
    sa.Column("machine", sa.String, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
)
"""Processes that hold leases; `beat` rises while they live. Watchers time it with clocks of their own."""

SPENDING = sa.Table(
    "spending",
    METADATA,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("settled_nano_usd", sa.BigInteger, nullable=False),
)
"""Money spent by scope: `day/2026-11-25` in UTC, and `run/<id>`; the sums of the ledger, kept as one row each."""

BATCHES = sa.Table(
    "batches",
    METADATA,
    sa.Column("batch_id", sa.String(24), primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("judge_version", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("price_name", sa.String, nullable=False),
    sa.Column("endpoint", sa.String, nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("submitter", sa.String(32), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("file_id", sa.String),
    sa.Column("provider_id", sa.String),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("batches_by_state", "state"),
)
"""Batches of a provider, each recorded before anything of it is sent."""

BATCH_ITEMS = sa.Table(
    "batch_items",
    METADATA,
    sa.Column("batch_id", sa.String(24), primary_key=True),
    sa.Column("transcript_hash", sa.String(64), primary_key=True),
    sa.Column("cache_key", sa.String(64), nullable=False),
    sa.Column("status", sa.String),
    sa.Column("detail", sa.Text, nullable=False),
)
"""The transcripts of each batch and what came of them; no status where there was no result, or none yet."""
