"""Measures every stage of the platform on demo conversations: conversations per second of CPU, and memory.

Run with `make benchmark`, or `python benchmarks/end_to_end.py --conversations 10000 --json out.json`. Stages run one
after the other, each in a process of its own, so that peak memory is that of the stage. Times on shared machines
drift: compare the shares within one run, not seconds between runs. Nothing here is a test.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

WEEKS = 4
RUN_ID = "benchmark"


class Stage(NamedTuple):
    """One measured stage: seconds of CPU (its children's too) and of wall clock, peak memory in MB, rows it made."""

    name: str
    cpu: float
    wall: float
    peak_mb: float
    rows: int


def _days() -> list[object]:
    from orchestration.sources.demo.source import FIRST_MONDAY  # noqa: PLC0415

    return [FIRST_MONDAY + timedelta(days=n) for n in range(7 * WEEKS)]


def generate_and_extract(per_week: int) -> int:
    """Generates the demo conversations, masks them, and writes the lake."""
    from orchestration.extraction import extract_days  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415
    from orchestration.sources.demo.source import DemoSource  # noqa: PLC0415

    source = DemoSource(conversations_per_week=per_week)
    lake = Lake(load_settings().lake_url)
    return sum(sum(extract_days(source, lake, [day], RUN_ID).versions.values()) for day in _days())


def judge(_: int) -> int:
    """Judges every eligible version into the cache and writes the judgements."""
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.scoring import LakeScoringDesk  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415
    from scoring_ops.ops import Chunk  # noqa: PLC0415

    settings = load_settings()
    desk = LakeScoringDesk(settings, Lake(settings.lake_url))
    judged = 0
    for day in _days():
        desk.judge(Chunk(day.isoformat(), 0, 1), RUN_ID, retry_failed=False)
        judged += len(desk.write_judgements(day, RUN_ID))
    return judged


def score(_: int) -> int:
    """Proves claims and writes scores, reasons, issues and feedback from stored claims."""
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.scores import score_day, write_calls  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    lake = Lake(settings.lake_url)
    scored = sum(score_day(settings, lake, day, RUN_ID).scores.total() for day in _days())
    for day in _days():
        write_calls(settings, lake, day)
    return scored


def validate(_: int) -> int:
    """Checks every day of every lake table against its schema and rules."""
    from expectations.schemas.tables import LAKE_TABLES  # noqa: PLC0415
    from expectations.validation import validate_table  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    lake = Lake(load_settings().lake_url)
    rows = 0
    for table in LAKE_TABLES:
        for day in _days():
            frame = lake.read_day(table, day)
            outcome = validate_table(table, frame)
            if not outcome.passed:
                sys.exit(outcome.summary)
            rows += frame.height
    return rows


def build_marts(_: int) -> int:
    """Runs `dbt build` without Dagster: models and data tests."""
    import subprocess  # noqa: PLC0415

    from orchestration.dbt import PROJECT_DIR, dbt_environment, dbt_executable, prepare_lake  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    prepare_lake(settings, Lake(settings.lake_url))
    command = [
        str(dbt_executable()),
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--project-dir",
        str(PROJECT_DIR),
    ]
    done = subprocess.run(
        command, env={**os.environ, **dbt_environment(settings)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:])
    return 1


def publish(_: int) -> int:
    """Copies the marts for BI."""
    from orchestration.dbt import ensure_manifest, marts  # noqa: PLC0415
    from orchestration.publish import publish_marts  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    names = [mart.name for mart in marts(ensure_manifest(settings))]
    return sum(publish_marts(settings.warehouse_path, settings.published_dir, names).rows.values())


def rerun(_: int) -> int:
    """Judges the same days again: everything comes from the cache."""
    return judge(0)


STAGES: tuple[tuple[str, Callable[[int], int]], ...] = (
    ("generate, mask, extract", generate_and_extract),
    ("judge (local)", judge),
    ("judge again (all cached)", rerun),
    ("verify and score", score),
    ("validate the lake", validate),
    ("dbt build", build_marts),
    ("publish", publish),
)


def _measure(
    stage: Callable[[int], int], per_week: int, answer: "multiprocessing.Queue[tuple[float, float, float, int]]"
) -> None:
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    rows = stage(per_week)
    wall = time.perf_counter() - started
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    answer.put((cpu, wall, max(own.ru_maxrss, children.ru_maxrss) / 1024, rows))


def measure(name: str, stage: Callable[[int], int], per_week: int) -> Stage:
    """Runs a stage in a fresh process and measures it."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[tuple[float, float, float, int]] = context.Queue()
    process = context.Process(target=_measure, args=(stage, per_week, answer))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"stage {name!r} failed")
    return Stage(name, *answer.get())


def main() -> None:
    """Runs all stages and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000, help="about how many, over four weeks")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as home:
        os.environ["CX_HOME"] = home
        stages: list[Stage] = []
        with console.status("measuring"):
            for name, stage in STAGES:
                stages.append(measure(name, stage, options.conversations // WEEKS))
                console.log(f"{name}: {stages[-1].wall:.1f} s")
    total = sum(stage.cpu for stage in stages)
    table = Table(title=f"{options.conversations:,} demo conversations, import time included", title_justify="left")
    for column in ("stage", "CPU s", "share", "wall s", "rows", "conversations / CPU s", "peak MB"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for s in stages:
        speed = f"{options.conversations / s.cpu:,.0f}"
        table.add_row(
            s.name, f"{s.cpu:.1f}", f"{s.cpu / total:.0%}", f"{s.wall:.1f}", f"{s.rows:,}", speed, f"{s.peak_mb:,.0f}"
        )
    console.print(table)
    if options.json:
        options.json.write_text(json.dumps([s._asdict() for s in stages], indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
