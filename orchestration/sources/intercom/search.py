"""Which conversations changed in a window: Intercom's search, page by page, whatever happens between two pages.

Nothing is assumed of the order of results. A cursor may expire and conversations may change or move while pages are
read: a search that breaks off begins anew and passes over what it has listed, as long as each attempt lists something
new; windows that are not over yet are searched again until nothing new turns up.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import cast

from pydantic import ValidationError

from orchestration.sources.broken import first_problem
from orchestration.sources.days import DAY
from orchestration.sources.http import Api, ApiError, Json, Refused
from orchestration.sources.intercom.payload import Found
from orchestration.sources.protocol import SourceError

PER_PAGE = 150
SECOND = timedelta(seconds=1)
SKEW = timedelta(minutes=10)
"""By how much our clock may be ahead of the helpdesk's."""
MOST_SWEEPS = 5
_EXPIRED = frozenset({400, 404, 410, 422})


def search(
    api: Api, start: datetime, end: datetime, clock: Callable[[], datetime], bad: Callable[[object, str], None]
) -> Iterator[Found]:
    """Every conversation last updated from `start` to before `end`, each state of it once.

    Args:
        api: the client.
        start: first moment, in UTC.
        end: the moment after the last.
        clock: tells whether the window is over.
        bad: hears of an entry that cannot be read, with its id and what is wrong with it.

    Raises:
        SourceError: a search that fails again and again without listing anything new.
    """
    listed: set[tuple[str, datetime]] = set()
    since = start
    for _ in range(MOST_SWEEPS):
        begun = clock()
        before = len(listed)
        yield from _sweep(api, since, end, listed, bad)
        if begun - SKEW >= end or (since != start and len(listed) == before):
            return
        since = max(start, begun - SKEW)


def _sweep(
    api: Api, start: datetime, end: datetime, listed: set[tuple[str, datetime]], bad: Callable[[object, str], None]
) -> Iterator[Found]:
    cursor: str | None = None
    new = 0
    while True:
        try:
            page = api.post("/conversations/search", _query(start, end, cursor))
        except Refused:
            raise
        except ApiError as error:
            if cursor is None or error.status not in _EXPIRED or not new:
                raise
            cursor, new = None, 0
            continue
        for found in _entries(page, bad):
            key = (found.id, found.updated_at)
            if start <= found.updated_at < end and key not in listed:
                listed.add(key)
                new += 1
                yield found
        cursor = _next(page)
        if cursor is None:
            return


def _query(start: datetime, end: datetime, cursor: str | None) -> Json:
    """A day wider than asked on both sides: a workspace may compare whole days in its own time zone."""
    after, before = start - DAY - SECOND, end + DAY + SECOND
    pagination: Json = {"per_page": PER_PAGE}
    if cursor is not None:
        pagination["starting_after"] = cursor
    return {
        "query": {
            "operator": "AND",
            "value": [
                {"field": "updated_at", "operator": ">", "value": int(after.timestamp())},
                {"field": "updated_at", "operator": "<", "value": int(before.timestamp())},
            ],
        },
        "pagination": pagination,
    }


def _entries(page: Json, bad: Callable[[object, str], None]) -> Iterator[Found]:
    entries = page.get("conversations")
    if not isinstance(entries, list):
        raise SourceError("intercom: a page of the search holds no list of conversations")
    for entry in cast("list[object]", entries):
        try:
            yield Found.model_validate(entry)
        except ValidationError as error:
            fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
            bad(fields.get("id"), first_problem(error))


def _next(page: Json) -> str | None:
    pages = page.get("pages")
    following = cast("Json", pages).get("next") if isinstance(pages, dict) else None
    cursor = cast("Json", following).get("starting_after") if isinstance(following, dict) else None
    return cursor if isinstance(cursor, str) and cursor else None
