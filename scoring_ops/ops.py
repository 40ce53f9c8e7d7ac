"""The partitioned LLM ops: plan -> judge chunks -> collect. The only module of the domain that knows Dagster.

Ops pass references (a day and the number of a chunk), never transcripts or prompts, because an IO manager would
pickle them to disk. Chunks are dynamic, so that an executor may spread one day over several workers. What each op
needs it asks of the `ScoringDesk`, its one resource.
"""

from collections import Counter
from collections.abc import Generator, Mapping
from datetime import date
from typing import NamedTuple, Protocol

import dagster as dg

from scoring_ops.judges.protocol import Status

RETRY_FAILED_TAG = "cx/retry_failed"


class Chunk(NamedTuple):
    """A part of a day's judging, by reference: chunk `number` of `of`."""

    day: str
    number: int
    of: int


class ChunkResult(NamedTuple):
    """What judging a chunk took: calls made, and money where prices are known."""

    day: str
    calls: int
    cost_usd: float | None
    written: Mapping[Status, int]
    """Versions by status where the chunk was the whole day and the day has been written; else empty."""


class ScoringDesk(Protocol):
    """What the ops need of the world: days to judge, the judge, and a place for judgements."""

    def chunks(self, day: date) -> int:
        """How many chunks a day is cut into."""
        ...

    def judge(self, chunk: Chunk, run_id: str, *, retry_failed: bool) -> ChunkResult:
        """Judges what the cache does not hold yet of a chunk; every answer is committed as it arrives."""
        ...

    def write_judgements(self, day: date, run_id: str) -> Mapping[Status, int]:
        """Writes the judgements of a whole day from the cache; returns the versions by status."""
        ...


@dg.op(
    ins={"conversations": dg.In(dg.Nothing), "messages": dg.In(dg.Nothing)},
    out=dg.DynamicOut(),
    description="Cuts each day of the run into chunks.",
)
def plan_judging(
    context: dg.OpExecutionContext, scoring_desk: dg.ResourceParam[ScoringDesk]
) -> Generator[dg.DynamicOutput[Chunk]]:
    """One dynamic output per chunk of every day of the run."""
    for day in context.partition_keys:
        chunks = scoring_desk.chunks(date.fromisoformat(day))
        for number in range(chunks):
            key = f"d{day.replace('-', '_')}_{number}"
            yield dg.DynamicOutput(Chunk(day, number, chunks), mapping_key=key)


@dg.op(pool="llm", description="Judges one chunk into the cache; writes the day where the chunk is the whole day.")
def judge_chunk(
    context: dg.OpExecutionContext, chunk: Chunk, scoring_desk: dg.ResourceParam[ScoringDesk]
) -> ChunkResult:
    """Judges a chunk. A day in one chunk is written at once, so that no later day can hold it back."""
    retry_failed = context.run.tags.get(RETRY_FAILED_TAG) == "true"
    result = scoring_desk.judge(chunk, context.run_id, retry_failed=retry_failed)
    if chunk.of == 1:
        result = result._replace(written=_write(scoring_desk, chunk.day, context.run_id))
    context.log.info("%s: %d calls, %s", chunk.day, result.calls, dict(result.written))
    return result


@dg.op(out=dg.Out(dg.Nothing), description="Writes days that were judged in several chunks, and reports.")
def collect_judgements(
    context: dg.OpExecutionContext, results: list[ChunkResult], scoring_desk: dg.ResourceParam[ScoringDesk]
) -> None:
    """Completes the days and records what the whole run called, wrote and paid as metadata of the asset."""
    statuses: Counter[Status] = Counter()
    for result in results:
        statuses.update(result.written)
    for day in {result.day for result in results if not result.written}:
        statuses.update(_write(scoring_desk, day, context.run_id))
    costs = [result.cost_usd for result in results if result.cost_usd is not None]
    context.add_output_metadata(
        {
            "run/judge_calls": sum(result.calls for result in results),
            "run/versions": statuses.total(),
            **{f"run/{status}": count for status, count in sorted(statuses.items())},
            "run/cost_usd": sum(costs) if costs else dg.MetadataValue.text("unknown"),
        }
    )


def _write(desk: ScoringDesk, day: str, run_id: str) -> Mapping[Status, int]:
    return dict(desk.write_judgements(date.fromisoformat(day), run_id))


def judgements(conversations: object, messages: object) -> object:
    """The judgements of every day of the run, each written whole, once the lake holds its conversations."""
    chunks = plan_judging(conversations=conversations, messages=messages)  # pyright: ignore[reportCallIssue]  # composition, not a call
    return collect_judgements(chunks.map(judge_chunk).collect())  # pyright: ignore[reportAttributeAccessIssue]
