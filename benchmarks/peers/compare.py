"""CPU of one LLM call, ours against the clients that others use, in turns on one core.

`make bench-peers`, or `python -m benchmarks.peers.compare --calls 500 --rounds 7 --json out.json`; `--only litellm`
leaves the others out. Each peer gets an environment of its own under .cx/bench with the versions below. All clients
send the same requests to the same mock server at zero latency and stay warm; ours and a peer take turns, and what is
reported are medians and ratios of medians of those turns. Seconds of a shared machine drift; the ratios hold.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.mock.behaviour import Behaviour
from benchmarks.mock_server import ROOT, MockServer, keep_off_the_server

ENVIRONMENTS = ROOT / ".cx/bench"


class Peer(NamedTuple):
    """A client to compare with: its script, what is installed for it, and how much faster ours must be."""

    name: str
    module: str
    requirements: tuple[str, ...]
    target: float


PEERS = (
    Peer("openai create", "openai_create", ("openai==3.54.0",), 2.0),
    Peer("openai parse", "openai_parse", ("openai==3.54.0",), 2.0),
    Peer("instructor", "instructor_schema", ("instructor==1.17.0", "openai==3.3.0"), 4.0),
    Peer("litellm", "litellm_acompletion", ("litellm==1.110.2", "openai==3.57.0"), 4.0),
    Peer("curator", "curator_llm", ("bespokelabs-curator==0.1.31", "litellm==1.83.7"), 2.5),
)
OURS = ("ours_endpoint", "ours_judge")
MOST_CPU_MS = 1.2


class Round(NamedTuple):
    """One measured round of one client."""

    calls: int
    cpu_ms_per_call: float
    calls_per_cpu_s: float
    calls_per_s: float
    rss: float


class Client:
    """A client's process, warm and waiting for its next round."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def measure(self, calls: int) -> Round:
        """One round of so many calls."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(calls, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self._process.args!r} failed")
        return Round(**json.loads(line))


@contextmanager
def client(python: Path, module: str, options: Sequence[str], log: Path) -> Iterator[Client]:
    """A running client; what it says besides its figures goes to a log."""
    command = [str(python), "-m", f"benchmarks.peers.{module}", *options]
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield Client(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


def environment(peer: Peer) -> Path:
    """The interpreter of a peer's environment, which is made where it is missing or holds other versions."""
    folder = ENVIRONMENTS / peer.module.partition("_")[0]
    python, stamp = folder / "bin/python", folder / "requirements.txt"
    wanted = "\n".join(peer.requirements)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
    installing = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *peer.requirements]
    subprocess.run(installing, check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return python


class Compared(NamedTuple):
    """Ours and a peer, measured in turns."""

    peer: Peer
    ours: list[Round]
    theirs: list[Round]

    @property
    def ratio(self) -> float:
        """How many more calls a second of CPU ours makes."""
        return _median(self.theirs).cpu_ms_per_call / _median(self.ours).cpu_ms_per_call


def _median(rounds: Sequence[Round]) -> Round:
    return Round(*(statistics.median(values) for values in zip(*rounds, strict=True)))


def compare(peer: Peer, server: MockServer, asked: argparse.Namespace) -> Compared:
    """Lets ours and a peer take turns."""
    options = [server.base_url, "--concurrency", str(asked.concurrency)]
    with ExitStack() as stack:
        own = [*options, "--uvloop"] if asked.uvloop else options
        us = stack.enter_context(client(Path(sys.executable), asked.ours, own, ENVIRONMENTS / "ours.log"))
        them = stack.enter_context(client(environment(peer), peer.module, options, ENVIRONMENTS / f"{peer.module}.log"))
        turns = [(us.measure(asked.calls), them.measure(asked.calls)) for _ in range(asked.rounds)]
    return Compared(peer, [turn[0] for turn in turns], [turn[1] for turn in turns])


def show(results: Sequence[Compared], asked: argparse.Namespace) -> None:
    """Prints the table."""
    title = f"CPU of a call, {asked.calls} calls x {asked.rounds} rounds, {asked.concurrency} at once, {asked.ours}"
    table = Table(title=title, title_justify="left")
    for column in ("peer", "theirs ms", "ours ms", "theirs calls / CPU s", "ours", "ours / theirs", "target", "MB"):
        table.add_column(column, justify="left" if column == "peer" else "right")
    for result in results:
        ours, theirs = _median(result.ours), _median(result.theirs)
        figures = (f"{theirs.cpu_ms_per_call:.2f}", f"{ours.cpu_ms_per_call:.2f}")
        speeds = (f"{theirs.calls_per_cpu_s:,.0f}", f"{ours.calls_per_cpu_s:,.0f}")
        met = "met" if result.ratio >= result.peer.target else "missed"
        ratio = f"{result.ratio:.2f}x"
        target = f">= {result.peer.target:g}x {met}"
        table.add_row(result.peer.name, *figures, *speeds, ratio, target, f"{theirs.rss:.0f} / {ours.rss:.0f}")
    console = Console(width=120)
    console.print(table)
    ours = statistics.median(turn.cpu_ms_per_call for result in results for turn in result.ours)
    best = min(turn.cpu_ms_per_call for result in results for turn in result.ours)
    met = "met" if ours <= MOST_CPU_MS else "missed"
    console.print(f"ours: median {ours:.2f} ms, best round {best:.2f} ms; target <= {MOST_CPU_MS} ms {met}")


def main() -> None:
    """Compares with every peer that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=500, help="of one round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--only", action="append", choices=[peer.name for peer in PEERS])
    parser.add_argument("--ours", choices=OURS, default=OURS[0], help="the transport alone, or the whole judge")
    parser.add_argument("--uvloop", action="store_true", help="ours on uvloop")
    parser.add_argument("--cookie", action="store_true", help="answers set the cookie that the real API's front sets")
    parser.add_argument("--json", type=Path, help="also write all rounds here")
    asked = parser.parse_args()
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    chosen = [peer for peer in PEERS if not asked.only or peer.name in asked.only]
    for peer in chosen:
        environment(peer)
    with MockServer(Behaviour(cookie=asked.cookie)) as server:
        keep_off_the_server()
        results = [compare(peer, server, asked) for peer in chosen]
    show(results, asked)
    if asked.json:
        written = [
            {
                "peer": r.peer.name,
                "ratio": r.ratio,
                "ours": [o._asdict() for o in r.ours],
                "theirs": [t._asdict() for t in r.theirs],
            }
            for r in results
        ]
        asked.json.write_text(json.dumps(written, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
