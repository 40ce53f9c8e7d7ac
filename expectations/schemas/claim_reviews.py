"""Lake table `claim_reviews`: whether a person found that a proven quote supports the claim it was given for."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import SCORED_VERSION, flag, moment, scored_version, table, text, whole
from scoring_ops.rubric.dimensions import Dimension

SCHEMA = table(
    "claim_reviews",
    {
        **scored_version(),
        "reason_position": whole(),
        "reviewer": pa.Column(pl.String, [pa.Check.str_length(min_value=1)]),
        "dimension": text(one_of=Dimension),
        "value": text(),
        "is_supported": flag(),
        "reviewed_at": moment(),
    },
    key=(*SCORED_VERSION, "reason_position", "reviewer"),
)
