"""What one endpoint takes, learnt from its answers: how many calls at once, and how many a second.

Pure control without a clock of its own: `gate.py` asks it when the next call may go and tells it what came back. Calls
in flight grow by doubling until the endpoint first objects, then by one a round trip, and halve on overload. A refused
call (429) also tells the accepted rate: at the moment of a refusal the endpoint's allowance is empty, so the calls it
accepted between two refusals, over the time between them, are its limit, whatever its burst. From then on calls are
spaced at just under that rate, which is probed upward; so a limit nobody told us stays full without a storm of 429.
"""

import math
from collections import deque
from typing import NamedTuple

START = 20
"""Calls in flight before anything is known; doubling a round trip reaches 640 in five."""
ROUGH_CUT = 0.75
MARGIN = 0.985  # of the measured rate: two refusals a second apart at 200 calls/s measure it to half a per cent
HORIZON = 4.0  # seconds back to which refusals are compared: beyond, an unused allowance may have overflowed
SHORTEST_SPAN = 0.04  # seconds between two refusals that measure a rate
FEWEST_ACCEPTED = 6
ROUGH_GROWTH, FIRST_GROWTH, MOST_GROWTH = 1.0, 0.01, 0.5  # of the rate, a second
GROWTH_DOUBLES = 1.0  # seconds without a refusal after which the rate grows twice as fast
GAIN = 0.6
SMOOTHING = 0.2
USED = 0.75
FIRST_BACKOFF, LONGEST_BACKOFF = 0.05, 5.0
SHORTEST_PACED = 0.02  # seconds of round trip under which spacing calls would only cost timers


class Sent(NamedTuple):
    """A call on its way: its number, when it went, and how many were allowed in flight then."""

    number: int
    at: float


class _Rate(NamedTuple):
    """Calls a second, as of a moment; `rough` before two refusals have measured it."""

    calls: float
    since: float
    rough: bool


