"""The throttle: it finds what an endpoint takes without being told, and keeps that full without a storm of refusals."""

import math

import pytest

from scoring_ops.throttle import START, Throttle
from tests.scoring_ops.simulated_endpoint import Endpoint, run


@pytest.mark.parametrize(
    ("endpoint", "calls", "used", "refused"),
    [
        (Endpoint(), 1000, 0.97, 0.05),
        (Endpoint(), 4000, 0.98, 0.02),
        (Endpoint(fast_refusals=True), 1000, 0.97, 0.05),
        (Endpoint(retry_after=1.0), 1000, 0.97, 0.05),
        (Endpoint(retry_after=1.0, fast_refusals=True), 1000, 0.97, 0.05),
        (Endpoint(round_trip=0.02), 1000, 0.95, 0.05),
        (Endpoint(round_trip=0.2), 4000, 0.95, 0.05),
        (Endpoint(rate=50, burst=5), 1000, 0.93, 0.05),
        (Endpoint(burst=200), 4000, 0.98, 0.05),
        (Endpoint(jitter=0.5), 1000, 0.90, 0.06),
        (Endpoint(jitter=0.5, fast_refusals=True), 1000, 0.90, 0.05),
    ],
)
def test_a_limit_nobody_told_is_kept_full_with_few_refusals(
    endpoint: Endpoint, calls: int, used: float, refused: float
) -> None:
    seen = run(endpoint, calls)
    assert seen.used >= used
    assert seen.refused <= refused * calls


@pytest.mark.parametrize("endpoint", [Endpoint(window=1.0), Endpoint(rate=5, burst=1), Endpoint(burst=1)])
def test_odd_limits_still_let_every_call_through(endpoint: Endpoint) -> None:
    assert run(endpoint, 500).used > 0.5


def test_an_endpoint_without_a_limit_gets_all_that_is_allowed_within_a_second_or_so() -> None:
    seen = run(Endpoint(rate=1e9, burst=1e9, round_trip=0.2), 4000, most_in_flight=256)
    assert seen.most_in_flight == 256
    assert 4000 / seen.seconds > 0.7 * 256 / 0.2


def test_never_more_calls_are_in_flight_than_the_settings_allow() -> None:
    assert run(Endpoint(rate=1e9, burst=1e9), 500, most_in_flight=3).most_in_flight == 3


def filled(most: int = 64) -> tuple[Throttle, list[object]]:
    throttle = Throttle(most)
    sent: list[object] = []
    while throttle.ready_at(0.0) == 0.0:
        sent.append(throttle.send(0.0))
    return throttle, sent


def test_overload_halves_the_calls_in_flight_once_for_all_that_met_it() -> None:
    throttle, sent = filled()
    assert len(sent) == START
    for one in sent[:5]:
        throttle.overloaded(one, 1.0)  # pyright: ignore[reportArgumentType]
    assert throttle.allowed == START / 2
    throttle.overloaded(throttle.send(2.0), 3.0)
    assert throttle.allowed == START / 4


def test_after_an_overload_calls_grow_by_one_a_round_trip() -> None:
    throttle, sent = filled()
    for one in sent:
        throttle.overloaded(one, 0.0)  # pyright: ignore[reportArgumentType]
    halved = throttle.allowed
    calls = [throttle.send(1.0) for _ in range(halved)]
    for _ in range(3 * halved):  # about three round trips, each answer replaced by a new call
        throttle.accepted(calls.pop(0), 2.0)
        calls.append(throttle.send(2.0))
    assert halved + 1 < throttle.allowed <= halved + 3


def test_an_overload_with_retry_after_closes_until_then() -> None:
    throttle = Throttle(64)
    throttle.overloaded(throttle.send(0.0), 0.1, retry_after=3.0)
    assert throttle.ready_at(0.2) == pytest.approx(3.1)


def test_an_endpoint_that_refuses_again_is_asked_by_one_call_at_a_time_after_its_retry_after() -> None:
    throttle = Throttle(64)
    throttle.refused(throttle.send(0.0), 0.1, retry_after=2.0)
    assert throttle.ready_at(0.2) < 1.0  # pyright: ignore[reportOptionalOperand]
    throttle.refused(throttle.send(0.2), 0.3, retry_after=2.0)
    assert throttle.ready_at(0.4) == pytest.approx(2.3)
    probe = throttle.send(2.3)
    assert throttle.ready_at(2.4) is None
    throttle.accepted(probe, 2.5)
    assert throttle.ready_at(2.5) is not None


def test_probes_of_a_closed_endpoint_become_rarer() -> None:
    throttle, waits, now = Throttle(64), [], 0.0
    for _ in range(12):
        sent = throttle.send(now)
        throttle.refused(sent, now + 0.01)
        ready_at = throttle.ready_at(now + 0.01)
        assert ready_at is not None
        waits.append(ready_at - now)
        now = ready_at
    assert waits[-1] > waits[2]
    assert max(waits) < 60


def test_calls_that_leave_late_for_want_of_a_processor_do_not_lower_the_rate() -> None:
    throttle, now = Throttle(64), 0.0
    throttle.told(limit=200, remaining=0, reset=1.0, now=now)
    for n in range(1000):
        due = throttle.ready_at(now)
        assert due is not None
        now = max(now, due) + (n % 5) / 1000  # up to 4 ms late
        throttle.accepted(throttle.send(now), now + 0.1)
    assert 1000 / now > 0.95 * 200


def test_what_the_endpoint_says_of_its_allowance_paces_calls_before_any_refusal() -> None:
    throttle = Throttle(64)
    sent = [throttle.send(0.0) for _ in range(10)]
    throttle.told(limit=60, remaining=0, reset=30.0, now=0.1)
    assert throttle.rate == pytest.approx(2.0)
    throttle.accepted(sent[0], 0.2)
    assert throttle.ready_at(0.2) == pytest.approx(0.6)


@pytest.mark.parametrize(
    "told", [(60, 60, 1), (0, 0, 1), (60, 50, 0), (60, 0, math.inf), (60, -1, 5), (math.nan, 0, 1)]
)
def test_an_allowance_that_makes_no_sense_or_is_ample_changes_nothing(told: tuple[float, float, float]) -> None:
    throttle = Throttle(64)
    throttle.send(0.0)
    throttle.told(*told, now=0.1)
    assert throttle.rate is None
