"""An Intercom workspace in memory: search with cursors, conversations with parts, calls, write-back; conversations may
change, vanish and move between two requests.
"""

import gzip
import re
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.helpdesk_server import Answer, HelpdeskServer, Seen

OWN = Path(__file__).with_name("openapi.yaml")
VENDORS = Path("vendor") / "intercom-openapi-2.14.yaml.gz"
TOKEN = "tok-Qz7x-secret"
MOST_PARTS = 500
_VOLATILE = re.compile(r"^/conversations/(?!search)[^/]+$")

Json = dict[str, Any]


def description(vendors: Path | None = None) -> Json:
    """Our own description of what is used, or the vendor's whole one."""
    if vendors is None:
        return yaml.safe_load(OWN.read_text(encoding="utf-8"))
    return yaml.load(gzip.open(vendors), Loader=yaml.CSafeLoader)


def author(kind: str, number: str = "1", **more: Any) -> Json:
    """An author, such as "user", "admin" or "bot"."""
    return {"type": kind, "id": f"{kind}-{number}", "email": f"{kind}{number}@mail.example", **more}


def part(number: int, kind: str, at: int, by: Json, body: str | None = None, **more: Any) -> Json:
    """A part; the workspace gives ids by number."""
    return {
        "type": "conversation_part",
        "id": f"p{number}",
        "part_type": kind,
        "body": body,
        "created_at": at,
        "author": by,
        "attachments": [],
        "redacted": False,
        **more,
    }


def conversation(
    number: int, updated_at: int, *parts: Json, body: str = "<p>It does not work.</p>", **more: Any
) -> Json:
    """A closed chat that a customer began ten minutes before its last update."""
    begun = updated_at - 600
    return {
        "type": "conversation",
        "id": str(number),
        "title": None,
        "created_at": begun,
        "updated_at": updated_at,
        "state": "closed",
        "source": {
            "type": "conversation",
            "id": f"s{number}",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": body,
            "author": author("user", str(number)),
            "attachments": [],
            "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": f"user-{number}"}]},
        "tags": {"type": "tag.list", "tags": []},
        "custom_attributes": {},
        "statistics": {"first_close_at": updated_at, "last_close_at": updated_at, "count_reopens": 0},
        "ai_agent_participated": False,
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": [
                *(parts or (part(1, "comment", begun + 60, author("admin"), "<p>I have mended it for you.</p>"),)),
                part(99, "close", updated_at, author("admin")),
            ],
            "total_count": max(1, len(parts)) + 1,
        },
        **more,
    }


class Workspace:
    """The conversations of a workspace, and what happens to them while somebody reads."""

    def __init__(self, *conversations: Json, per_page: int = 150) -> None:
        self.conversations = {str(one["id"]): one for one in conversations}
        self.per_page = per_page
        self.calls: dict[str, list[Json]] = {}
        self.before: Callable[[Seen, Workspace], None] = lambda _seen, _workspace: None
        self.expired: set[str] = set()
        self.writes: list[tuple[str, Json]] = []

    def touch(self, number: int, updated_at: int) -> None:
        """The conversation is updated."""
        self.conversations[str(number)]["updated_at"] = updated_at

    def answer(self, seen: Seen) -> Answer:
        """As Intercom would."""
        self.before(seen, self)
        if seen.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error("unauthorized", 401)
        if _VOLATILE.match(seen.path):
            return self._one(seen.path.rsplit("/", 1)[1], seen.body if seen.method == "PUT" else None)
        answers: dict[str, Callable[[Json], Answer]] = {
            "/me": lambda _: Answer({"type": "admin", "id": "1", "app": {"type": "app", "name": "Acme"}}),
            "/teams": lambda _: Answer(
                {"type": "team.list", "teams": [{"type": "team", "id": "77", "name": "Billing"}]}
            ),
            "/conversations/search": self._search,
            "/calls/search": self._calls,
        }
        known = answers.get(seen.path)
        return known(seen.body) if known else _error("not_found", 404)

    def _calls(self, body: Json) -> Answer:
        found = [call for one in body["conversation_ids"] for call in self.calls.get(one, [])]
        return Answer({"type": "list", "data": found})

    def _search(self, body: Json) -> Answer:
        ranges = {one["operator"]: one["value"] for one in body["query"]["value"]}
        paging = body.get("pagination", {})
        cursor = paging.get("starting_after")
        if cursor in self.expired:
            self.expired.discard(cursor)
            return _error("invalid_cursor", 400)
        found = [one for one in self.conversations.values() if ranges[">"] < one["updated_at"] < ranges["<"]]
        found.sort(key=lambda one: (-one["updated_at"], int(one["id"])))  # the newest first, as the real one does
        if cursor:
            after = tuple(map(int, cursor.split(".")))
            found = [one for one in found if (-one["updated_at"], int(one["id"])) > after]
        size = min(paging.get("per_page", 20), self.per_page)
        page = found[:size]
        pages: Json = {"type": "pages", "per_page": size}
        if len(found) > size:
            last = page[-1]
            pages["next"] = {"per_page": size, "starting_after": f"{-last['updated_at']}.{int(last['id'])}"}
        bare = [{name: value for name, value in one.items() if name != "conversation_parts"} for one in page]
        return Answer({"type": "conversation.list", "total_count": len(found), "conversations": bare, "pages": pages})

    def _one(self, number: str, change: Json | None) -> Answer:
        if number not in self.conversations:
            return _error("not_found", 404)
        if change is not None:
            self.writes.append((number, change["custom_attributes"]))
            self.conversations[number]["custom_attributes"] |= change["custom_attributes"]
            self.touch(int(number), int(time.time()))
        found = deepcopy(self.conversations[number])
        parts = found["conversation_parts"]
        parts["conversation_parts"] = parts["conversation_parts"][-MOST_PARTS:]
        return Answer(found)


def _error(code: str, status: int) -> Answer:
    return Answer({"type": "error.list", "request_id": None, "errors": [{"code": code}]}, status)


def serve(workspace: Workspace, vendors: Path | None = None, **more: Any) -> HelpdeskServer:
    """A server of the workspace, held to our description or to the vendor's."""
    return HelpdeskServer(
        description(vendors),
        "https://api.intercom.io",
        workspace.answer,
        lambda path: "/conversations/{id}" if _VOLATILE.match(path) else path,
        **more,
    )
