"""Pace: requests and tokens per minute, kept across the days of a run.

The limits of the settings, for all endpoints together: calls are spaced evenly, without a burst at the start. What an
endpoint itself limits, and how to learn it from its answers, is `throttle.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

Sleep = Callable[[float], Awaitable[None]]
MINUTE = 60.0


class Limits(NamedTuple):
    """Requests and tokens per minute; None is no limit of our own."""

    rpm: int | None = None
    tpm: int | None = None


class Pace:
    """Spaces calls so that neither limit is exceeded in any minute; bound to no event loop."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self.limits = limits
        self._clock = clock
        self._sleep = sleep
        self._requests_at = self._tokens_at = 0.0

    async def wait(self, tokens: int) -> None:
        """Returns when a call of so many tokens may go."""
        now = self._clock()
        at = max(now, self._requests_at, self._tokens_at)
        if self.limits.rpm:
            self._requests_at = at + MINUTE / self.limits.rpm
        if self.limits.tpm:
            self._tokens_at = at + tokens * MINUTE / self.limits.tpm
        if at > now:
            await self._sleep(at - now)

    def correct(self, reserved: int, used: int) -> None:
        """Gives back what a call that waited for `reserved` tokens did not use."""
        if self.limits.tpm:
            self._tokens_at -= (reserved - used) * MINUTE / self.limits.tpm
