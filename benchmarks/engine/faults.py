"""An endpoint that breaks in every way: what is lost, and what do the faults cost in calls?

`python -m benchmarks.engine.faults --rows 500`. The usual mix: 5 % 429, 2 % 500, 2 % truncated answers, 1 % dropped
connections. The wide one: 1 % of each of twelve faults. The lasting one: without 429, and a transcript that breaks
breaks at every attempt. Targets: every row ends in an outcome; what can be answered is; extra calls are the faults
injected.
"""

import argparse
from collections import Counter
from typing import NamedTuple

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.engine.rig import bench, transcripts
from benchmarks.mock.behaviour import FAULTS, Behaviour, Fault

USUAL: dict[Fault, float] = {"too_many_requests": 0.05, "server_error": 0.02, "truncated": 0.02, "dropped": 0.01}
_LATENCY = 0.02
_TIMEOUT = 2.0
# Faults that a call cannot mend by being made again: the answer counts as one, or as a refusal.
FINAL: frozenset[Fault] = frozenset({"refusal", "content_filter", "wrong_quotes", "unformatted"})
REFUSALS: frozenset[Fault] = frozenset({"refusal", "content_filter"})


class Scenario(NamedTuple):
    """One way of breaking."""

    name: str
    faults: dict[Fault, float]
    sticky: bool = False


SCENARIOS = (
    Scenario("usual mix", USUAL),
    Scenario("1 % of each", dict.fromkeys(FAULTS, 0.01)),
    Scenario("1 % of each, lasting", {fault: 0.01 for fault in FAULTS if fault != "too_many_requests"}, sticky=True),
)


def measure(scenario: Scenario, rows: int, concurrency: int) -> dict[str, object]:
    """One row of figures."""
    behaviour = Behaviour(latency=_LATENCY, faults=scenario.faults, sticky=scenario.sticky)
    told = list(transcripts(rows))
    with bench(behaviour) as at:
        done = at.judge(told, concurrency=concurrency, timeout=_TIMEOUT)
        stats = at.server.stats()
    ended = done.judged.statuses.total() + done.judged.elsewhere
    injected = Counter(stats.faults)
    again = sum(n for fault, n in injected.items() if fault not in FINAL)
    refused = sum(injected[fault] for fault in REFUSALS)
    extra = stats.requests - rows
    unscored = rows - done.scored
    good = ended == rows and (scenario.sticky or (unscored == refused and extra == again))
    others = {status: n for status, n in done.judged.statuses.items() if status != "scored"}
    return {
        "endpoint": scenario.name,
        "rows": rows,
        "ended": ended,
        "scored": done.scored,
        "others": ", ".join(f"{n} {status}" for status, n in sorted(others.items())) or "-",
        "faults to mend": again,
        "extra calls": extra,
        "booked calls": done.judged.calls,
        "wall s": done.wall,
        "target": met(good),
    }


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table."""
    rows = [measure(scenario, asked.rows, asked.concurrency) for scenario in SCENARIOS]
    return Figures(f"Faults, {_LATENCY * 1000:g} ms, time-out {_TIMEOUT:g} s, {asked.concurrency} at once", rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=64)


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
