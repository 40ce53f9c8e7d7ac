"""Where scores are written back to: custom attributes of an Intercom conversation, fields of a Zendesk ticket.

Both are asked what they hold before anything is written, so that writing again changes nothing.
"""

from collections.abc import Mapping
from typing import Protocol, cast

from orchestration.sources.http import Api, Json
from orchestration.sources.protocol import SourceError

NAMES = ("cxs_score", "cxs_reasons", "cxs_version")
"""The attributes (Intercom) and the titles of the fields (Zendesk) that are written; no other is touched."""
LONGEST = 255
"""Characters that an attribute of Intercom holds."""

Values = Mapping[str, str | int]


class Target(Protocol):
    """A helpdesk that holds values by conversation."""

    def current(self, conversation_id: str) -> dict[str, object]:
        """What it holds under our names; ApiError where there is no such conversation."""
        ...

    def write(self, conversation_id: str, values: Values) -> None:
        """Sets the values, and nothing else."""
        ...


class IntercomTarget:
    """Custom attributes of conversations; they must have been made in the workspace's settings."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def current(self, conversation_id: str) -> dict[str, object]:
        """Our attributes of a conversation."""
        held = self._api.get(f"/conversations/{conversation_id}").get("custom_attributes")
        given = cast("Json", held) if isinstance(held, dict) else {}
        return {name: given.get(name) for name in NAMES}

    def write(self, conversation_id: str, values: Values) -> None:
        """Sets our attributes."""
        self._api.put(f"/conversations/{conversation_id}", {"custom_attributes": dict(values)})


class ZendeskTarget:
    """Custom fields of tickets, found by their titles.

    Raises:
        SourceError: an account without them.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        listed = api.get("/api/v2/ticket_fields.json").get("ticket_fields")
        fields = cast("list[Json]", listed) if isinstance(listed, list) else []
        self._ids = {str(one.get("title")): one.get("id") for one in fields if one.get("title") in NAMES}
        missing = [name for name in NAMES if name not in self._ids]
        if missing:
            raise SourceError(f"zendesk: no ticket field titled {', '.join(missing)}: make them in the Admin Center")

    def current(self, conversation_id: str) -> dict[str, object]:
        """Our fields of a ticket."""
        ticket = self._api.get(f"/api/v2/tickets/{conversation_id}.json").get("ticket")
        given = cast("Json", ticket) if isinstance(ticket, dict) else {}
        held = cast("list[Json]", given.get("custom_fields") or [])
        by_id = {one.get("id"): one.get("value") for one in held}
        return {name: by_id.get(number) for name, number in self._ids.items()}

    def write(self, conversation_id: str, values: Values) -> None:
        """Sets our fields; no comment is added."""
        fields = [{"id": self._ids[name], "value": value} for name, value in values.items()]
        self._api.put(f"/api/v2/tickets/{conversation_id}.json", {"ticket": {"custom_fields": fields}})
