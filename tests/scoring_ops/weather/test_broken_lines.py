"""Lines that break, servers that fail and answers that hang: tried again a bounded number of times, one by one."""

from time import monotonic

import pytest

from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import LEDGER, OUTCOMES
from tests.fakes import bad_weather as weather
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour
from tests.scoring_ops.weather.books import a_day, a_judge, judged, number_of, paid, rows, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

BREAKING = [
    fake.failing,
    fake.dropped,
    weather.cut_in_the_headers,
    weather.cut_in_the_body,
    weather.not_http,
    lambda _: fake.error(503, "overloaded"),
    lambda _: fake.error(502, "bad gateway", retry_after_ms="1"),
]


@pytest.mark.parametrize("behaviour", BREAKING)
def test_a_call_that_breaks_is_made_again_and_booked_once(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(10), serve(weather.every(4, behaviour))
    assert judged(a_judge(server), cache, given).statuses == settled(cache, given) == {"scored": 10}
    assert paid(cache) == {"scored": 10}
    assert len(server.requests) == 13  # every fourth of thirteen broke


@pytest.mark.parametrize("behaviour", BREAKING)
def test_a_conversation_that_always_breaks_fails_alone_after_its_attempts_and_the_next_run_scores_it(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(10), serve(weather.by_conversation({4: behaviour}, number_of))
    judge = a_judge(server, max_retries=2)
    assert judged(judge, cache, given).statuses == settled(cache, given) == {"scored": 9, "model_error": 1}
    assert sum(number_of(request) == 4 for request in server.requests) == 3
    assert paid(cache) == {"scored": 9, "model_error": 1}
    (outcome,) = rows(cache, OUTCOMES)
    assert outcome["detail"].startswith("127.0.0.1")
    assert "parcel" not in outcome["detail"]
    server.behaviour = fake.good_claims
    assert judged(judge, cache, given, run_id="run-2").statuses == {"scored": 1}
    assert settled(cache, given) == {"scored": 10}


def test_an_answer_that_hangs_ends_at_its_deadline_while_others_go_on(serve: Serve, cache: JudgementCache) -> None:
    given, server = a_day(40), serve(weather.by_conversation({3: fake.hanging, 11: fake.hanging}, number_of))
    began = monotonic()
    done = judged(a_judge(server, timeout=2, max_retries=1), cache, given)
    assert monotonic() - began < 20
    assert done.statuses == settled(cache, given) == {"scored": 38, "model_error": 2}
    slow = [row["latency_ms"] for row in rows(cache, LEDGER) if row["status"] == "model_error"]
    assert all(4000 <= latency < 15_000 for latency in slow)
    assert {row["detail"] for row in rows(cache, OUTCOMES)} == {"127.0.0.1: no answer within 2 s"}


def test_an_answer_that_trickles_in_too_slowly_is_late_too(serve: Serve, cache: JudgementCache) -> None:
    given, server = a_day(6), serve(weather.by_conversation({3: weather.after(20)}, number_of))
    done = judged(a_judge(server, timeout=3, max_retries=0), cache, given)
    assert done.statuses == settled(cache, given) == {"scored": 5, "model_error": 1}


def test_a_server_that_closes_every_connection_after_its_answer_is_served_all_the_same(
    serve: Serve, cache: JudgementCache
) -> None:
    given, server = a_day(30), serve(weather.telling(Connection="close"))
    assert judged(a_judge(server), cache, given).statuses == settled(cache, given) == {"scored": 30}
    assert len(server.requests) == 30
