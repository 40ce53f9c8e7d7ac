"""What every measured client shares: it calls, checks each answer against its own question, and reports its CPU.

A client's script ends with `serve(call)`. It then measures one round for every line on its standard input, which names
a count of calls, and prints one line of JSON; so the comparison can let clients that stay warm take turns. Only the
standard library is needed here.
"""

import argparse
import asyncio
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count

from benchmarks.peers.workload import Request, requests

Call = Callable[[Request], Awaitable[str]]
Batch = Callable[[Sequence[Request]], Sequence[str]]
_WARM_UP = 64  # calls before a round: connections closed since the last one are open again


class Options(argparse.Namespace):
    """What the comparison tells a client."""

    base_url: str
    concurrency: int
    uvloop: bool


def options() -> Options:
    """The command line of a client's script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base_url")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--uvloop", action="store_true")
    return parser.parse_args(namespace=Options())


def serve(call: Call, asked: Options) -> None:
    """Measures rounds of an asynchronous client with so many calls at once, until standard input ends."""
    factory = None
    if asked.uvloop:
        import uvloop  # noqa: PLC0415

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:

        def batch(questions: Sequence[Request]) -> Sequence[str]:
            return runner.run(_answers(call, questions, asked.concurrency))

        serve_batches(batch)


def serve_batches(batch: Batch) -> None:
    """Measures rounds of a client that takes many requests at once, until standard input ends."""
    report = os.fdopen(os.dup(1), "w")  # some clients print; the report has a line of its own
    os.dup2(2, 1)
    for seed, line in zip(count(1), sys.stdin, strict=False):
        _check(batch, requests(_WARM_UP, seed=-seed))
        questions = requests(int(line), seed)
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        _check(batch, questions)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures = {
            "calls": len(questions),
            "cpu_ms_per_call": cpu * 1000 / len(questions),
            "calls_per_cpu_s": len(questions) / cpu,
            "calls_per_s": len(questions) / wall,
            "rss": peak,
        }
        print(json.dumps(figures), file=report, flush=True)


async def _answers(call: Call, questions: Sequence[Request], concurrency: int) -> list[str]:
    answers = [""] * len(questions)
    pending = iter(enumerate(questions))

    async def work() -> None:
        for place, question in pending:
            answers[place] = await call(question)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
    return answers


def _check(batch: Batch, questions: Sequence[Request]) -> None:
    for question, answer in zip(questions, batch(questions), strict=True):
        if f"request {question.code}-" not in answer:
            sys.exit(f"the answer to {question.code} is another's, or none: {answer[:200]!r}")
