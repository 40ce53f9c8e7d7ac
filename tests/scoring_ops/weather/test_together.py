"""Several processes on one cache: one asks about each conversation, and together they keep to one budget."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.cache_tables import LEDGER, SPENDING
from tests.fakes import bad_weather as weather
from tests.fakes import openai_server as fake
from tests.scoring_ops.weather.books import a_day, number_of, paid, rows, settled
from tests.scoring_ops.weather.conftest import Serve
from tests.scoring_ops.weather.processes import Running

pytestmark = pytest.mark.slow


def test_two_processes_on_one_day_ask_once_about_each_conversation(serve: Serve, shared_url: str) -> None:
    given, server = a_day(150), serve(weather.after(0.05))
    both = [Running(shared_url, server, run_id, count=150) for run_id in ("one", "other")]
    first, second = (running.ended() for running in both)
    with open_cache(shared_url) as cache:
        assert settled(cache, given) == {"scored": 150}
        assert paid(cache) == {"scored": 150}
    assert len(server.requests) == 150
    assert max(Counter(map(number_of, server.requests)).values()) == 1
    for ended in (first, second):
        assert sum(ended.statuses.values()) + ended.elsewhere == 150
    assert first.calls + second.calls == 150


def test_two_processes_on_a_bad_day_settle_each_conversation_once(serve: Serve, shared_url: str) -> None:
    given = a_day(80)
    sky = weather.by_conversation({3: fake.refusal, 30: fake.invalid_json, 60: fake.filtered}, number_of)
    server = serve(weather.after(0.03, sky))
    both = [Running(shared_url, server, run_id, count=80) for run_id in ("one", "other")]
    for ended in [running.ended() for running in both]:
        assert sum(ended.statuses.values()) + ended.elsewhere == 80
    with open_cache(shared_url) as cache:
        assert settled(cache, given) == {"scored": 77, "refused": 2, "schema_error": 1}
    assert len(server.requests) == 80


def test_three_processes_under_one_day_budget_never_spend_more_and_the_next_day_goes_on(
    serve: Serve, shared_url: str
) -> None:
    """An answer may cost 0.05 USD and costs 0.01."""
    server = serve(weather.after(0.02))
    runs = [
        Running(shared_url, server, f"run-{n}", first=1000 * n, count=40, per_day=0.60, concurrency=6) for n in range(3)
    ]
    ended = [running.ended() for running in runs]
    given = [transcript for n in range(3) for transcript in a_day(40, 1000 * n)]
    with open_cache(shared_url) as cache:
        statuses = settled(cache, given)
        assert statuses.keys() == {"scored", "budget_stopped"}
        assert 50 <= statuses["scored"] <= 60
        assert cache.spent_usd() <= 0.60 + 1e-9
        assert sum((Counter(e.statuses) for e in ended), Counter()) == statuses
        assert paid(cache) == {"scored": statuses["scored"]}
        (day,) = (row for row in rows(cache, SPENDING) if row["scope"].startswith("day/"))
        assert day["settled_nano_usd"] == round(cache.spent_usd() * 1e9)
    for n in range(3):
        Running(shared_url, server, f"more-{n}", first=1000 * n, count=40).ended()
    with open_cache(shared_url) as cache:
        assert settled(cache, given) == {"scored": 120}
        assert len(rows(cache, LEDGER)) == len(server.requests) == 120


def test_a_cache_opened_by_many_at_its_first_moment_is_made_once(shared_url: str) -> None:
    def opened(_: int) -> None:
        JudgementCache(shared_url).close()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(opened, range(32)))
    with open_cache(shared_url) as cache:
        assert rows(cache, LEDGER) == []
