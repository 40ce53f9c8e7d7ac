"""The source "zendesk": tickets of an account by their update day, each with comments, calls, chats and survey.

The incremental export lists what changed; requests per ticket bring what was said; what the lake holds already is not
fetched again. The update day is that of `generated_timestamp`, by which the export is ordered, so that no ticket can
fall between two days.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import cast

from pydantic import ValidationError

from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.days import windows
from orchestration.sources.http import Api, ApiError, Json, Refused, in_flight
from orchestration.sources.lenient import Model, listed, readable
from orchestration.sources.protocol import Listed, Rejected
from orchestration.sources.zendesk.export import Changed, export
from orchestration.sources.zendesk.messages import CHATS, SYSTEM_USER, messages_of
from orchestration.sources.zendesk.payload import Audit, ChatHistory, ChatLine, Comment, Rating, Ticket, User
from orchestration.sources.zendesk.ticket import SOURCE, to_conversation
from scoring_ops.conversation import Conversation

GONE, FORBIDDEN = 404, 403
PER_PAGE = 100
MOST_PAGES = 1000
_CHAT_EVENTS = frozenset({"ChatStartedEvent", "ChatEndedEvent"})
Holds = Callable[[str, datetime], bool]


class ZendeskSource:
    """Tickets of one Zendesk account.

    Args:
        connect: makes a client of a pass; exports get one of their own, since their limit is.
        workspace_id: under which the account is known here.
        holds: says whether the lake has a version, by its ticket id and time.
        clock: now.
        bots: ids of users that are AI agents.
        sleep: waits for the minute that the export withholds.
    """

    def __init__(
        self,
        connect: Callable[[], Api],
        workspace_id: str,
        holds: Holds,
        clock: Callable[[], datetime],
        *,
        bots: frozenset[str] = frozenset(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._workspace_id = workspace_id
        self._holds = holds
        self._clock = clock
        self._bots = bots
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The setting that chooses this source."""
        return SOURCE

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        """Every ticket that was last generated on one of the days, as it is now, unless the lake has it.

        Raises:
            SourceError: the account refuses the token or stays unreachable; what came before has been emitted.
        """
        with self._connect() as exports, self._connect() as rest:
            roles = _Roles(rest)
            for start, end in windows(days):
                changed = export(exports, start, end, self._clock, sleep=self._sleep)
                wanted = (one for one in changed if not self._is_held(one))
                for one, answer in in_flight(lambda each: self._fetch(rest, each, roles), wanted):
                    yield answer if isinstance(answer, Conversation) else self._rejected(one, answer)

    def listing(self, days: frozenset[date]) -> Iterator[Listed | Rejected]:
        """Every version of these days that Zendesk has now, from its export alone."""
        with self._connect() as exports:
            for start, end in windows(days):
                latest: dict[str, datetime] = {}
                for one in export(exports, start, end, self._clock, sleep=self._sleep, include=""):
                    latest[one.listed.id] = one.listed.generated_timestamp
                yield from (Listed(self._workspace_id, SOURCE, *version) for version in latest.items())

    def _is_held(self, one: Changed) -> bool:
        return self._holds(one.listed.id, one.listed.generated_timestamp)

    def _fetch(self, api: Api, one: Changed, roles: "_Roles") -> Conversation | Broken:
        if one.ticket is None:
            return Broken("bad_value", one.problem)
        ticket = one.ticket
        try:
            if ticket.status == "deleted":  # its words are gone; its earlier versions stay
                return to_conversation(ticket, self._workspace_id, one.around, (), None)
            comments = list(_all(api, f"/api/v2/tickets/{ticket.id}/comments.json", "comments", Comment, roles))
            chat = _chat(api, ticket) if ticket.via.channel in CHATS else []
            known = roles.of({comment.author_id for comment in comments if comment.author_id}, one.around.users)
            messages = messages_of(
                comments, chat, known, ticket.requester_id, self._bots, is_mail=ticket.via.channel == "email"
            )
            return to_conversation(ticket, self._workspace_id, one.around, messages, _rating(api, ticket))
        except Broken as broken:
            return broken
        except ValidationError as error:
            return Broken("bad_value", first_problem(error))
        except ApiError as error:
            if error.status != GONE:
                raise
            return Broken("deleted", "deleted in the helpdesk between the export and its turn")

    def _rejected(self, one: Changed, broken: Broken) -> Rejected:
        number, at = one.listed.id, one.listed.generated_timestamp
        return Rejected(self._workspace_id, SOURCE, f"tickets/{number}", number, broken.rule, broken.detail, at.date())


class _Roles:
    """Roles of users by id: side-loaded where they came, asked for in groups where not, and remembered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, str] = {SYSTEM_USER: ""}
        self._lock = threading.Lock()

    def add(self, page: Json) -> None:
        """Takes in the users that a page side-loads."""
        users = readable(User, page.get("users"))
        with self._lock:
            self._known.update((user.id, user.role) for user in users)

    def of(self, ids: set[str], also: Mapping[str, User]) -> dict[str, str]:
        """The roles of these users; one who is deleted has none."""
        with self._lock:
            found = {one: also[one].role for one in ids if one in also}
            found |= {one: self._known[one] for one in ids if one in self._known}
        missing = sorted(ids - found.keys())
        for start in range(0, len(missing), PER_PAGE):
            page = self._api.get("/api/v2/users/show_many.json", {"ids": ",".join(missing[start : start + PER_PAGE])})
            self.add(page)
        with self._lock:
            for one in missing:
                found[one] = self._known.setdefault(one, "")
        return found


def _all(api: Api, path: str, name: str, model: type[Model], roles: _Roles | None = None) -> Iterator[Model]:
    """Every entry of a list that is paged by cursors."""
    given: dict[str, str | int] = {"page[size]": PER_PAGE}
    if roles is not None:
        given["include"] = "users"
    for _ in range(MOST_PAGES):
        page = api.get(path, given)
        if roles is not None:
            roles.add(page)
        for entry in listed(page.get(name)):
            yield model.model_validate(entry)
        meta = page.get("meta")
        told = cast("Json", meta) if isinstance(meta, dict) else {}
        cursor = told.get("after_cursor")
        if not told.get("has_more") or not isinstance(cursor, str):
            return
        given["page[after]"] = cursor


def _chat(api: Api, ticket: Ticket) -> list[ChatLine]:
    """What was said in the chats of a ticket: their history lies in its audits."""
    lines: dict[tuple[str | None, int | None, int | None], ChatLine] = {}
    for audit in _all(api, f"/api/v2/tickets/{ticket.id}/audits.json", "audits", Audit):
        for event in audit.events:
            if event.type in _CHAT_EVENTS and isinstance(event.value, dict):
                for line in ChatHistory.model_validate(event.value).history:
                    lines[line.message_id, line.chat_index, line.timestamp] = line
    return list(lines.values())


def _rating(api: Api, ticket: Ticket) -> Rating | None:
    """The rating with its times; none where there is none, or the token may not read it."""
    given = ticket.satisfaction_rating
    if not given.id:
        return None
    try:
        answer = api.get(f"/api/v2/satisfaction_ratings/{given.id}.json")
    except Refused as refused:
        if refused.status != FORBIDDEN:
            raise
        return None
    except ApiError as error:
        if error.status != GONE:
            raise
        return None
    return Rating.model_validate(answer.get("satisfaction_rating") or {})
