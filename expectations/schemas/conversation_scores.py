"""Lake table `conversation_scores`: one row per scored conversation version and scorer."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import (
    SCORED_VERSION,
    flag,
    fraction,
    moment,
    number,
    scored_version,
    table,
    text,
    whole,
)
from scoring_ops.conversation import AgentMix
from scoring_ops.score import SCORE_MAX, SCORE_MIN, GroundsCode

SCHEMA = table(
    "conversation_scores",
    {
        **scored_version(),
        "judge_version": text(),
        "rubric_version": text(),
        "scorecard_version": text(),
        "transcript_hash": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "score": whole(at_least=SCORE_MIN, at_most=SCORE_MAX),
        "raw_score": number(),
        "judge_rating": whole(at_least=SCORE_MIN, at_most=SCORE_MAX),
        "confidence": fraction(),
        "summary": text(),
        "language": text(),
        "grounds": text(),
        "grounds_code": text(one_of=GroundsCode),
        "what_would_change_it": text(nullable=True),
        "agent_mix_at_score": text(one_of=AgentMix),
        "claims_total": whole(),
        "claims_proven": whole(),
        "windows": whole(at_least=1),
        "is_validated": flag(),
        "scored_at": moment(),
        "scoring_run_id": text(),
    },
    key=SCORED_VERSION,
)
