"""Lake table `workspaces`: time zone and champion scorer of each workspace; the row "*" holds for every other one."""

from expectations.schemas.columns import table, text

SCHEMA = table(
    "workspaces",
    {"workspace_id": text(), "timezone": text(), "champion_scorer_version": text(nullable=True)},
    key=("workspace_id",),
)
