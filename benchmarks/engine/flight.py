"""How fast is one process: conversations a second, and CPU of each, from the judge to the commit?

`python -m benchmarks.engine.flight --rows 2000 --rounds 3`. At zero latency the CPU of the whole path decides; at
200 ms with 256 in flight also how soon the pool fills, since the engine begins carefully and does not know the
endpoint. Targets: 900 conversations a second of CPU, and 650 a second at 200 ms.
"""

import argparse
import statistics
from typing import NamedTuple

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.engine.rig import bench, transcripts
from benchmarks.mock.behaviour import Behaviour


class Scenario(NamedTuple):
    """One endpoint, how many calls it is given at once, and the conversations a second that ours must reach."""

    latency: float
    sigma: float
    concurrency: int
    of_wall: float | None
    of_cpu: float | None


SCENARIOS = (
    Scenario(0.0, 0.0, 64, None, 900),
    Scenario(0.2, 0.0, 256, 650, None),
    Scenario(1.0, 0.6, 512, None, None),
)
_WINDOW = 20  # slices of 100 ms that make the steady rate


def measure(scenario: Scenario, rows: int, rounds: int) -> dict[str, object]:
    """One row of figures: medians over the rounds."""
    walls, cpus, steady, most = [], [], [], 0
    for seed in range(1, rounds + 1):
        told = list(transcripts(rows, seed))
        with bench(Behaviour(latency=scenario.latency, sigma=scenario.sigma)) as at:
            done = at.judge(told, concurrency=scenario.concurrency)
            stats = at.server.stats()
        walls.append(done.wall)
        cpus.append(done.cpu)
        slices = stats.arrivals_per_100_ms
        windows = (sum(slices[n : n + _WINDOW]) for n in range(max(len(slices) - _WINDOW, 1)))
        steady.append(max(windows) / min(_WINDOW, len(slices)) * 10)
        most = max(most, stats.max_in_flight)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    good = rows / wall >= (scenario.of_wall or 0) and rows / cpu >= (scenario.of_cpu or 0)
    return {
        "latency": f"{scenario.latency * 1000:g} ms" + (", lognormal" if scenario.sigma else ""),
        "at once": scenario.concurrency,
        "rows": rows,
        "rows/s": rows / wall,
        "best 2 s": statistics.median(steady),
        "CPU ms/row": 1000 * cpu / rows,
        "rows/CPU s": rows / cpu,
        "most in flight": most,
        "target": met(good) if scenario.of_wall or scenario.of_cpu else "-",
    }


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table."""
    rows = [measure(scenario, asked.rows, asked.rounds) for scenario in SCENARIOS]
    return Figures(f"Scorer, judge and cache in one process, medians of {asked.rounds} rounds", rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)


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
