"""What one endpoint takes, learnt from its answers: how many calls at once, and how many a second.

Pure control without a clock of its own: `gate.py` asks it when the next call may go and tells it what came back. Calls
in flight grow by a share of every answer until the endpoint objects; on overload they halve, then grow by one a round
trip. A refusal (429) lowers the rate, and measures it: at that moment the endpoint's allowance is empty, so the calls
it accepted between two refusals, over the time between them, are its limit, whatever burst it allows. From then on
calls are spaced at just under that rate, which is probed upward, so that a limit nobody told us stays full.
"""

import math
from bisect import insort
from collections import deque
from typing import NamedTuple

# Found by simulation over limits of 5 to 1,000 calls/s, bursts of 1 to 200, round trips of 20 ms to 1 s
# (tests/scoring_ops/test_throttle.py replays a part of it).
START = 20  # calls in flight before anything is known
GAIN = 0.6  # calls in flight won with each answer: times 1.6 a round trip
USED = 0.75  # share of the calls allowed that must be in flight for an answer to allow more
ROUGH_CUT = 0.75  # of the demand, at a refusal before the rate is measured: the next refusal then measures it
MARGIN = 0.985  # of the measured rate: two refusals a second apart at 200 calls/s measure it to half a per cent
HORIZON, MOST_REFUSALS = 4.0, 64  # seconds and refusals back to compare with; an older allowance may have overflowed
SHORTEST_SPAN, FEWEST_ACCEPTED = 0.04, 6  # seconds and calls between two refusals that measure a rate
ROUGH_GROWTH = 1.0  # of an unmeasured rate, calls a second with each call
FIRST_GROWTH, MOST_GROWTH = 0.01, 0.5  # of a measured rate likewise, doubled with each second without a refusal
SMOOTHING = 0.2  # weight of the last round trip in their mean
FIRST_BACKOFF, LONGEST_BACKOFF = 0.05, 5.0  # seconds without calls where refused ones are refused again
SHORTEST_PACED = 0.02  # seconds of round trip under which spacing calls would only cost timers
CATCH_UP = 0.005  # seconds by which a call may be late, for want of a free processor, and the next ones make it good
_REMEMBERED = 512  # sends that tell the demand


