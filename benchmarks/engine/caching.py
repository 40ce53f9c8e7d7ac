"""What is asked again when something changes, and how fast is what is not?

`python -m benchmarks.engine.caching --rows 500 --stored 20000`. Counted at the server. What cannot change an answer
(concurrency, time-out, retries, another run) must cost nothing; what can (model, temperature, seed, prompt, schema)
must ask about all; one conversation more is one call. Target for hits: 20,000 lookups a second of CPU.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks.engine.report import Figures, command, finish, met, show
from benchmarks.engine.rig import Bench, bench, transcripts
from benchmarks.mock.answers import claims_json, question
from scoring_ops.cache import CachedAnswer, Call, Settled, open_cache
from scoring_ops.judges import openai
from scoring_ops.transcript import Transcript

_GROUP = 500
_LEAST_HITS = 20_000
_RULES = "PROMPT_VERSION"


@contextmanager
def other_prompt() -> Iterator[None]:
    """The judge's prompt in another version, for the length of the block."""
    was = getattr(openai, _RULES)
    setattr(openai, _RULES, f"{was}-changed")
    try:
        yield
    finally:
        setattr(openai, _RULES, was)


@contextmanager
def other_schema() -> Iterator[None]:
    """The judge's schema with one more description, for the length of the block."""
    was = openai.claims_schema
    openai.claims_schema = lambda: {**was(), "description": "changed"}
    try:
        yield
    finally:
        openai.claims_schema = was


def measure(rows: int) -> list[dict[str, object]]:
    """Calls after each change, on one cache."""
    told = list(transcripts(rows + 1))
    most, more = told[:rows], told

    def under(change: Callable[[], object], **options: object) -> Callable[[Bench], object]:
        def judge(at: Bench) -> object:
            with change():
                return at.judge(most, **options)

        return judge

    steps: tuple[tuple[str, int, Callable[[Bench], object]], ...] = (
        ("nothing yet", rows, lambda at: at.judge(most)),
        ("nothing", 0, lambda at: at.judge(most, run_id="again")),
        ("concurrency", 0, lambda at: at.judge(most, concurrency=7)),
        ("time-out", 0, lambda at: at.judge(most, timeout=7.0)),
        ("retries", 0, lambda at: at.judge(most, max_retries=1)),
        ("key", 0, lambda at: at.judge(most, api_key="another")),
        ("one conversation more", 1, lambda at: at.judge(more)),
        ("prompt", rows, under(other_prompt)),
        ("schema", rows, under(other_schema)),
        ("model", rows, lambda at: at.judge(most, model="gpt-4o")),
        ("temperature", rows, lambda at: at.judge(most, temperature=0.5)),
        ("seed", rows, lambda at: at.judge(most, seed=8)),
        ("longest answer", rows, lambda at: at.judge(most, max_output_tokens=2048)),
    )
    figures: list[dict[str, object]] = []
    with bench() as at:
        for name, expected, judge in steps:
            at.server.reset()
            judge(at)
            calls = at.server.stats().requests
            figures.append(
                {"changed": name, "rows": rows, "calls": calls, "expected": expected, "target": met(calls == expected)}
            )
    return figures


def hits(stored: int) -> list[dict[str, object]]:
    """Lookups a second of CPU in a cache of so many answers: half of them are asked for, and a tenth as many misses."""
    told = list(transcripts(min(stored, 2000)))
    names = [f"{n:064x}" for n in range(stored)]
    asked = [*names[: stored // 2], *(f"{n:064x}" for n in range(stored, stored + stored // 20))]
    figures: list[dict[str, object]] = []
    with bench() as at, open_cache(at.cache_url) as cache:
        claims = claims_json(question(_shown(told[0])))
        for start in range(0, stored, _GROUP):
            cache.keep([_settled(name, claims) for name in names[start : start + _GROUP]])
        works: tuple[tuple[str, Callable[[], int]], ...] = (
            ("is it settled?", lambda: len(cache.settled("judge", asked))),
            ("the whole answer", lambda: sum(1 for _ in cache.answers("judge", asked))),
        )
        for name, work in works:
            cpu = time.process_time()
            found = work()
            cpu = time.process_time() - cpu
            speed = len(asked) / cpu
            figures.append(
                {
                    "lookup": name,
                    "stored": stored,
                    "asked": len(asked),
                    "found": found,
                    "us/row": 1e6 * cpu / len(asked),
                    "rows/CPU s": speed,
                    "target": met(speed >= _LEAST_HITS and found == stored // 2),
                }
            )
    return figures


def _shown(transcript: Transcript) -> bytes:
    from scoring_ops.prompt import render  # noqa: PLC0415

    return render(transcript).replace("\n", "\\n").encode()


def _settled(name: str, claims: str) -> Settled:
    call = Call(
        cache_key=name,
        judge_version="judge",
        model="m",
        transcript_hash=name,
        input_tokens=1,
        output_tokens=1,
        cost_usd=0.0,
        latency_ms=1.0,
        started_at=datetime.now(UTC),
        run_id="run",
    )
    return Settled("judge", name, CachedAnswer(call, claims, 1))


def figures(asked: argparse.Namespace) -> list[Figures]:
    """Both tables."""
    return [
        Figures("Calls after a change", measure(asked.rows)),
        Figures("Hits", hits(asked.stored)),
    ]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--stored", type=int, default=20_000)


def main() -> None:
    """Measures what the command line asks for."""
    parser = command(__doc__)
    add_options(parser)
    asked = parser.parse_args()
    measured = figures(asked)
    for table in measured:
        show(table)
    finish(measured, asked.json)


if __name__ == "__main__":
    main()
