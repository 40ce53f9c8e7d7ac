"""Refusals for load: a call waits as long as it was told, nobody storms a closed endpoint, and all rows are scored."""

from collections import defaultdict
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from scoring_ops.cache import JudgementCache
from scoring_ops.throttle import Throttle
from tests.fakes import bad_weather as weather
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour, Received, Reply
from tests.scoring_ops.weather.books import a_day, a_judge, judged, number_of, paid, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

EARLY = 0.02  # seconds by which the two clocks and the wire may differ


class Timed:
    """A behaviour that notes when it was asked about which conversation, and what it answered."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self.asked: list[tuple[float, int, int]] = []

    def __call__(self, request: Received) -> Reply:
        at, reply = monotonic(), self._behaviour(request)
        self.asked.append((at, number_of(request), reply.status))
        return reply

    @property
    def by_conversation(self) -> dict[int, list[tuple[float, int]]]:
        """When each conversation was asked about, and the status of that answer."""
        found: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for at, number, status in self.asked:
            found[number].append((at, status))
        return found


@pytest.mark.parametrize("headers", [{"retry_after_ms": "300"}, {"retry_after_ms": "300", "retry_after": "9"}])
def test_a_refused_call_is_not_sent_again_before_its_time(
    serve: Serve, cache: JudgementCache, headers: dict[str, str]
) -> None:
    sky = Timed(weather.once_each(weather.refusing(**headers)))
    given = a_day(8)
    assert judged(a_judge(serve(sky)), cache, given).statuses == settled(cache, given) == {"scored": 8}
    assert paid(cache) == {"scored": 8}
    assert all(len(calls) == 2 for calls in sky.by_conversation.values())
    assert all(later - sooner >= 0.3 - EARLY for (sooner, _), (later, _) in sky.by_conversation.values())


def test_while_everything_is_refused_only_single_calls_ask_at_the_time_they_were_told_until_the_storm_ends(
    serve: Serve, cache: JudgementCache
) -> None:
    sky = Timed(weather.for_seconds(1.5, weather.refusing(retry_after_ms="500")))
    given = a_day(40)
    assert judged(a_judge(serve(sky)), cache, given).statuses == settled(cache, given) == {"scored": 40}
    refused = [at for at, _, status in sky.asked if status == 429]
    gaps = [later - sooner for sooner, later in pairwise(refused)]
    wave = next((n for n, gap in enumerate(gaps) if gap > 0.3), len(gaps)) + 1
    assert wave <= 20 + 1  # what may be in flight before anything is known, and one that asked again
    assert len(refused) - wave <= 5
    for calls in sky.by_conversation.values():  # the refused ones ask at their own time
        assert all(later - sooner >= 0.5 - EARLY for (sooner, _), (later, _) in pairwise(calls))
    assert paid(cache) == {"scored": 40}


def test_a_storm_that_names_no_time_is_met_with_rarer_and_rarer_calls(serve: Serve, cache: JudgementCache) -> None:
    sky = Timed(weather.for_seconds(1.2, weather.refusing()))
    given = a_day(30)
    assert judged(a_judge(serve(sky)), cache, given).statuses == settled(cache, given) == {"scored": 30}
    refused = [at for at, _, status in sky.asked if status == 429]
    assert len(refused) <= 2 * 20  # those in flight when it broke, and few more
    assert paid(cache) == {"scored": 30}


def test_an_endpoint_with_a_limit_gets_every_row_through_and_few_refusals(serve: Serve, cache: JudgementCache) -> None:
    allowance = {"left": 10.0, "at": monotonic()}

    def bucket(request: Received) -> Reply:
        now = monotonic()
        allowance["left"] = min(10.0, allowance["left"] + (now - allowance["at"]) * 40)
        allowance["at"] = now
        if allowance["left"] < 1:
            return weather.refusing()(request)
        allowance["left"] -= 1
        return fake.good_claims(request)

    given, sky = a_day(80), Timed(bucket)
    assert judged(a_judge(serve(sky)), cache, given, concurrency=48).statuses == settled(cache, given)
    assert settled(cache, given) == {"scored": 80}
    assert len(sky.asked) <= 80 * 2  # how few exactly, free of this machine's mood: test_throttle, in virtual time


def test_a_refusal_that_comes_back_after_a_hundred_later_ones_is_one_more_refusal() -> None:
    throttle, now = Throttle(200), 0.0
    while throttle.allowed < 120:
        sent = [throttle.send(now) for _ in range(throttle.allowed - throttle.in_flight)]
        now += 0.01
        for call in sent:
            throttle.accepted(call, now)
    sent = [throttle.send(now + n / 1000) for n in range(120)]
    for call in (*sent[1:], sent[0]):
        throttle.refused(call, now + 1, 0.001)
    assert throttle.in_flight == 0


def test_an_endpoint_that_refuses_for_ever_ends_the_judging_when_patience_ends(
    serve: Serve, cache: JudgementCache
) -> None:
    given, server = a_day(60), serve(weather.refusing(retry_after_ms="50"))
    began = monotonic()
    done = judged(a_judge(server, patience=0.5), cache, given, concurrency=8)
    assert monotonic() - began < 20
    assert done.statuses == settled(cache, given) == {"model_error": 60}
    assert not paid(cache)["scored"]


@pytest.mark.parametrize("headers", [{"retry_after": "3600"}, {"retry_after_ms": "1e300"}, {"retry_after": "9" * 30}])
def test_a_retry_after_beyond_all_patience_ends_the_judging_too(
    serve: Serve, cache: JudgementCache, headers: dict[str, str]
) -> None:
    given, server = a_day(40), serve(weather.refusing(**headers))
    began = monotonic()
    done = judged(a_judge(server, patience=0.4), cache, given, concurrency=8)
    assert monotonic() - began < 20
    assert done.statuses == settled(cache, given) == {"model_error": 40}


TOLD: list[dict[str, Any]] = [
    {},
    {"x_ratelimit_remaining_requests": "garbage"},
    {"x_ratelimit_remaining_requests": "0"},
    {"x_ratelimit_limit_requests": "0", "x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "0s"},
    {"x_ratelimit_limit_requests": "500", "x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "6ms"},
    {"x_ratelimit_limit_requests": "9", "x_ratelimit_remaining_requests": "-3", "x_ratelimit_reset_requests": "1s"},
    {"x_ratelimit_limit_requests": "nan", "x_ratelimit_remaining_requests": "nan", "x_ratelimit_reset_requests": "nan"},
    {"x_ratelimit_limit_requests": "9", "x_ratelimit_remaining_requests": "1", "x_ratelimit_reset_requests": "inf"},
    {"x_ratelimit_limit_requests": "inf", "x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "1s"},
    {"x_ratelimit_limit_requests": "1e6", "x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "1m30s"},
    {"x_ratelimit_limit_requests": "60", "x_ratelimit_remaining_requests": "59", "x_ratelimit_reset_requests": "1s"},
    {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"},
    {"retry_after": "soon", "retry_after_ms": "nan"},
]


@pytest.mark.parametrize("headers", TOLD)
def test_whatever_an_endpoint_says_of_its_allowance_every_row_is_scored(
    serve: Serve, cache: JudgementCache, headers: dict[str, str]
) -> None:
    given = a_day(12)
    sky = weather.telling(weather.every(5, weather.refusing(retry_after_ms="5")), **headers)
    began = monotonic()
    assert judged(a_judge(serve(sky)), cache, given).statuses == settled(cache, given) == {"scored": 12}
    assert monotonic() - began < 20
    assert paid(cache) == {"scored": 12}


def test_an_allowance_that_says_zero_is_not_overrun(serve: Serve, cache: JudgementCache) -> None:
    told = {"x_ratelimit_limit_requests": "10", "x_ratelimit_remaining_requests": "0"}
    sky = Timed(weather.telling(**told, x_ratelimit_reset_requests="1s"))
    judged(a_judge(serve(sky)), cache, a_day(30), concurrency=4)
    moments = sorted(at for at, _, _ in sky.asked)[5:]  # ten a second, once the first answers have said so
    assert sum(later - sooner for sooner, later in pairwise(moments)) / (len(moments) - 1) >= 0.08