class Sent(NamedTuple):
    """A call on its way: its number in the order of sending, and when it went."""

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
        self._next_at = self._closed_until = self._cut_at = -math.inf
        self._refused_in_a_row = 0
        self._sends: deque[float] = deque(maxlen=_REMEMBERED)
        self._refusals: list[Sent] = []

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

    @property
    def _refuses(self) -> bool:
        return self._refused_in_a_row > 1

    def is_closed(self, now: float) -> bool:
        """True until it is time to ask whether the endpoint still refuses, and while a call does so."""
        return self._closed_until > now or (self._refuses and self._in_flight > 0)

    def ready_at(self, now: float) -> float | None:
        """When the next call may go; None while as many are in flight as may be."""
        if self._in_flight >= (1 if self._refuses else self.allowed):  # one at a time asks whether it still refuses
            return None
        return max(now, self._next_at, self._closed_until)

    def send(self, now: float) -> Sent:
        """Takes a place for a call that goes now."""
        self._in_flight += 1
        self._number += 1
        self._sends.append(now)
        self._next_at = max(now - CATCH_UP, self._next_at) + self._spacing(now)
        return Sent(self._number, now)

    def accepted(self, sent: Sent, now: float) -> None:
        """The endpoint took the call, whatever it answered."""
        used = self._in_flight >= USED * self._window
        self._in_flight -= 1
        self._refused_in_a_row = 0
        if sent.at > self._cut_at:  # an answer to a call from before the last refusal opens nothing
            self._closed_until = -math.inf
        took = now - sent.at
        self._round_trip = (
            took if self._round_trip is None else self._round_trip + SMOOTHING * (took - self._round_trip)
        )
        if used:
            self._window = min(self._most, self._window + (GAIN if self._doubling else 1 / self._window))

    def failed(self) -> None:
        """A call broke in a way that says nothing about load."""
        self._in_flight -= 1

    def overloaded(self, sent: Sent, now: float, retry_after: float | None = None) -> None:
        """503, or no answer in time: half as many calls at once, once for all calls that met the same overload."""
        self._in_flight -= 1
        if retry_after is not None:
            self._closed_until = max(self._closed_until, now + retry_after)
        if sent.at > self._cut_at:
            self._window, self._doubling, self._cut_at = max(1.0, self._window / 2), False, now

    def refused(self, sent: Sent, now: float, retry_after: float | None = None) -> None:
        """429: measures the accepted rate, and closes where calls sent after a refusal are refused as well.

        `retry_after` binds the call that was refused, which is the caller's to keep; it binds all calls once the
        endpoint has refused again, for servers send whole seconds with refusals that milliseconds would mend.
        """
        self._in_flight -= 1
        if sent.at > self._cut_at:
            self._refused_in_a_row += 1
            if self._rate is None or self._rate.rough:
                calls = self._rate.calls if self._rate else self._demand(now)
                self._set_rate(calls * ROUGH_CUT, now, rough=True)
            if self._refuses:
                backoff = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (self._refused_in_a_row - 2))
                self._closed_until = max(self._closed_until, now + max(backoff, retry_after or 0.0))
            self._cut_at = now
        self._measure(sent, now)

    def restart(self) -> None:
        """Begins anew with one call, after the endpoint has only failed for a while."""
        self._window, self._doubling = 1.0, True

    def told(self, limit: float, remaining: float, reset: float, now: float) -> None:
        """The endpoint's own count: `limit` calls, `remaining` of them, all back in `reset` seconds."""
        if not (0 < reset < math.inf and 0 <= remaining < limit < math.inf) or remaining > self._in_flight:
            return
        refill = (limit - remaining) / reset
        if remaining < 1:
            self._next_at = max(self._next_at, now + 1 / refill)
        if self._rate is None or self._rate.calls > refill:
            self._set_rate(refill, now, rough=False)

    def _demand(self, now: float) -> float:
        """Calls a second sent over the last two round trips."""
        span = 2 * max(self._round_trip or 0.0, SHORTEST_SPAN)
        recent = sum(at > now - span for at in self._sends)
        if recent == len(self._sends) == _REMEMBERED:
            span = now - self._sends[0]
        return max(1.0, recent / span)

    def _spacing(self, now: float) -> float:
        """Seconds to the next call; each call raises the rate a little."""
        trip = self._round_trip
        even = trip / self._window / 2 if trip is not None and trip > SHORTEST_PACED else 0.0
        if self._rate is None:
            return even
        doublings = min(now - self._rate.since, 12.0)
        growth = ROUGH_GROWTH if self._rate.rough else min(MOST_GROWTH, FIRST_GROWTH * 2**doublings)
        self._rate = self._rate._replace(calls=self._rate.calls + growth)
        return max(even if self._rate.rough else 0.0, 1 / self._rate.calls)

    def _set_rate(self, calls: float, now: float, *, rough: bool) -> None:
        self._rate = _Rate(max(calls, 0.02), now, rough)

    def _measure(self, sent: Sent, now: float) -> None:
        """The rate between this refusal and an earlier one: the highest, since an unused allowance lowers it."""
        insort(self._refusals, sent)
        while len(self._refusals) > MOST_REFUSALS or sent.at - self._refusals[0].at > HORIZON:
            del self._refusals[0]
        if self._refusals[0] > sent:  # its answer came after those of many later calls: nothing older to compare
            return
        place = self._refusals.index(sent)
        calls = max((_between(other, sent, place - n) for n, other in enumerate(self._refusals[:place])), default=0.0)
        if calls > 0:
            self._set_rate(calls * MARGIN, now, rough=False)


def _between(first: Sent, last: Sent, refused: int) -> float:
    """Calls a second accepted between two refusals, less one for the chance at both ends; 0 where that is too few.

    Args:
        first: the earlier refused call.
        last: the later one.
        refused: how many calls from `first` on were refused before `last`.
    """
    span = last.at - first.at
    accepted = last.number - first.number - refused
    return (accepted - 1) / span if span >= SHORTEST_SPAN and accepted >= FEWEST_ACCEPTED else 0.0
