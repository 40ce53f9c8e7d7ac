"""Reviews as a labels file: what people decided, for `validate`, `calibrate` and `labels agreement` to read."""

import json
from pathlib import Path

import polars as pl

from orchestration.lake import Lake
from scoring_ops.review import CONTROL

_FIELDS = (
    "workspace_id", "source", "conversation_id", "transcript_hash", "reviewer", "role", "score", "resolution",
    "customer_effort",
)  # fmt: skip


def write_labels(path: Path, lake: Lake, *, control_only: bool) -> int:
    """Writes a record per review, the conversations named by the hash of their transcript; returns how many.

    Args:
        path: a file of JSON lines, replaced where there is one.
        lake: holds the reviews.
        control_only: only those drawn by chance and read without the score: the ones to validate on.
    """
    reviews = lake.read("reviews").filter(
        pl.any_horizontal(pl.col("score", "resolution", "customer_effort").is_not_null())
    )
    if control_only:
        reviews = reviews.filter((pl.col("drawn_by") == CONTROL) & ~pl.col("saw_score"))
    rows = reviews.sort("workspace_id", "source", "conversation_id", "version_at", "reviewer").select(_FIELDS)
    lines = (
        json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)
        for row in rows.iter_rows(named=True)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return rows.height
