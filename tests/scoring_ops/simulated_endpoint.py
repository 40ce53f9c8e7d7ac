"""A simulated endpoint in simulated time: it takes so many calls a second and refuses the rest, as a throttle sends.

No event loop, no sleeping: a run of a thousand calls takes milliseconds and gives the same numbers every time.
"""

import heapq
import random
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from scoring_ops.throttle import Sent, Throttle


class Seen(NamedTuple):
    """What a run came to: seconds, share of the endpoint's limit that was used, and refusals."""

    seconds: float
    used: float
    refused: int
    most_in_flight: int


@dataclass
class Endpoint:
    """A token bucket of `rate` calls a second and `burst`, or `window` seconds each with their quota."""

    rate: float = 200.0
    burst: float = 20.0
    round_trip: float = 0.1
    jitter: float = 0.0
    fast_refusals: bool = False
    retry_after: float | None = None
    window: float | None = None
    _left: float = field(default=0.0, init=False)
    _last: float = field(default=0.0, init=False)
    _taken: dict[int, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._left = self.burst

    def takes(self, now: float) -> bool:
        if self.window:
            number = int(now / self.window)
            self._taken[number] = self._taken.get(number, 0) + 1
            return self._taken[number] <= self.rate * self.window
        self._left = min(self.burst, self._left + (now - self._last) * self.rate)
        self._last = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def run(endpoint: Endpoint, calls: int, *, most_in_flight: int = 64, seed: int = 0) -> Seen:
    """Sends calls until all are taken; a refused one goes again."""
    chance, throttle, order = random.Random(seed), Throttle(most_in_flight), count()
    events: list[tuple[float, int, str, Sent | None]] = []
    now, todo, done, refused, most, woken_at = 0.0, calls, 0, 0, 0, -1.0

    def happens(at: float, what: str, sent: Sent | None = None) -> None:
        heapq.heappush(events, (at, next(order), what, sent))

    while done < calls:
        while todo and (ready_at := throttle.ready_at(now)) is not None:
            if ready_at > now + 1e-9:
                if woken_at <= now or ready_at < woken_at:
                    woken_at = ready_at
                    happens(ready_at, "wake")
                break
            todo -= 1
            happens(now + 0.001, "arrives", throttle.send(now))
            most = max(most, throttle.in_flight)
        now, _, what, sent = heapq.heappop(events)
        if what == "arrives":
            taken = endpoint.takes(now)
            trip = endpoint.round_trip * chance.lognormvariate(0, endpoint.jitter)
            happens(now + (0.002 if endpoint.fast_refusals and not taken else trip), "ok" if taken else "429", sent)
        elif what == "ok" and sent:
            throttle.accepted(sent, now)
            done += 1
        elif what == "429" and sent:
            throttle.refused(sent, now, endpoint.retry_after)
            refused += 1
            todo += 1
    return Seen(now, calls / now / endpoint.rate, refused, most)
