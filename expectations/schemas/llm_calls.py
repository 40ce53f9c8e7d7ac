"""Lake table `llm_calls`: the call that produced each answer in use, read from the cache, one row per key."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import moment, number, table, text, whole

SCHEMA = table(
    "llm_calls",
    {
        "workspace_id": text(),
        "source": text(),
        "cache_key": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "judge_version": text(),
        "model": text(),
        "transcript_hash": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "conversations": whole(at_least=1),
        "input_tokens": whole(nullable=True),
        "output_tokens": whole(nullable=True),
        "cost_usd": number(nullable=True),
        "latency_ms": number(),
        "started_at": moment(),
        "judging_run_id": text(),
    },
    key=("workspace_id", "source", "cache_key"),
)
