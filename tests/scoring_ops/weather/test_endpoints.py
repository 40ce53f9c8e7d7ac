"""Several endpoints of which some are ill, and one that is away for a while or for good."""

import asyncio
import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from scoring_ops.cache import JudgementCache
from scoring_ops.judges.chat import Failure, Reply
from scoring_ops.judges.completion import AnswerMessage, Choice, Completion
from scoring_ops.judges.dialect import Dialect
from scoring_ops.judges.fleet import Fleet
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.judges.protocol import EndpointRejected, ModelUnavailable
from scoring_ops.pace import Limits, Pace
from tests.fakes import bad_weather as weather
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour
from tests.scoring_ops.weather.books import a_day, a_judge, judged, paid, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

DIALECT = Dialect("json_schema", "max_tokens")


@pytest.fixture
def dead() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}/v1"


def test_a_dead_endpoint_beside_a_good_one_costs_nobody_an_answer(
    serve: Serve, cache: JudgementCache, dead: str
) -> None:
    given, good = a_day(60), serve(fake.good_claims)
    assert judged(a_judge(dead, good), cache, given).statuses == settled(cache, given) == {"scored": 60}
    assert len(good.requests) == 60
    assert paid(cache) == {"scored": 60}


@pytest.mark.parametrize("behaviour", [fake.unauthorised, lambda _: fake.error(404, "no such model")])
def test_an_endpoint_that_rejects_the_key_or_the_model_is_left_out(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, good, bad = a_day(60), serve(fake.good_claims), serve(behaviour)
    assert judged(a_judge(bad, good), cache, given).statuses == settled(cache, given) == {"scored": 60}
    assert len(bad.requests) <= 16
    assert len(good.requests) == 60


def test_with_one_endpoint_dead_and_the_other_rejecting_the_key_judging_stops(
    serve: Serve, cache: JudgementCache
) -> None:
    given, one, other = a_day(60), serve(fake.unauthorised), serve(lambda _: fake.error(402, "pay first"))
    assert judged(a_judge(one, other), cache, given).statuses == settled(cache, given) == {"model_error": 60}
    assert len(one.requests) + len(other.requests) <= 2 * 16


def test_an_endpoint_that_comes_back_takes_part_again(serve: Serve, cache: JudgementCache) -> None:
    given, good = a_day(100), serve(weather.after(0.1))
    shy = serve(weather.for_seconds(0.3, fake.dropped, weather.after(0.1)))
    assert judged(a_judge(shy, good, max_concurrency=4), cache, given).statuses == settled(cache, given)
    assert settled(cache, given) == {"scored": 100}
    assert len(good.requests) < 95


def test_calls_do_not_queue_at_a_closed_endpoint_while_another_is_open(serve: Serve, cache: JudgementCache) -> None:
    given, good, closed = a_day(80), serve(fake.good_claims), serve(weather.refusing(retry_after="1"))
    began = monotonic()
    done = judged(a_judge(closed, good), cache, given, concurrency=32)
    assert monotonic() - began < 20
    assert done.statuses == settled(cache, given) == {"scored": 80}
    assert len(closed.requests) <= 24


@pytest.mark.slow
@pytest.mark.parametrize("away", [fake.dropped, fake.failing, lambda _: fake.error(503, "starting")])
def test_when_the_whole_endpoint_is_away_for_a_while_no_conversation_is_lost(
    serve: Serve, cache: JudgementCache, away: Behaviour
) -> None:
    given, server = a_day(80), serve(weather.for_seconds(6, away))
    done = judged(a_judge(server, max_retries=2), cache, given)
    assert done.statuses == settled(cache, given) == {"scored": 80}
    assert paid(cache) == {"scored": 80}
    assert len(server.requests) <= 80 + 60  # the first calls in flight, then few


class Hours:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Line:
    """An endpoint that answers as a script says at each moment."""

    host = "line"

    def __init__(self, hours: Hours, *, away: tuple[float, float], failure: Failure, takes: float = 0.0) -> None:
        self._hours, self._away, self._failure, self._takes = hours, away, failure, takes
        self.calls = 0

    async def complete(self, body: bytes) -> Reply | Failure:
        self.calls += 1
        sent = self._hours.now
        if self._away[0] <= sent < self._away[1]:
            self._hours.now = max(self._hours.now, sent + self._takes)
            return self._failure
        return Reply(Completion(choices=(Choice(message=AnswerMessage(content="{}")),)), None)

    async def aclose(self) -> None:
        return


REFUSED_CONNECTION = Failure("broken", "line: connection refused")
SILENT = Failure("overloaded", "line: no answer within 120 s")


def a_fleet(hours: Hours, *lines: Line) -> Fleet:
    pace = Pace(Limits(), clock=hours, sleep=hours.sleep)
    return Fleet([(line, DIALECT) for line in lines], pace, most_in_flight=8, clock=hours, sleep=hours.sleep)


async def asked(fleet: Fleet, count: int) -> list[type[BaseException] | None]:
    async def one() -> type[BaseException] | None:
        try:
            await fleet.send(lambda _: b"", 1)
        except (EndpointRejected, ModelUnavailable) as error:
            return type(error)
        return None

    return await asyncio.gather(*(one() for _ in range(count)))


@pytest.mark.parametrize(("failure", "takes"), [(REFUSED_CONNECTION, 0.0), (SILENT, 120.0)])
def test_an_endpoint_that_is_down_for_good_ends_the_judging_within_minutes(failure: Failure, takes: float) -> None:
    hours = Hours()
    line = Line(hours, away=(0, 1e9), failure=failure, takes=takes)
    results = asyncio.run(asked(a_fleet(hours, line), 40))
    assert set(results) == {EndpointRejected}
    assert hours.now < 3600
    assert line.calls < 200


def test_an_endpoint_that_is_down_for_less_than_two_minutes_loses_no_call() -> None:
    hours = Hours()
    line = Line(hours, away=(0, 100), failure=REFUSED_CONNECTION)
    assert set(asyncio.run(asked(a_fleet(hours, line), 40))) == {None}


def test_an_endpoint_that_was_gone_yesterday_is_asked_today() -> None:
    hours = Hours()
    line = Line(hours, away=(0, 5000), failure=REFUSED_CONNECTION)
    fleet = a_fleet(hours, line)

    async def two_days() -> tuple[list[type[BaseException] | None], list[type[BaseException] | None]]:
        first = await asked(fleet, 5)
        hours.now = 86400.0
        return first, await asked(fleet, 5)

    first, second = asyncio.run(two_days())
    assert set(first) == {EndpointRejected}
    assert set(second) == {None}


def test_a_failure_of_last_night_does_not_make_an_endpoint_gone_that_fails_once_in_the_morning() -> None:
    hours = Hours()
    line = Line(hours, away=(0, 1), failure=REFUSED_CONNECTION)
    fleet = a_fleet(hours, line)

    async def two_days() -> list[type[BaseException] | None]:
        await asked(fleet, 6)
        line._away = (80000.0, 80020.0)
        hours.now = 80000.0
        return await asked(fleet, 20)

    assert set(asyncio.run(two_days())) == {None}


def test_the_judge_takes_a_list_of_endpoints_or_one(serve: Serve) -> None:
    server = serve(fake.good_claims)
    one = OpenAIJudge("m", base_url=server.base_url)
    assert one.identity == OpenAIJudge("m", base_url=[server.base_url, server.base_url]).identity