class Throttle:
    """The state of one endpoint. All times are seconds of one monotonic clock; nothing here waits."""

    def __init__(self, most_in_flight: int) -> None:
        self._most = most_in_flight
        self._window = float(min(most_in_flight, START))
        self._doubling = True
        self._in_flight = 0
        self._number = 0
        self._round_trip: float | None = None
        self._rate: _Rate | None = None
        self._next_at = -math.inf
        self._closed_until = -math.inf
        self._cut_at = -math.inf
        self._refused_in_a_row = 0
        self._sent: deque[Sent] = deque()
        self._refused: dict[int, float] = {}
        self._anchors: deque[float] = deque()

    @property
    def in_flight(self) -> int:
        """Calls on their way."""
        return self._in_flight

    @property
    def allowed(self) -> int:
        """Calls that may be in flight now."""
        return max(1, int(self._window))

    @property
    def rate(self) -> float | None:
        """Calls a second that the endpoint is taken to accept; None while it has not refused any."""
        return self._rate.calls if self._rate else None

    def ready_at(self, now: float) -> float | None:
        """When the next call may go; None while as many are in flight as may be."""
        if self._in_flight >= self.allowed:
            return None
        if self._refused_in_a_row and self._in_flight and self._closed_until > -math.inf:
            return None  # closed: one call at a time asks whether it is open again
        return max(now, self._next_at, self._closed_until)

    def send(self, now: float) -> Sent:
        """Takes a place for a call that goes now."""
        self._in_flight += 1
        self._number += 1
        sent = Sent(self._number, now)
        self._sent.append(sent)
        self._next_at = max(now, self._next_at) + self._spacing(now)
        return sent

    def accepted(self, sent: Sent, now: float) -> None:
        """The endpoint took the call, whatever it answered."""
        self._in_flight -= 1
        self._refused_in_a_row = 0
        self._closed_until = min(self._closed_until, now) if self._closed_until > now else -math.inf
        took = now - sent.at
        self._round_trip = (
            took if self._round_trip is None else self._round_trip + SMOOTHING * (took - self._round_trip)
        )
        full = self._in_flight + 1 >= self.allowed
        if self._doubling:
            self._window += GAIN if self._in_flight >= USED * self._window else 0
        elif full:
            self._window += 1 / self._window
        self._window = min(self._window, self._most)

    def failed(self, sent: Sent) -> None:
        """The call broke in a way that says nothing about load."""
        del sent
        self._in_flight -= 1

    def overloaded(self, sent: Sent, now: float, retry_after: float | None = None) -> None:
        """503, or no answer in time: half as many calls at once, once for all calls that met the same overload."""
        self._in_flight -= 1
        if retry_after is not None:
            self._closed_until = max(self._closed_until, now + retry_after)
        if sent.at > self._cut_at:
            self._cut(now)

    def refused(self, sent: Sent, now: float, retry_after: float | None = None) -> None:
        """429: measures the accepted rate; closes where calls sent after a refusal are refused as well."""
        self._in_flight -= 1
        self._refused[sent.number] = sent.at
        in_answer = sent.at > self._cut_at  # sent after the last cut: what was cut did not suffice
        if in_answer:
            self._refused_in_a_row += 1
            if self._rate is None or self._rate.rough:
                calls = self._rate.calls if self._rate else self._demand(now)
                self._set_rate(calls * ROUGH_CUT, now, rough=True)
            self._cut_at = now
        if self._refused_in_a_row > 1:
            backoff = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (self._refused_in_a_row - 2))
            self._closed_until = max(self._closed_until, now + max(backoff, retry_after or 0.0))
        self._measure(sent, now)

    def restart(self) -> None:
        """Begins anew with one call, after the endpoint has only failed for a while."""
        self._window, self._doubling = 1.0, True

    def told(self, limit: float, remaining: float, reset: float, now: float) -> None:
        """The endpoint's own count: `limit` calls, `remaining` of them, all back in `reset` seconds."""
        if reset <= 0 or limit <= remaining or remaining > self._in_flight:
            return
        refill = (limit - remaining) / reset
        if remaining < 1:
            self._next_at = max(self._next_at, now + 1 / refill)
        if self._rate is None or self._rate.calls > refill:
            self._set_rate(refill, now, rough=False)

    def _cut(self, now: float) -> None:
        self._doubling = False
        self._window = max(1.0, self._window / 2)
        self._cut_at = now

    def _demand(self, now: float) -> float:
        """Calls a second sent over the last round trip."""
        span = max(self._round_trip or 0.0, SHORTEST_SPAN)
        return max(1.0, sum(sent.at > now - 2 * span for sent in self._sent) / (2 * span))

    def _spacing(self, now: float) -> float:
        trip = self._round_trip
        even = trip / self._window / 2 if trip is not None and trip > SHORTEST_PACED else 0.0
        if self._rate is None:
            return even
        quiet = now - self._rate.since
        doublings = min(quiet / GROWTH_DOUBLES, 12.0)
        growth = ROUGH_GROWTH if self._rate.rough else min(MOST_GROWTH, FIRST_GROWTH * 2**doublings)
        calls = self._rate.calls * (1 + growth / max(self._rate.calls, 1.0))  # per call sent, so per second
        self._rate = self._rate._replace(calls=calls)
        return max(even if self._rate.rough else 0.0, 1 / calls)

    def _set_rate(self, calls: float, now: float, *, rough: bool) -> None:
        self._rate = _Rate(max(calls, 0.02), now, rough)

    def _measure(self, sent: Sent, now: float) -> None:
        """The rate between this refusal and the oldest comparable one; the sends before it are forgotten."""
        while self._anchors and sent.at - self._anchors[0] > HORIZON and len(self._anchors) > 1:
            self._anchors.popleft()
        self._anchors.append(sent.at)
        first = self._anchors[0]
        while self._sent and self._sent[0].at <= first:
            self._refused.pop(self._sent.popleft().number, None)
        calls = max((self._between(anchor, sent.at) for anchor in self._anchors), default=0.0)
        if calls > 0:
            self._set_rate(calls * MARGIN, now, rough=False)

    def _between(self, first: float, last: float) -> float:
        """Calls a second accepted between two refusals, less one for the chance at both ends; 0 for too short a time.

        An allowance that went unused in between makes it too low, never too high: the highest one is the best.
        """
        span = last - first
        if span < SHORTEST_SPAN:
            return 0.0
        accepted = sum(first < other.at < last and other.number not in self._refused for other in self._sent)
        return (accepted - 1) / span if accepted >= FEWEST_ACCEPTED else 0.0
