"""Clocks that jump: the time of day dates the ledger and nothing else, so no call is lost, doubled or waited for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from time import monotonic

import pytest

from scoring_ops.budget import Budget, Limits
from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import LEDGER, SPENDING
from tests.fakes import bad_weather as weather
from tests.scoring_ops.weather.books import DEAR, NOON, a_day, a_judge, judged, paid, rows, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


def jumping(*jumps: timedelta) -> Callable[[], datetime]:
    """A clock that shows another of these times at each look."""
    shown = cycle(jumps)
    return lambda: NOON + next(shown)


@pytest.mark.parametrize(
    "clock",
    [
        pytest.param(jumping(0 * HOUR, 30 * HOUR, -30 * HOUR), id="to and fro by days"),
        pytest.param(jumping(*(-n * HOUR for n in range(100))), id="backwards"),
        pytest.param(jumping(*(n * HOUR for n in range(1000))), id="an hour at each look"),
    ],
)
def test_jumps_of_the_clock_lose_and_double_nothing_and_every_day_has_its_own_money(
    serve: Serve, cache: JudgementCache, clock: Callable[[], datetime]
) -> None:
    given, server = a_day(60), serve(weather.every(4, weather.refusing(retry_after_ms="20")))
    judged(a_judge(server), cache, given, clock=clock, budget=Budget(DEAR, Limits(per_day=1000)))
    assert settled(cache, given) == paid(cache) == {"scored": 60}
    by_day: dict[str, float] = {}
    for row in rows(cache, LEDGER):
        day = f"day/{row['started_at'].date()}"
        by_day[day] = by_day.get(day, 0) + row["cost_usd"]
    spent = {row["scope"]: row["settled_nano_usd"] / 1e9 for row in rows(cache, SPENDING)}
    assert {s: usd for s, usd in spent.items() if s.startswith("day/") and usd} == pytest.approx(by_day)


@pytest.mark.parametrize("off", [timedelta(days=-365), timedelta(days=365)])
def test_a_retry_after_that_is_a_date_is_read_by_the_clock_of_the_server_that_wrote_it(
    serve: Serve, cache: JudgementCache, off: timedelta
) -> None:
    """By ours it would lie a year ahead, and the call would end in no answer, or a year back, and not be waited for."""
    told = datetime.now(UTC) + off
    dates = {"date": http_date(told), "retry_after": http_date(told + timedelta(seconds=1))}
    given, server = a_day(1), serve(weather.once_each(weather.refusing(**dates)))
    began = monotonic()
    judged(a_judge(server), cache, given)
    assert settled(cache, given) == {"scored": 1}
    assert 1 <= monotonic() - began < 20


def http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
