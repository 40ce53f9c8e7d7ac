"""An endpoint that enforces a rate which the client must find by itself: how full is it kept, and what is lost?

`python -m benchmarks.engine.rate --rate 200 --burst 20 --latency 0.1 --rows 1000`, or `--sweep` for other limits,
bursts and latencies. The endpoint answers 429 above the rate; "silent" ones send neither Retry-After nor the
x-ratelimit-* headers. Targets: 95 % of the rate (90 % over the first 1,000 rows), at most 5 % of calls refused, no row
lost, none asked twice.
"""

import argparse
from itertools import product
from typing import NamedTuple

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.engine.rig import bench, transcripts
from benchmarks.mock.behaviour import Behaviour

_SWEEP = ((50.0, 200.0, 500.0), (1.0, 20.0, 200.0), (0.1, 1.0))


class Scenario(NamedTuple):
    """One endpoint and how much is asked of it."""

    behaviour: Behaviour
    rows: int
    concurrency: int

    @property
    def name(self) -> str:
        """In words."""
        b = self.behaviour
        said = "talking" if b.retry_after else "silent"
        return f"{b.rate:g}/s, burst {b.burst:g}, {b.latency * 1000:g} ms, {said}"


def measure(scenario: Scenario) -> dict[str, object]:
    """One row of figures."""
    b = scenario.behaviour
    with bench(b) as at:
        told = list(transcripts(scenario.rows))
        done = at.judge(told, concurrency=scenario.concurrency)
        stats = at.server.stats()
    ideal = max(scenario.rows - b.burst, 1) / b.rate
    share, refused = ideal / done.wall, stats.rejected / stats.requests
    lost = scenario.rows - done.scored
    good = share >= (0.95 if scenario.rows >= 4000 else 0.9) and refused <= 0.05 and not lost
    return {
        "endpoint": scenario.name,
        "rows": scenario.rows,
        "scored": done.scored,
        "lost": lost,
        "asked twice": sum(n > 1 for n in stats.keys.values()),
        "wall s": done.wall,
        "rows/s": done.scored / done.wall,
        "% of ideal": 100 * share,
        "CPU ms/row": 1000 * done.cpu / scenario.rows,
        "most in flight": stats.max_in_flight,
        "429s": stats.rejected,
        "% of calls": 100 * refused,
        "target": met(good),
    }


def scenarios(asked: argparse.Namespace) -> list[Scenario]:
    """What the command line asks for."""
    limits = list(product(*_SWEEP)) if asked.sweep else [(asked.rate, asked.burst, asked.latency)]
    return [
        Scenario(
            Behaviour(
                rate=rate, burst=burst, latency=latency, sigma=asked.sigma, retry_after=talks, rate_headers=talks
            ),
            int(min(asked.rows, 20 * rate)) if asked.sweep else asked.rows,
            asked.concurrency,
        )
        for rate, burst, latency in limits
        for talks in (True, False)
    ]


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table."""
    rows = [measure(scenario) for scenario in scenarios(asked)]
    return Figures(f"Enforced rate, {asked.concurrency} at once at most", rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--rate", type=float, default=200.0, help="calls a second")
    parser.add_argument("--burst", type=float, default=20.0)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds")
    parser.add_argument("--sigma", type=float, default=0.0, help="of a lognormal latency")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--sweep", action="store_true", help="other rates, bursts and latencies, 20 s each at most")


def main() -> None:
    """Measures what the command line asks for."""
    parser = command(__doc__)
    add_options(parser)
    asked = parser.parse_args()
    measured = figures(asked)
    show(measured)
    finish([measured], asked.json)


if __name__ == "__main__":
    main()
