"""A Zendesk account in memory: the incremental export with its withheld minute and its own limit, comments, chats,
surveys, write-back; tickets may change and vanish between two requests.
"""

import base64
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.helpdesk_server import Answer, HelpdeskServer, Seen

EMAIL, TOKEN = "ops@acme.example", "tok-Zz9-secret"
AGENT, ADMIN, BOT = 900, 901, 950
EXPORT = "/api/v2/incremental/tickets/cursor.json"
_OF_TICKET = re.compile(r"^/api/v2/tickets/(\d+)(?:/(comments|audits))?\.json$")
_RATING = re.compile(r"^/api/v2/satisfaction_ratings/(\d+)\.json$")

Json = dict[str, Any]


def iso(seconds: float) -> str:
    """A time as Zendesk writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def comment(number: int, at: float, author: int, body: str, **more: Any) -> Json:
    """A public comment that came by the web."""
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": f'<div class="zd-comment" dir="auto"><p>{body}</p></div>',
        "public": True,
        "created_at": iso(at),
        "via": {"channel": "web", "source": {"rel": None}},
        "attachments": [],
        **more,
    }


def ticket(number: int, generated: int, **more: Any) -> Json:
    """A solved ticket that its requester opened an hour before it was last generated."""
    return {
        "id": number,
        "generated_timestamp": generated,
        "status": "solved",
        "created_at": iso(generated - 3600),
        "updated_at": iso(generated - 5),
        "subject": f"Ticket {number}",
        "via": {"channel": "web", "source": {"rel": None}},
        "requester_id": number,
        "submitter_id": number,
        "assignee_id": AGENT,
        "organization_id": None,
        "group_id": 70,
        "tags": [],
        "satisfaction_rating": {"score": "unoffered"},
        "custom_fields": [],
        **more,
    }


class Account:
    """The tickets of an account, and what happens to them while somebody reads."""

    def __init__(self, *tickets: Json, per_page: int = 1000, now: Callable[[], float] | None = None) -> None:
        self.tickets = {int(one["id"]): one for one in tickets}
        self.comments: dict[int, list[Json]] = {}
        self.audits: dict[int, list[Json]] = {}
        self.metrics: dict[int, Json] = {}
        self.ratings: dict[int, Json] = {}
        self.users: dict[int, Json] = {
            AGENT: {"id": AGENT, "role": "agent"},
            ADMIN: {"id": ADMIN, "role": "admin"},
            BOT: {"id": BOT, "role": "agent"},
        }
        self.fields: list[Json] = []
        self.per_page = per_page
        self.now = now or (lambda: datetime.now(UTC).timestamp())
        self.before: Callable[[Seen, Account], None] = lambda _seen, _account: None
        self.expired: set[str] = set()
        self.is_side_loading = True
        self.writes: list[tuple[int, Json]] = []

    def said(self, number: int) -> list[Json]:
        """The comments of a ticket; a question and an answer where none were given."""
        at = self.tickets[number]["generated_timestamp"] - 3600
        usual = [
            comment(number * 10, at, number, "My parcel did not arrive."),
            comment(number * 10 + 1, at + 600, AGENT, "It comes tomorrow."),
        ]
        return self.comments.get(number, usual)

    def answer(self, seen: Seen) -> Answer:
        """As Zendesk would."""
        self.before(seen, self)
        expected = base64.b64encode(f"{EMAIL}/token:{TOKEN}".encode()).decode()
        is_known = seen.headers.get("Authorization") == f"Basic {expected}"
        if seen.path == "/api/v2/users/me.json":
            return Answer({"user": self.users[ADMIN] if is_known else {"id": None, "role": "end-user"}})
        if not is_known:
            return _error("Couldn't authenticate you", 401)
        if of := _OF_TICKET.match(seen.path):
            return self._of_ticket(int(of[1]), of[2], seen)
        if of := _RATING.match(seen.path):
            rating = self.ratings.get(int(of[1]))
            return Answer({"satisfaction_rating": rating}) if rating else _error("RecordNotFound", 404)
        others: dict[str, Callable[[Seen], Answer]] = {
            EXPORT: self._export,
            "/api/v2/users/show_many.json": self._users,
            "/api/v2/ticket_fields.json": lambda _: Answer({"ticket_fields": self.fields}),
        }
        return others[seen.path](seen) if seen.path in others else _error("InvalidEndpoint", 404)

    def _user(self, number: int) -> Json:
        return self.users.get(number, {"id": number, "role": "end-user"})

    def _users(self, seen: Seen) -> Answer:
        return Answer({"users": [self._user(int(one)) for one in seen.query["ids"].split(",")]})

    def _export(self, seen: Seen) -> Answer:
        cursor = seen.query.get("cursor")
        if cursor in self.expired:
            self.expired.discard(cursor)
            return _error("InvalidCursor", 400)
        after = tuple(map(int, cursor.split("|"))) if cursor else (int(seen.query["start_time"]), -1)
        withheld = self.now() - 60
        if not cursor and after[0] > withheld:
            return _error("StartTimeTooRecent", 422)
        found = sorted(
            (one["generated_timestamp"], one["id"])
            for one in self.tickets.values()
            if one["generated_timestamp"] <= withheld
        )
        left = [key for key in found if key > after]
        page = left[: min(self.per_page, int(seen.query.get("per_page", 1000)))]
        tickets = [self.tickets[number] for _, number in page]
        last = page[-1] if page else after
        body: Json = {
            "tickets": tickets,
            "after_cursor": f"{last[0]}|{last[1]}",
            "end_of_stream": len(page) == len(left),
        }
        if self.is_side_loading and seen.query.get("include"):
            body["users"] = [self._user(one["requester_id"]) for one in tickets if one.get("requester_id")]
            body["groups"] = [{"id": 70, "name": "Billing"}]
            body["metric_sets"] = [self.metrics[one["id"]] for one in tickets if one["id"] in self.metrics]
        return Answer(body)

    def _of_ticket(self, number: int, what: str | None, seen: Seen) -> Answer:
        if number not in self.tickets:
            return _error("RecordNotFound", 404)
        if what is None:
            if seen.method == "PUT":
                self._write(number, seen.body["ticket"]["custom_fields"])
            return Answer({"ticket": deepcopy(self.tickets[number])})
        entries = self.said(number) if what == "comments" else self.audits.get(number, [])
        start = int(seen.query.get("page[after]", 0))
        size = int(seen.query.get("page[size]", 100))
        page = entries[start : start + size]
        has_more = start + size < len(entries)
        body: Json = {
            what: page,
            "meta": {"has_more": has_more, "after_cursor": str(start + size) if has_more else None},
        }
        if what == "comments" and self.is_side_loading:
            body["users"] = [self._user(one) for one in {entry["author_id"] for entry in page} if one > 0]
        return Answer(body)

    def _write(self, number: int, fields: list[Json]) -> None:
        self.writes.append((number, {"custom_fields": fields}))
        old = {one["id"]: one for one in self.tickets[number]["custom_fields"]}
        self.tickets[number]["custom_fields"] = list((old | {one["id"]: one for one in fields}).values())


def _error(name: str, status: int) -> Answer:
    return Answer({"error": name}, status)


def _kind(path: str) -> str:
    return re.sub(r"\d{1,}", "{id}", path)


def serve(account: Account, **more: Any) -> HelpdeskServer:
    """A server of the account, held to our description."""
    description = yaml.safe_load(Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8"))
    return HelpdeskServer(description, "https://acme.zendesk.com", account.answer, _kind, **more)
