"""All benchmarks of the engine, one after the other, with their defaults; about five minutes on two free cores.

`make bench-engine`, or `python -m benchmarks.engine rate killing --json out.json` for some of them. Each has options of
its own: `python -m benchmarks.engine.rate --help`.
"""

import argparse
from collections.abc import Callable, Sequence
from types import ModuleType

from benchmarks.engine import caching, day, faults, flight, killing, rate, transport, virtual
from benchmarks.engine.report import Figures, command, finish, show

ALL: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (virtual, rate, faults, caching, killing, transport, flight, day)
}


def measured(module: ModuleType) -> Sequence[Figures]:
    """The tables of one benchmark with its defaults."""
    parser = argparse.ArgumentParser()
    module.add_options(parser)
    figures: Callable[[argparse.Namespace], Figures | list[Figures]] = module.figures
    tables = figures(parser.parse_args([]))
    return [tables] if isinstance(tables, Figures) else tables


def main() -> None:
    """Runs what the command line names, else all."""
    parser = command(__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of: {', '.join(ALL)}")
    asked = parser.parse_args()
    unknown = set(asked.names) - ALL.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    tables: list[Figures] = []
    for name in asked.names or ALL:
        for table in measured(ALL[name]):
            show(table)
            tables.append(table)
    finish(tables, asked.json)


if __name__ == "__main__":
    main()
