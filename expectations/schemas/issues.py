"""Lake table `issues`: each proven issue of a customer and whether it was resolved."""

from expectations.schemas.columns import SCORED_VERSION, evidence, scored_version, table, text, whole
from scoring_ops.claims import Resolution

SCHEMA = table(
    "issues",
    {
        **scored_version(),
        "issue_position": whole(),
        "issue": text(),
        "status": text(one_of=Resolution),
        **evidence(),
    },
    key=(*SCORED_VERSION, "issue_position"),
)
