"""The throttle against many endpoints in virtual time: how full is each limit kept, whatever machine this is?

`python -m benchmarks.engine.virtual --seconds 30`. No process is measured and nothing waits: sends, answers and
refusals are events of a simulated clock, so the figures are equal on every machine and a day's load cannot disturb
them. `rate.py` measures the same through the whole engine. Ideal is the limit from its first call on, or for endpoints
without a limit all places taken from the start. Targets: 90 % of the ideal, at most 5 % of calls refused.
"""

import argparse
import heapq
import math
import random
from typing import NamedTuple

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.mock.behaviour import Bucket
from scoring_ops.throttle import Sent, Throttle

_REFUSAL = 0.005  # seconds until a 429 is there
_SLACK = 0.0005  # seconds for which the gate sets no timer


class Endpoint(NamedTuple):
    """An endpoint (calls a second, allowance, seconds, spread of the latency) and the places it is given."""

    rate: float
    burst: float
    latency: float
    sigma: float
    places: int


ENDPOINTS = (
    Endpoint(0, 0, 0.2, 0.0, 256),
    Endpoint(0, 0, 2.0, 0.6, 256),
    Endpoint(200, 20, 0.1, 0.0, 64),
    Endpoint(200, 1, 0.1, 0.0, 64),
    Endpoint(200, 200, 0.1, 0.0, 64),
    Endpoint(200, 20, 0.5, 0.5, 256),
    Endpoint(500, 50, 0.2, 0.3, 256),
    Endpoint(50, 5, 0.5, 0.5, 64),
    Endpoint(50, 50, 2.0, 0.6, 256),
    Endpoint(20, 1, 1.0, 0.5, 64),
    Endpoint(8.33, 8, 2.0, 0.6, 64),
    Endpoint(8.33, 500, 2.0, 0.6, 64),
)


class _Clock:
    """Events in the order of their time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, str, Sent | None]] = []
        self._number = 0

    def at(self, moment: float, kind: str, sent: Sent | None = None) -> None:
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, kind, sent))

    def next(self) -> tuple[str, Sent | None]:
        self.now, _, kind, sent = heapq.heappop(self._events)
        return kind, sent


def simulate(endpoint: Endpoint, seconds: float, seed: int = 1) -> tuple[int, int]:
    """Calls accepted and refused in so many seconds with no end of work."""
    chance, clock = random.Random(seed), _Clock()  # noqa: S311
    throttle = Throttle(endpoint.places)
    bucket = Bucket(endpoint.rate, endpoint.burst, 0.0) if endpoint.rate else None
    waiting, accepted, refused, timer = endpoint.places, 0, 0, math.inf
    clock.at(0.0, "look")
    while clock.now < seconds:
        kind, sent = clock.next()
        if sent is not None and kind == "accepted":
            throttle.accepted(sent, clock.now)
            accepted += 1
        elif sent is not None:
            throttle.refused(sent, clock.now, None)
            refused += 1
        waiting += sent is not None
        while waiting and (ready_at := throttle.ready_at(clock.now)) is not None:
            if ready_at - clock.now > _SLACK:
                if not clock.now < timer <= ready_at:  # one timer, as the gate has
                    timer = ready_at
                    clock.at(timer, "look")
                break
            waiting -= 1
            going = throttle.send(clock.now)
            if bucket is not None and bucket.take(clock.now):
                clock.at(clock.now + _REFUSAL, "refused", going)
            else:
                spread = math.exp(chance.gauss(0, endpoint.sigma)) if endpoint.sigma else 1.0
                clock.at(clock.now + endpoint.latency * spread, "accepted", going)
    return accepted, refused


def measure(endpoint: Endpoint, seconds: float) -> dict[str, object]:
    """One row of figures."""
    accepted, refused = simulate(endpoint, seconds)
    mean = endpoint.latency * math.exp(endpoint.sigma**2 / 2)
    by_places = (seconds - mean) * endpoint.places / mean
    by_rate = endpoint.burst + (seconds - mean) * endpoint.rate if endpoint.rate else math.inf
    share, of_calls = accepted / min(by_places, by_rate), refused / (accepted + refused)
    limit = f"{endpoint.rate:g}/s, burst {endpoint.burst:g}" if endpoint.rate else "no limit"
    spread = ", lognormal" if endpoint.sigma else ""
    return {
        "endpoint": f"{limit}, {endpoint.latency:g} s{spread}, {endpoint.places} places",
        "accepted": accepted,
        "a second": accepted / seconds,
        "% of ideal": 100 * share,
        "429s": refused,
        "% of calls": 100 * of_calls,
        "target": met(share >= 0.9 and of_calls <= 0.05),
    }


def figures(asked: argparse.Namespace) -> list[Figures]:
    """A table for each length of time."""
    return [
        Figures(f"The throttle over {seconds:g} s of virtual time", [measure(e, seconds) for e in ENDPOINTS])
        for seconds in asked.seconds
    ]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 60.0])


def main() -> None:
    """Measures what the command line asks for."""
    parser = command(__doc__)
    add_options(parser)
    asked = parser.parse_args()
    tables = figures(asked)
    for table in tables:
        show(table)
    finish(tables, asked.json)


if __name__ == "__main__":
    main()
