"""One day of many conversations, as the platform judges it: CPU of each, cold and warm, and memory as the day grows.

`python -m benchmarks.engine.day --sizes 2000 10000 100000`. The desk of the LLM ops works on a lake and a cache in
files,
against a mock server at zero latency. Each stage runs in a process of its own; its growth is peak memory over that
after imports. Targets: 900 conversations a second of CPU cold and 20,000 warm, 10 MB more at five times the day.
"""

import argparse
import importlib
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.mock_server import MockServer, keep_off_the_server

DAY = date(2025, 6, 2)
RUN_ID = "benchmark"
MOST_GROWTH = 10.0
"""MB by which a day five times as large may need more."""
LEAST = {"judge, cold": 900, "judge again, warm": 20_000}


class Taken(NamedTuple):
    """What a stage took: seconds of CPU and wall clock, MB of memory over imports, rows."""

    cpu: float
    wall: float
    growth: float
    rows: int


class Busy:
    """A source with one day of so many conversations, made one by one."""

    name = "benchmark"

    def __init__(self, count: int) -> None:
        self._count = count

    def extract(self, _: frozenset[date]) -> Iterator[object]:
        """The conversations of the day."""
        from benchmarks.engine.rig import transcripts  # noqa: PLC0415
        from scoring_ops.conversation import Conversation, Message  # noqa: PLC0415

        begin = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
        for n, told in enumerate(transcripts(self._count)):
            closed = begin + timedelta(seconds=20 * 3600 * n / self._count)
            messages = tuple(
                Message(
                    message_id=f"{n}-{turn.number}",
                    position=turn.number,
                    sent_at=closed - timedelta(minutes=5 * (len(told.turns) - turn.number + 1)),
                    author_type=turn.author_type,
                    text=turn.text,
                )
                for turn in told.turns
            )
            yield Conversation(
                workspace_id="demo",
                source=self.name,
                conversation_id=str(n),
                version_at=closed,
                created_at=messages[0].sent_at,
                first_closed_at=closed,
                last_closed_at=closed,
                channel="chat",
                messages=messages,
            )


def extract(count: int) -> int:
    """Fills the lake."""
    from orchestration.extraction import extract_days  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    return sum(extract_days(Busy(count), Lake(load_settings().lake_url), [DAY], RUN_ID).versions.values())


def judge(_: int) -> int:
    """Judges what the cache does not hold; returns the calls made."""
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.scoring import LakeScoringDesk  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415
    from scoring_ops.ops import Chunk  # noqa: PLC0415

    settings = load_settings()
    with LakeScoringDesk(settings, Lake(settings.lake_url)) as desk:
        return desk.judge(Chunk(DAY.isoformat(), 0, 1), RUN_ID, retry_failed=False).calls


def write(_: int) -> int:
    """Writes the judgements of the day from the cache; returns how many are scored."""
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.scoring import LakeScoringDesk  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    with LakeScoringDesk(settings, Lake(settings.lake_url)) as desk:
        return desk.write_judgements(DAY, RUN_ID)["scored"]


STAGES: tuple[tuple[str, Callable[[int], int], Callable[[int], int]], ...] = (
    ("extract and mask", extract, lambda count: count),
    ("judge, cold", judge, lambda count: count),
    ("write judgements", write, lambda count: count),
    ("judge again, warm", judge, lambda _: 0),
)


def _import_all() -> None:
    for name in ("openai", "orchestration.extraction", "orchestration.scoring", "scoring_ops.judges.openai"):
        importlib.import_module(name)


def _measure(stage: Callable[[int], int], count: int, answer: "multiprocessing.Queue[Taken]") -> None:
    _import_all()
    before = _peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    rows = stage(count)
    answer.put(Taken(time.process_time() - cpu, time.perf_counter() - wall, _peak_mb() - before, rows))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(stage: Callable[[int], int], count: int) -> Taken:
    """A stage in a fresh process, imports not counted."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[Taken] = context.Queue()
    process = context.Process(target=_measure, args=(stage, count, answer))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{stage.__name__} failed")
    return answer.get()


def measure(count: int, before: dict[str, float]) -> list[dict[str, object]]:
    """All stages of one day; `before` holds the growth of the smaller day, and is brought up to this one's."""
    figures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as home, MockServer() as server:
        keep_off_the_server()
        os.environ |= {"CX_HOME": home, "CX_JUDGE": "openai", "CX_MODEL": "gpt-4o-mini"}
        os.environ |= {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none"}
        for name, stage, expected in STAGES:
            taken = measured(stage, count)
            speed = count / taken.cpu
            more = taken.growth - before.get(name, taken.growth)
            judged = name != "extract and mask"
            good = taken.rows == expected(count) and speed >= LEAST.get(name, 0) and more <= MOST_GROWTH
            figures.append(
                {
                    "stage": name,
                    "conversations": count,
                    "rows or calls": taken.rows,
                    "CPU ms each": 1000 * taken.cpu / count,
                    "a CPU s": speed,
                    "wall s": taken.wall,
                    "growth MB": taken.growth,
                    "more, MB": more,
                    "target": met(good) if judged else "-",
                }
            )
            before[name] = taken.growth
        twice = sum(n > 1 for n in server.stats().keys.values())
        figures[1]["rows or calls"] = f"{figures[1]['rows or calls']:,}, {twice} twice"
    return figures


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table."""
    before: dict[str, float] = {}
    rows = [row for count in asked.sizes for row in measure(count, before)]
    return Figures("One day, from the lake and back, at zero latency", rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 10_000], help="conversations of a day")


def main() -> None:
    """Measures what the command line asks for."""
    parser = command(__doc__)
    add_options(parser)
    asked = parser.parse_args()
    table = figures(asked)
    show(table)
    finish([table], asked.json)


if __name__ == "__main__":
    main()
