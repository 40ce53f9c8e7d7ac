"""Lake table `reviews`: what a person said of a conversation version, beside what the machine gave it."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import VERSION, flag, moment, table, text, version, whole
from scoring_ops.review import DrawnBy, Role
from scoring_ops.score import SCORE_MAX, SCORE_MIN

SCHEMA = table(
    "reviews",
    {
        **version(),
        "reviewer": pa.Column(pl.String, [pa.Check.str_length(min_value=1)]),
        "role": text(one_of=Role),
        "transcript_hash": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "score": whole(nullable=True, at_least=SCORE_MIN, at_most=SCORE_MAX),
        "resolution": whole(nullable=True, at_least=SCORE_MIN, at_most=SCORE_MAX),
        "customer_effort": whole(nullable=True, at_least=SCORE_MIN, at_most=SCORE_MAX),
        "comment": text(nullable=True),
        "drawn_by": text(one_of=DrawnBy),
        "saw_score": flag(),
        "shown_scorer_version": text(nullable=True),
        "shown_score": whole(nullable=True, at_least=SCORE_MIN, at_most=SCORE_MAX),
        "reviewed_at": moment(),
    },
    key=(*VERSION, "reviewer"),
)
