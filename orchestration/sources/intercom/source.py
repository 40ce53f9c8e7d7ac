"""The source "intercom": conversations of a workspace by their update day, each with all its parts.

A search lists what changed, and a request per conversation brings its parts; what the lake holds already is not
fetched again. Memory is bounded by the requests under way and by the ids of the days.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import cast

from pydantic import TypeAdapter, ValidationError

from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.days import windows
from orchestration.sources.files.messages import identifier
from orchestration.sources.http import Api, ApiError, Json, Refused, in_flight
from orchestration.sources.intercom.conversation import SOURCE, to_conversation
from orchestration.sources.intercom.payload import Call, Found, IntercomConversation
from orchestration.sources.intercom.search import search
from orchestration.sources.protocol import Listed, Rejected
from scoring_ops.conversation import Conversation

GONE = 404
_CALLS = TypeAdapter(tuple[Call, ...])
Holds = Callable[[str, datetime], bool]


class IntercomSource:
    """Conversations of one Intercom workspace.

    Args:
        connect: makes the client of a pass.
        workspace_id: under which the workspace is known here.
        holds: says whether the lake has a version, by its conversation id and time.
        clock: now.
    """

    def __init__(
        self, connect: Callable[[], Api], workspace_id: str, holds: Holds, clock: Callable[[], datetime]
    ) -> None:
        self._connect = connect
        self._workspace_id = workspace_id
        self._holds = holds
        self._clock = clock

    @property
    def name(self) -> str:
        """The setting that chooses this source."""
        return SOURCE

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        """Every conversation that was last updated on one of the days, as it is now, unless the lake has it.

        One that is updated while the pass runs is emitted as it then is, where that is still on one of the days; else
        it belongs to the pass of its new day.

        Raises:
            SourceError: the helpdesk refuses the token or stays unreachable; what came before has been emitted.
        """
        emitted: set[tuple[str, datetime]] = set()
        with self._connect() as api:
            teams = _teams(api)
            for start, end in windows(days):
                rejected: list[Rejected] = []
                changed = (found for found in self._search(api, start, end, rejected) if not self._is_held(found))
                for found, answer in in_flight(lambda one: self._fetch(api, one, teams), changed):
                    yield from rejected
                    rejected.clear()
                    outcome = self._of_days(found, answer, days)
                    if isinstance(outcome, Conversation):
                        version = (outcome.conversation_id, outcome.version_at)
                        if version in emitted:
                            continue
                        emitted.add(version)
                    if outcome is not None:
                        yield outcome
                yield from rejected

    def listing(self, days: frozenset[date]) -> Iterator[Listed | Rejected]:
        """Every version of these days that Intercom has now, from its search alone."""
        with self._connect() as api:
            for start, end in windows(days):
                rejected: list[Rejected] = []
                latest: dict[str, datetime] = {}
                for found in self._search(api, start, end, rejected):
                    latest[found.id] = max(found.updated_at, latest.get(found.id, found.updated_at))
                yield from rejected
                yield from (Listed(self._workspace_id, SOURCE, *version) for version in latest.items())

    def _search(self, api: Api, start: datetime, end: datetime, rejected: list[Rejected]) -> Iterator[Found]:
        def bad(entry_id: object, detail: str) -> None:
            rejected.append(self._rejected(identifier(entry_id), "bad_value", detail, None))

        return search(api, start, end, self._clock, bad)

    def _is_held(self, found: Found) -> bool:
        return self._holds(found.id, found.updated_at)

    def _fetch(self, api: Api, found: Found, teams: dict[str, str]) -> Conversation | Broken:
        try:
            payload = api.get(f"/conversations/{found.id}")
        except Refused:
            raise
        except ApiError as error:
            if error.status != GONE:
                raise
            return Broken("deleted", "deleted in the helpdesk between the search and its turn")
        try:
            conversation = IntercomConversation.model_validate(payload)
        except ValidationError as error:
            return Broken("bad_value", first_problem(error))
        calls = _calls(api, conversation) if conversation.source.type.startswith("phone") else ()
        try:
            return to_conversation(conversation, self._workspace_id, teams, calls)
        except Broken as broken:
            return broken

    def _of_days(
        self, found: Found, answer: Conversation | Broken, days: frozenset[date]
    ) -> Conversation | Rejected | None:
        if isinstance(answer, Broken):
            return self._rejected(found.id, answer.rule, answer.detail, found.updated_at.date())
        return answer if answer.update_day in days else None

    def _rejected(self, conversation_id: str | None, rule: str, detail: str, day: date | None) -> Rejected:
        ref = f"conversations/{conversation_id or 'without id'}"
        return Rejected(self._workspace_id, SOURCE, ref, conversation_id, rule, detail, day)


def _teams(api: Api) -> dict[str, str]:
    """Names of teams by id; none where the token may not read them, since an id tells them apart as well."""
    with suppress(ApiError):
        listed = api.get("/teams").get("teams")
        teams = cast("list[Json]", listed) if isinstance(listed, list) else []
        return {str(team["id"]): str(team["name"]) for team in teams if team.get("id") and team.get("name")}
    return {}


def _calls(api: Api, conversation: IntercomConversation) -> tuple[Call, ...]:
    """Calls of a conversation with transcripts; none where the workspace has none or the token may not read them."""
    with suppress(ApiError, ValidationError):
        found = api.post("/calls/search", {"conversation_ids": [conversation.id]})
        return _CALLS.validate_python(found.get("data") or ())
    return ()
