"""Pace: limits hold in every minute, from the first call on and across runs of the event loop."""

import asyncio

import pytest

from scoring_ops.pace import Limits, Pace


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def times_of(limits: Limits, tokens: list[int]) -> list[float]:
    """When each of these calls may go, in seconds after the first; each in an event loop of its own."""
    time = Time()
    pace = Pace(limits, clock=lambda: time.now, sleep=time.sleep)
    gone: list[float] = []
    for amount in tokens:
        asyncio.run(pace.wait(amount))
        gone.append(time.now - 100)
    return gone


def test_without_a_limit_nothing_waits() -> None:
    assert times_of(Limits(), [10**6] * 5) == [0] * 5


def test_requests_per_minute_are_spaced_evenly_without_a_burst() -> None:
    assert times_of(Limits(rpm=60), [0] * 4) == pytest.approx([0, 1, 2, 3])


def test_a_large_call_delays_the_next_by_its_tokens() -> None:
    assert times_of(Limits(tpm=6000), [1000, 500, 100]) == pytest.approx([0, 10, 15])


def test_the_tighter_limit_decides() -> None:
    assert times_of(Limits(rpm=60, tpm=6000), [50, 500, 50]) == pytest.approx([0, 1, 6])
