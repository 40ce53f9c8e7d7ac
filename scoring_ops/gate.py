"""The gate of one endpoint: calls wait here, first come first served, until the endpoint is likely to take them.

The waiting and the event loop are here; when a call may go decides `throttle.py`. One gate serves one event loop.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from scoring_ops.throttle import Sent, Throttle

_NOW = 0.0005  # seconds that are not worth a timer


class Gate:
    """Lets calls through one at a time as the throttle allows."""

    def __init__(self, throttle: Throttle, *, clock: Callable[[], float] = monotonic) -> None:
        self.throttle = throttle
        self._clock = clock
        self._waiting: deque[asyncio.Future[Sent | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def load(self) -> float:
        """Calls under way and waiting, over those allowed at once: the emptier of two gates has the lower one."""
        return (self.throttle.in_flight + len(self._waiting) + 1) / self.throttle.allowed

    @property
    def is_closed(self) -> bool:
        """True where the endpoint refuses, and it is not yet time to ask whether it still does."""
        return self.throttle.is_closed(self._clock())

    async def enter(self) -> Sent | None:
        """Returns when the call may go; it must be followed by exactly one of the four below. None: turned away."""
        place: asyncio.Future[Sent | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._let_through()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result() is not None:
                self.failed()
            raise

    def turn_away(self) -> None:
        """Lets all who wait here go elsewhere."""
        waiting, self._waiting = self._waiting, deque()
        for place in waiting:
            if not place.done():
                place.set_result(None)

    def accepted(self, sent: Sent) -> None:
        """The endpoint took the call."""
        self.throttle.accepted(sent, self._clock())
        self._let_through()

    def refused(self, sent: Sent, retry_after: float | None) -> None:
        """The endpoint answered 429."""
        self.throttle.refused(sent, self._clock(), retry_after)
        self._let_through()

    def overloaded(self, sent: Sent, retry_after: float | None) -> None:
        """The endpoint answered 503, or not in time."""
        self.throttle.overloaded(sent, self._clock(), retry_after)
        self._let_through()

    def failed(self) -> None:
        """The call broke in another way."""
        self.throttle.failed()
        self._let_through()

    def told(self, limit: float, remaining: float, reset: float) -> None:
        """The endpoint said how many calls it still takes."""
        self.throttle.told(limit, remaining, reset, self._clock())

    def _let_through(self) -> None:
        while self._waiting:
            now = self._clock()
            ready_at = self.throttle.ready_at(now)
            if ready_at is None:
                return  # the next answer comes back here
            if ready_at - now > _NOW:
                self._wake_in(ready_at - now)
                return
            place = self._waiting.popleft()
            if not place.done():  # its call was cancelled while it waited
                place.set_result(self.throttle.send(now))

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self._let_through()
