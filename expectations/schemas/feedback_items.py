"""Lake table `feedback_items`: proven product and policy feedback; the item id outlives a re-scoring."""

from typing import Literal

from expectations.schemas.columns import SCORED_VERSION, evidence, scored_version, table, text
from scoring_ops.claims import FeedbackKind, Policy, Severity, Sign

SCHEMA = table(
    "feedback_items",
    {
        **scored_version(),
        "feedback_item_id": text(),
        "dimension": text(one_of=Literal["product_feedback", "policy_feedback"]),
        "sign": text(one_of=Sign),
        "kind": text(one_of=FeedbackKind | Policy),
        "area": text(),
        "statement": text(),
        "severity": text(one_of=Severity),
        **evidence(),
    },
    key=(*SCORED_VERSION, "feedback_item_id"),
)
