"""An OpenAI-compatible chat completions endpoint in a process of its own, cheap enough to measure clients against.

`python -m benchmarks.mock_server --port 8123 --latency 0.2 --rate 200 --fault server_error=0.02` serves until it is
interrupted; `MockServer(Behaviour(...))` does so for a `with` block. `GET /stats` tells what arrived, `POST /reset`
forgets it. Where there are two cores, the server takes the last and `keep_off_the_server` gives clients the others.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.request import Request, urlopen

from benchmarks.mock.behaviour import Behaviour, add_options, parsed
from benchmarks.mock.protocol import Connection, Endpoint

ROOT = Path(__file__).resolve().parents[1]
_BACKLOG = 4096


class Stats(NamedTuple):
    """What the server saw since its last reset."""

    requests: int
    answered: int
    rejected: int
    statuses: dict[str, int]
    faults: dict[str, int]
    keys: dict[str, int]
    connections: int
    max_in_flight: int
    arrivals_per_100_ms: list[int]


class MockServer:
    """A mock server that runs while its `with` block does."""

    def __init__(self, behaviour: Behaviour | None = None, *, pinned: bool = True) -> None:
        self._behaviour = behaviour or Behaviour()
        self._pinned = pinned
        self.url = ""

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.url}/v1"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.mock_server", *self._behaviour.arguments()]
        if not self._pinned:
            command.append("--no-pin")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the mock server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def stats(self) -> Stats:
        """The counts since the last reset."""
        with urlopen(f"{self.url}/stats", timeout=10) as response:  # noqa: S310
            return Stats(**json.load(response))

    def reset(self) -> None:
        """Forgets all counts."""
        urlopen(Request(f"{self.url}/reset", data=b"", method="POST"), timeout=10).close()  # noqa: S310


def take_last_core() -> None:
    """Pins this process to the last core it may use, where there are two."""
    _pin(slice(-1, None))


def keep_off_the_server() -> None:
    """Pins this process to all cores but the server's, where there are two."""
    _pin(slice(None, -1))


def _pin(which: slice) -> None:
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[which])


def run(work: Coroutine[Any, Any, None]) -> None:
    """Runs to the end or an interruption, on uvloop where it is installed."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner, contextlib.suppress(KeyboardInterrupt):
        runner.run(work)


async def serve(behaviour: Behaviour, port: int) -> None:
    """Serves on the loopback until cancelled; prints its URL once it listens."""
    loop = asyncio.get_running_loop()
    endpoint = Endpoint(behaviour, loop)
    server = await loop.create_server(lambda: Connection(endpoint), "127.0.0.1", port, backlog=_BACKLOG)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serves as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--pin", action=argparse.BooleanOptionalAction, default=True, help="take the last core")
    add_options(parser)
    options = parser.parse_args()
    if options.pin:
        take_last_core()
    run(serve(parsed(options), options.port))


if __name__ == "__main__":
    main()
