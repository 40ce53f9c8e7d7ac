"""Lake table `rejected`: records that no conversation could be made of, each with its place and the rule it broke."""

from expectations.schemas.columns import moment, table, text

SCHEMA = table(
    "rejected",
    {
        "workspace_id": text(),
        "source": text(),
        "record_ref": text(),
        "conversation_id": text(nullable=True),
        "rule": text(),
        "detail": text(),
        "observed_at": moment(),
        "extraction_run_id": text(),
    },
    key=("workspace_id", "source", "record_ref", "rule"),
)
