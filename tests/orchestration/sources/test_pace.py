"""The pace of requests by what a helpdesk's answers say of its limit, on a clock that the test turns."""

import httpx
import pytest

from orchestration.sources.pace import Allowance, Pace, allowance, seconds_to_wait

DATE = "Mon, 02 Mar 2026 12:00:00 GMT"
NOON = 1_772_452_800


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock, clock.sleep)


def sent(pace: Pace, clock: Clock, times: int, left: Allowance | None = None) -> list[float]:
    """The moments at which so many requests went out, one after the other."""
    moments: list[float] = []
    for _ in range(times):
        pace.wait()
        moments.append(clock.now)
        pace.answered(left)
    return moments


def test_without_a_limit_nothing_waits(pace: Pace, clock: Clock) -> None:
    assert sent(pace, clock, 5) == [100.0] * 5


def test_what_is_left_is_spread_over_the_window(pace: Pace, clock: Clock) -> None:
    pace.wait()
    pace.answered(Allowance(10, 5.0))
    assert [round(moment, 2) for moment in sent(pace, clock, 4)] == [100.0, 100.5, 101.0, 101.5]


def test_nothing_left_waits_for_the_window_to_end(pace: Pace, clock: Clock) -> None:
    pace.wait()
    pace.answered(Allowance(0, 7.0))
    assert sent(pace, clock, 2) == [107.0, 107.0]


def test_requests_under_way_count_as_used(pace: Pace, clock: Clock) -> None:
    for _ in range(3):
        pace.wait()
    pace.answered(Allowance(2, 6.0))  # two more are under way: nothing is free
    pace.wait()
    assert clock.now == 106.0


def test_a_server_that_asks_to_wait_is_waited_for(pace: Pace, clock: Clock) -> None:
    pace.hold(3.0)
    assert sent(pace, clock, 1) == [103.0]


def test_a_limit_that_is_no_longer_told_leaves_the_pace_as_it_was(pace: Pace, clock: Clock) -> None:
    pace.wait()
    pace.answered(Allowance(10, 5.0))
    assert [round(moment, 2) for moment in sent(pace, clock, 3, None)] == [100.0, 100.5, 101.0]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "9"}, Allowance(7, 9.0)),
        ({"RateLimit-Remaining": "7", "RateLimit-Reset": "9"}, Allowance(7, 9.0)),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(NOON + 8), "Date": DATE}, Allowance(7, 8.0)),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(NOON - 8), "Date": DATE}, Allowance(7, 0.0)),
        ({"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "2"}, Allowance(0, 2.0)),
        ({"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "2"}, None),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(NOON)}, None),
        ({"X-RateLimit-Remaining": "7"}, None),
        ({}, None),
    ],
)
def test_a_limit_is_read_from_headers(headers: dict[str, str], expected: Allowance | None) -> None:
    assert allowance(httpx.Headers(headers)) == expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:30 GMT", "Date": DATE}, 30.0),
        ({"Retry-After": "Mon, 02 Mar 2026 11:00:30 GMT", "Date": DATE}, 0.0),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:30 GMT"}, 0.0),
        ({"Retry-After": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_in_both_forms(headers: dict[str, str], seconds: float) -> None:
    assert seconds_to_wait(httpx.Headers(headers)) == seconds
