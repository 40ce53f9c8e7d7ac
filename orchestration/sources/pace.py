"""When the next request may go out, by what the helpdesk's own answers say of its rate limit; nothing is hard-coded.

Requests are spread evenly over what is left of the window. Those that are on their way count as used, and a server
that asks to wait is waited for by every thread.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

_LEAST_EPOCH = 1_000_000_000
"""A reset beyond this is a moment in epoch seconds, below it a number of seconds from now."""


class Allowance(NamedTuple):
    """What a rate limit still allows: requests, until it is renewed in so many seconds."""

    remaining: int
    seconds: float


def allowance(headers: httpx.Headers) -> Allowance | None:
    """Reads `X-RateLimit-*` or `RateLimit-*` of an answer; None where they are missing or no numbers.

    A reset given as a moment is measured from the answer's own `Date`: the clocks of two machines differ.
    """
    for prefix in ("x-ratelimit-", "ratelimit-"):
        try:
            remaining, reset = int(headers[f"{prefix}remaining"]), float(headers[f"{prefix}reset"])
            if reset > _LEAST_EPOCH:
                reset -= parsedate_to_datetime(headers["date"]).timestamp()
        except (KeyError, ValueError):
            continue
        return Allowance(max(0, remaining), max(0.0, reset))
    return None


def seconds_to_wait(headers: httpx.Headers) -> float:
    """`Retry-After` in seconds, whether the server gives seconds or a moment; 0 where it gives none."""
    asked = headers.get("retry-after", "")
    try:
        if asked.replace(".", "", 1).isdigit():
            return float(asked)
        now = parsedate_to_datetime(headers["date"])
        return max(timedelta(), parsedate_to_datetime(asked) - now).total_seconds()
    except (KeyError, ValueError):
        return 0.0


class Pace:
    """Lets requests of any number of threads out one by one; `clock` and `sleep` are those of `time`."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._gap = 0.0
        self._on_their_way = 0

    def wait(self) -> None:
        """Returns when the next request may go out."""
        with self._lock:
            now = self._clock()
            self._next = max(now, self._next)
            seconds = self._next - now
            self._next += self._gap
            self._on_their_way += 1
        if seconds > 0:
            self._sleep(seconds)

    def answered(self, left: Allowance | None) -> None:
        """Takes in what an answer says of the limit, None where it says nothing or there was none."""
        with self._lock:
            self._on_their_way -= 1
            if left is None:
                return
            free = left.remaining - self._on_their_way
            if free > 0:
                self._gap = left.seconds / free
            else:
                self._gap = 0.0
                self._next = max(self._next, self._clock() + left.seconds)

    def hold(self, seconds: float) -> None:
        """Lets nothing out for so long."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
