"""A process that is killed in the middle of a run: what is paid twice, and what is lost?

`python -m benchmarks.engine.killing --rows 1000 --concurrency 32`. The process gets SIGKILL when half of the answers
are out; another one then does the same rows on the same cache. Paid twice may be what was in flight, and no more.
"""

import argparse
import multiprocessing
import os
import signal
import time

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.engine.rig import Bench, Pass, bench, transcripts
from benchmarks.mock.behaviour import Behaviour

_LATENCY = 0.1
_LOOK_EVERY = 0.02
_LONGEST = 120.0


def _judge(at: Bench, rows: int, concurrency: int, answer: "multiprocessing.Queue[Pass]") -> None:
    answer.put(at.judge(list(transcripts(rows)), f"run-{os.getpid()}", concurrency=concurrency))


def measure(rows: int, concurrency: int) -> dict[str, object]:
    """Kills one process half-way and lets another finish."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[Pass] = context.Queue()
    with bench(Behaviour(latency=_LATENCY)) as at:
        first = context.Process(target=_judge, args=(_plain(at), rows, concurrency, answer))
        first.start()
        until = time.monotonic() + _LONGEST
        while at.server.stats().answered < rows // 2 and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        asked = at.server.stats().requests
        second = context.Process(target=_judge, args=(_plain(at), rows, concurrency, answer))
        second.start()
        done = answer.get(timeout=_LONGEST)
        second.join()
        stats = at.server.stats()
    twice = sum(n - 1 for n in stats.keys.values())
    return {
        "killed with SIGKILL": f"after {asked:,} calls",
        "rows": rows,
        "in flight at most": concurrency,
        "scored": done.scored,
        "calls in all": stats.requests,
        "paid twice": twice,
        "second run, s": done.wall,
        "target": met(done.scored == rows and twice <= concurrency),
    }


def _plain(at: Bench) -> Bench:
    """The bench without what cannot go to another process."""
    return at._replace(server=_Address(at.server.base_url))


class _Address:
    """The address of a server that another process runs."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table."""
    return Figures(f"Killed half-way, {_LATENCY * 1000:g} ms", [measure(asked.rows, asked.concurrency)])


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=32)


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
