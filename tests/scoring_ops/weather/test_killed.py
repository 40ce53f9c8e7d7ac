"""`kill -9` in the middle of a day: at most the calls in flight are paid again, and nobody waits for the dead."""

import random
from collections import Counter
from time import monotonic, sleep

import pytest

from scoring_ops.cache import open_cache
from scoring_ops.cache_tables import LEDGER
from tests.fakes import bad_weather as weather
from tests.fakes.openai_server import OpenAIServer
from tests.scoring_ops.weather.books import a_day, number_of, rows, settled
from tests.scoring_ops.weather.conftest import Serve
from tests.scoring_ops.weather.processes import Running

pytestmark = pytest.mark.slow
CONCURRENCY = 8
KILLS = 3


def killed_after_some(server: OpenAIServer, running: Running, more: int) -> None:
    """Kills a process when so many more requests have arrived than were there before."""
    goal, began = len(server.requests) + more, monotonic()
    while len(server.requests) < goal:
        assert running.process.poll() is None
        assert monotonic() - began < 60
        sleep(0.002)
    running.kill()


def test_a_day_killed_three_times_pays_again_only_for_what_was_in_flight(serve: Serve, shared_url: str) -> None:
    given, chance = a_day(120), random.Random(5)
    server = serve(weather.after(0.05))
    for n in range(KILLS):
        running = Running(shared_url, server, f"killed-{n}", count=120, concurrency=CONCURRENCY)
        killed_after_some(server, running, chance.randint(10, 30))
    began = monotonic()
    ended = Running(shared_url, server, "last", count=120, concurrency=CONCURRENCY).ended()
    assert monotonic() - began < 25  # an owner on another machine would be waited for for 30 s
    assert sum(ended.statuses.values()) + ended.elsewhere == 120
    with open_cache(shared_url) as cache:
        assert settled(cache, given) == {"scored": 120}
        booked = Counter(row["transcript_hash"] for row in rows(cache, LEDGER))
    assert set(booked.values()) == {1}
    assert len(server.requests) <= 120 + KILLS * CONCURRENCY
    asked = Counter(number_of(request) for request in server.requests)
    assert max(asked.values()) <= 1 + KILLS


def test_money_set_aside_by_a_killed_run_does_not_hold_the_next_one_up_though_it_judges_other_conversations(
    serve: Serve, shared_url: str
) -> None:
    """An answer may cost 0.05 USD and costs 0.01: eight in flight hold 0.40 of the day's 0.90."""
    server = serve(weather.after(0.1))
    running = Running(shared_url, server, "killed", count=40, per_day=0.90)
    killed_after_some(server, running, 9)
    ended = Running(shared_url, server, "next", count=40, first=1000, per_day=0.90).ended(60)
    assert sum(ended.statuses.values()) == 40
    assert ended.statuses["budget_stopped"] > 0
    with open_cache(shared_url) as cache:
        assert cache.spent_usd() <= 0.90 + 1e-9
