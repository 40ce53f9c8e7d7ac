"""Lake table `dimension_scores`: what was found and what it contributed, per scored version and dimension."""

from expectations.schemas.columns import SCORED_VERSION, number, scored_version, table, text, whole
from scoring_ops.rubric.dimensions import Dimension

SCHEMA = table(
    "dimension_scores",
    {
        **scored_version(),
        "dimension": text(one_of=Dimension),
        "value": text(),
        "contribution": number(),
        "claims": whole(at_least=1),
        "proven": whole(),
    },
    key=(*SCORED_VERSION, "dimension"),
)
