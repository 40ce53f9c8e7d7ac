"""Lake table `judgements`: the status of every conversation version under one judge, with its raw claims."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import VERSION, flag, table, text, version, whole
from scoring_ops.eligibility import Profile
from scoring_ops.judges.protocol import Status

SCHEMA = table(
    "judgements",
    {
        **version(),
        "judge_version": text(),
        "rubric_version": text(),
        "transcript_hash": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "status": text(one_of=Status),
        "eligibility_profile": text(one_of=Profile),
        "ineligible_rules": text(),
        "detail": text(nullable=True),
        "cache_key": text(nullable=True),
        "claims_json": text(nullable=True),
        "windows": whole(nullable=True, at_least=1),
        "cached": flag(),
        "judging_run_id": text(),
    },
    key=(*VERSION, "judge_version"),
)
