"""A full disk under the cache: no more is paid for, what was kept stays, and with room again the day goes on."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from scoring_ops.cache import CacheError, JudgementCache, open_cache
from scoring_ops.cache_tables import ANSWERS
from tests.fakes import bad_weather as weather
from tests.scoring_ops.weather.books import a_day, a_judge, judged, number_of, paid, rows, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

PAGES = 40  # of 4 KB: a few dozen answers
IN_FLIGHT = 16


def test_a_full_disk_stops_the_judging_and_at_most_the_calls_in_flight_are_paid_again(
    serve: Serve, tmp_path: Path
) -> None:
    given, url = a_day(200), f"sqlite:///{tmp_path / 'cache.sqlite'}"
    server = serve(weather.after(0.005))
    with open_cache(url) as cache:
        fill_after(PAGES, cache)
        with pytest.raises(CacheError, match="cannot be written: database or disk is full"):
            judged(a_judge(server), cache, given, concurrency=IN_FLIGHT)
    asked = len(server.requests)
    with open_cache(url) as cache:
        kept = len(rows(cache, ANSWERS))
        assert 0 < kept < 200
        assert asked <= kept + IN_FLIGHT
        assert paid(cache) == {"scored": kept}
        judged(a_judge(server), cache, given, run_id="run-2")
        assert settled(cache, given) == paid(cache) == {"scored": 200}
    assert len(server.requests) == asked + 200 - kept
    assert max(Counter(map(number_of, server.requests)).values()) <= 2


def fill_after(pages: int, cache: JudgementCache) -> None:
    """The database may not grow beyond so many pages, as on a disk without room."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(cache.engine, "connect", limit)
    cache.engine.dispose()
