"""Which tickets changed in a window: Zendesk's incremental export, ordered by the time a ticket was last generated.

The export tells what changed up to a minute ago; a window that has just ended is waited for. A cursor that is no longer
accepted is replaced by the time of the last ticket seen.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from pydantic import TypeAdapter, ValidationError

from orchestration.sources.broken import first_problem
from orchestration.sources.http import Api, ApiError, Json, Refused
from orchestration.sources.lenient import readable
from orchestration.sources.protocol import SourceError
from orchestration.sources.zendesk.payload import Group, Listed, MetricSet, Ticket, User
from orchestration.sources.zendesk.ticket import Around

PATH = "/api/v2/incremental/tickets/cursor.json"
PER_PAGE = 1000
WITHHELD = timedelta(minutes=2)
"""The export leaves out the last minute; clocks of two machines differ by some seconds more."""
OVERLAP = timedelta(minutes=1)
_EXPIRED = frozenset({400, 404, 410, 422})
_STAMPS = TypeAdapter(Listed)


class Changed(NamedTuple):
    """A ticket of a page, with what the page says besides; `ticket` is None where it cannot be read."""

    listed: Listed
    ticket: Ticket | None
    problem: str
    around: Around


def export(
    api: Api,
    start: datetime,
    end: datetime,
    clock: Callable[[], datetime],
    *,
    sleep: Callable[[float], None] = time.sleep,
    include: str = "users,groups,metric_sets",
) -> Iterator[Changed]:
    """Every ticket generated from `start` to before `end`, each state of it once.

    Args:
        api: a client for exports alone: they have a limit of their own.
        start: first moment, in UTC.
        end: the moment after the last.
        clock: now.
        sleep: waits, where the window ended less than two minutes ago.
        include: what is side-loaded.

    Raises:
        SourceError: the export fails again and again without getting on.
    """
    now = clock()
    if now - WITHHELD < start:
        return
    if end <= now < end + WITHHELD:
        sleep((end + WITHHELD - now).total_seconds())
    seen: set[tuple[str, datetime]] = set()
    since, cursor = start - OVERLAP, None
    while True:
        given: dict[str, str | int] = {"per_page": PER_PAGE} | ({"include": include} if include else {})
        given |= {"cursor": cursor} if cursor else {"start_time": int(since.timestamp())}
        page = _page(api, given)
        if page is None:
            cursor = None  # from the last ticket on: those of its moment come again, and are passed over
            continue
        latest = since
        around = _around(page)
        for one in _tickets(page, around):
            at = one.listed.generated_timestamp
            latest = max(latest, at)
            if start <= at < end and (one.listed.id, at) not in seen:
                seen.add((one.listed.id, at))
                yield one
        following = page.get("after_cursor")
        if page.get("end_of_stream") or latest >= end or not isinstance(following, str):
            return
        if following == cursor:
            raise SourceError("zendesk: the export does not get on")
        since, cursor = latest, following


def _page(api: Api, given: dict[str, str | int]) -> Json | None:
    """A page of the export, None where its cursor is no longer accepted."""
    try:
        return api.get(PATH, given)
    except Refused:
        raise
    except ApiError as error:
        if "cursor" not in given or error.status not in _EXPIRED:
            raise
        return None


def _tickets(page: Json, around: Around) -> Iterator[Changed]:
    tickets = page.get("tickets")
    if not isinstance(tickets, list):
        raise SourceError("zendesk: a page of the export holds no list of tickets")
    for entry in cast("list[object]", tickets):
        try:
            listed = _STAMPS.validate_python(entry)
        except ValidationError as error:  # without an id and a time nothing can be said of it, not even its day
            raise SourceError(f"zendesk: a ticket of the export: {first_problem(error)}") from None
        try:
            yield Changed(listed, Ticket.model_validate(entry), "", around)
        except ValidationError as error:
            yield Changed(listed, None, first_problem(error), around)


def _around(page: Json) -> Around:
    users = readable(User, page.get("users"))
    groups = readable(Group, page.get("groups"))
    metrics = readable(MetricSet, page.get("metric_sets"))
    return Around(
        {one.id: one for one in users}, {one.id: one for one in groups}, {one.ticket_id: one for one in metrics}
    )
