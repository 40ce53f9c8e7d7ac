"""Pace: how many calls at once, and requests and tokens per minute, kept across the days of a run.

Calls are spaced evenly, without a burst at the start. What the endpoint itself limits, and how to learn it from its
answers, is not known here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

Sleep = Callable[[float], Awaitable[None]]
MINUTE = 60.0


class Limits(NamedTuple):
    """The most calls at once, and requests and tokens per minute; None is no limit of our own."""

    max_concurrency: int = 64
    rpm: int | None = None
    tpm: int | None = None


class Pace:
    """Spaces calls so that neither limit is exceeded in any minute; bound to no event loop."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self.limits = limits
        self._clock = clock
        self._sleep = sleep
        self._next_at = 0.0

    async def wait(self, tokens: int) -> None:
        """Returns when a call of so many tokens may go."""
        requests = MINUTE / self.limits.rpm if self.limits.rpm else 0.0
        volume = tokens * MINUTE / self.limits.tpm if self.limits.tpm else 0.0
        now = self._clock()
        at = max(now, self._next_at)
        self._next_at = at + max(requests, volume)
        if at > now:
            await self._sleep(at - now)
