"""Lake table `workspaces`: the time zone of each workspace; the row "*" holds for every other one."""

from expectations.schemas.columns import table, text

SCHEMA = table("workspaces", {"workspace_id": text(), "timezone": text()}, key=("workspace_id",))
