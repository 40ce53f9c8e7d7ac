"""What the marts cost as the lake grows: CPU and memory of the whole build, and each mart against its bare query.

`python -m benchmarks.marts --conversations 100000 1000000`. The lake holds 26 weeks of scored conversations with
planted causes (tests/dbt/known_truth.py) and eight reasons a score. dbt builds every model, without tests, in a process
of its own. A mart's bare query is what dbt has compiled, run once more by DuckDB alone over the same warehouse; the
ratio is what dbt adds, contracts and constraints included. Targets at a million: 60 s of CPU, 4 GB.
"""

import json
import resource
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.engine.report import Figures, Options, command, finish, met, show
from tests.dbt.build import MARTS, PROJECT, Warehouse, dbt_build
from tests.dbt.known_truth import draw, planted, write

MOST_CPU, MOST_MB = 60.0, 4096.0
MILLION = 1_000_000
WORKSPACES, WEEKS = 20, 26


class Asked(Options):
    """How much is built."""

    conversations: list[int]
    reasons: int


class Built(NamedTuple):
    """A build: conversations, seconds of CPU and wall clock, peak memory in MB so far, seconds by model."""

    conversations: int
    cpu: float
    wall: float
    memory: float
    seconds: dict[str, float]
    bare: dict[str, float]


def build(conversations: int, reasons: int) -> Built:
    """Draws a lake of about so many conversations, builds it, and runs each mart's query alone."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        world = planted(per_week=max(1, round(conversations / WORKSPACES / WEEKS)))
        write(home / "lake", [draw(world, WORKSPACES)], reasons=reasons)
        cpu, wall = _cpu(), time.perf_counter()
        warehouse = dbt_build(home, "--exclude-resource-type", "unit_test", "test")
        cpu, wall = _cpu() - cpu, time.perf_counter() - wall
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        seconds = {str(one["unique_id"]).rsplit(".", 1)[-1]: float(one["execution_time"]) for one in results}
        return Built(world.per_week * WORKSPACES * WEEKS, cpu, wall, memory, seconds, _bare(home, warehouse))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare(home: Path, warehouse: Warehouse) -> dict[str, float]:
    """Seconds of each mart's compiled query, its rows kept in a temporary table."""
    compiled = home / "target" / "compiled"
    found: dict[str, float] = {}
    with duckdb.connect(str(warehouse.path), config={"threads": 2}) as connection:
        for mart in MARTS:
            (path,) = compiled.rglob(f"models/marts/**/{mart}.sql")
            began = time.perf_counter()
            connection.execute(f"create temp table bare as {path.read_text(encoding='utf-8')}")
            found[mart] = time.perf_counter() - began
            connection.execute("drop table bare")
    return found


def main(parser: ArgumentParser) -> None:
    """Builds each size, the smallest first: peak memory is that of the largest child so far."""
    parser.add_argument("--conversations", type=int, nargs="+", default=[100_000, MILLION], metavar="N")
    parser.add_argument("--reasons", type=int, default=8, metavar="N", help="of each score (default: 8)")
    asked = parser.parse_args(namespace=Asked())
    builds = [build(size, asked.reasons) for size in sorted(asked.conversations)]
    first, last = builds[0], builds[-1]
    whole: list[dict[str, object]] = [
        {
            "conversations": one.conversations,
            "CPU s": one.cpu,
            "wall s": one.wall,
            "peak MB": one.memory,
            "target": met(one.cpu <= MOST_CPU and one.memory <= MOST_MB),
        }
        for one in builds
    ]
    marts: list[dict[str, object]] = [
        {
            "mart": mart,
            f"s at {first.conversations:,}": first.seconds[mart],
            f"s at {last.conversations:,}": last.seconds[mart],
            "growth": last.seconds[mart] / first.seconds[mart],
            "bare query, s": last.bare[mart],
            "ratio": last.seconds[mart] / last.bare[mart],
        }
        for mart in sorted(MARTS, key=lambda mart: -last.seconds[mart])
    ]
    models = sorted(last.seconds.items(), key=lambda item: -item[1])[:10]
    figures = [
        Figures(f"The whole build, {PROJECT.name}, {asked.reasons} reasons a score", whole),
        Figures("Each mart", marts),
        Figures(f"The dearest models at {last.conversations:,}", [{"model": name, "s": s} for name, s in models]),
    ]
    for one in figures:
        show(one)
    finish(figures, asked.json)


if __name__ == "__main__":
    main(command(__doc__))
