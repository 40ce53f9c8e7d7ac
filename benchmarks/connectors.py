"""A backfill from Intercom against a server that enforces the vendor's limit: the share of it used, and memory.

The server runs in a process of its own (`tests/fakes/intercom`), each backfill in another, so that memory is that of
the client alone: search, fetching, masking, lake. `python -m benchmarks.connectors` prints a table; the two sizes
show how memory grows with the day.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection

from rich.console import Console
from rich.table import Table

DAY = date(2026, 3, 2)
FIRST = int(datetime(2026, 3, 2, 1, tzinfo=UTC).timestamp())
SIZES = (5_000, 20_000)
WINDOW = 10.0
PER_MINUTE = 10_000
TOKEN_VARIABLE = "CX_INTERCOM_TOKEN"  # noqa: S105  a name


def main() -> None:
    """Measures each size, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-minute", type=int, default=PER_MINUTE, help="requests that the server allows")
    parser.add_argument("--backfill", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.backfill:
        print(json.dumps(backfill(given.backfill)))
        return
    console = Console()
    table = Table(title=f"Intercom, {given.per_minute:,} requests a minute allowed, in windows of {WINDOW:.0f} s")
    for name in ("conversations", "requests", "429", "seconds", "share of the limit", "CPU ms each", "peak MB"):
        table.add_column(name, justify="right")
    peaks: list[float] = []
    for size in SIZES:
        with server(size, given.per_minute) as (url, asked):
            command = [sys.executable, "-m", "benchmarks.connectors", "--backfill", url]
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            requests, refused = asked()
        assert done["versions"] == size, done
        share = (requests - refused) / (done["seconds"] * given.per_minute / 60)
        peaks.append(done["peak_mb"])
        each = 1000 * done["cpu"] / size
        cells = (f"{size:,}", f"{requests:,}", f"{refused:,}", f"{done['seconds']:.1f}", f"{share:.1%}", f"{each:.2f}")
        table.add_row(*cells, f"{done['peak_mb']:.0f}")
    console.print(table)
    console.print(f"Memory grows by {peaks[-1] - peaks[0]:.0f} MB from {SIZES[0]:,} to {SIZES[-1]:,} conversations.")


def backfill(url: str) -> dict[str, float]:
    """Extracts the day from a server into a lake of its own; what that took."""
    from orchestration.extraction import extract_days  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.settings import load_settings  # noqa: PLC0415
    from orchestration.sources.chosen import chosen_source  # noqa: PLC0415
    from tests.fakes.intercom.server import TOKEN  # noqa: PLC0415  only this process is measured

    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "CX_HOME": home,
            "CX_SOURCE": "intercom",
            "CX_INTERCOM_BASE_URL": url,
            TOKEN_VARIABLE: TOKEN,
        }
        settings = load_settings()
        begun, cpu = time.monotonic(), time.process_time()
        done = extract_days(chosen_source(settings), Lake(settings.lake_url), [DAY], "benchmark")
        seconds, used = time.monotonic() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"versions": sum(done.versions.values()), "seconds": seconds, "cpu": used, "peak_mb": peak}


@contextmanager
def server(size: int, per_minute: int) -> Iterator[tuple[str, object]]:
    """The fake workspace in a process of its own; its URL, and how many requests it saw and refused."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, size, per_minute))
    process.start()
    try:
        url = ours.recv()

        def asked() -> tuple[int, int]:
            ours.send("count")
            return ours.recv()

        yield url, asked
    finally:
        ours.send("stop")
        process.join(10)


def _serve(pipe: Connection, size: int, per_minute: int) -> None:
    from tests.fakes.helpdesk_server import Limit  # noqa: PLC0415
    from tests.fakes.intercom.server import Workspace, author, conversation, part, serve  # noqa: PLC0415

    said = "<p>My parcel has not arrived, and I would like to know where it is. Order {0}, please look into it.</p>"
    made = [
        conversation(
            n,
            FIRST + n * 7 % 72_000,
            *(part(k, "comment", FIRST + k, author("admin" if k % 2 else "user"), said.format(n)) for k in range(8)),
            body=said.format(n),
        )
        for n in range(1, size + 1)
    ]
    limit = Limit(round(per_minute * WINDOW / 60), WINDOW)
    with serve(Workspace(*made), limit=limit, is_checked=False) as running:
        pipe.send(running.url)
        while pipe.recv() == "count":
            pipe.send((len(running.seen), running.refused))


if __name__ == "__main__":
    main()
