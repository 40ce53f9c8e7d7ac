"""Batches in the UI: a job that submits days, and a sensor that starts a small run when batches have ended.

The sensor only looks: results are collected in a run of their own, since a tick has a minute and a run is seen. It is
stopped until somebody starts it. The days are scored by a normal run afterwards.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import dagster as dg

from orchestration.batches import BatchDesk
from orchestration.partitions import daily_partitions
from orchestration.settings import Settings, load_settings
from scoring_ops.batch_collection import UNCERTAIN, Collected
from scoring_ops.judges.batch import has_ended

SUBMIT_JOB, COLLECT_JOB, SENSOR = "batch_submit", "batch_collect", "batch_results"
LOOK_EVERY = 300  # seconds
_DEADLINE = 10.0  # seconds for one look within a tick
_RUNNING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
_HEAD = "| batch | ended | requests | scored | |\n| --- | --- | ---: | ---: | --- |"

Told = str | int | float | dg.MetadataValue


@dg.op(out=dg.Out(dg.Nothing), description="Submits what the lake holds of the run's days and nobody has settled.")
def submit_batches(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Starts the batches of the run's days and records their number and what stayed out."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    with BatchDesk(settings) as desk:
        done = desk.submit(days, context.run_id)
    context.add_output_metadata(
        {
            "batches": ", ".join(batch.batch_id for batch in done.batches) or "none",
            "requests": done.requests,
            "long_conversations": done.long,
            "over_budget": done.unaffordable,
        }
    )


@dg.op(out=dg.Out(dg.Nothing), description="Takes the results of batches that have ended into the cache.")
def collect_batches(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Collects what has ended and records counts and cost."""
    with BatchDesk(settings) as desk:
        collected = desk.collect()
        running = len(desk.unfinished())
    context.add_output_metadata({**_told(collected), "still_running": running})


def batch_results(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run of the collecting job as soon as a batch has ended or lost its submitter, unless one is under way."""
    settings = load_settings()
    if settings.judge != "openai":
        return dg.SkipReason("CX_JUDGE is not openai: batches run at an endpoint")
    if context.instance.get_runs(dg.RunsFilter(job_name=COLLECT_JOB, statuses=_RUNNING), limit=1):
        return dg.SkipReason("batches are being collected")
    with BatchDesk(settings, deadline=_DEADLINE) as desk:
        unfinished = desk.unfinished()
        if not unfinished:
            return dg.SkipReason("no batch is open")
        lost = [b for b in unfinished if b.state != "open" and datetime.now(UTC) - b.created_at > UNCERTAIN]
        if lost or any(has_ended(polled.told.status) for polled in desk.collector.poll()):
            return dg.RunRequest()  # no run key: a run that failed is followed by another
    return dg.SkipReason(f"{len(unfinished)} batches are running")


def _told(collected: Sequence[Collected]) -> Mapping[str, Told]:
    statuses = sum((done.statuses for done in collected), start=Counter[str]())
    costs = [done.cost_usd for done in collected if done.cost_usd is not None]
    rows = "\n".join(
        f"| {c.batch.batch_id} | {c.status} | {c.batch.requests} | {c.statuses['scored']} | {c.detail} |"
        for c in collected
    )
    return {
        "collected": len(collected),
        **{status or "without_result": count for status, count in sorted(statuses.items())},
        "cost_usd": sum(costs) if costs or not collected else dg.MetadataValue.text("unknown"),
        "batches": dg.MetadataValue.md(f"{_HEAD}\n{rows}"),
    }


@dg.definitions
def batch() -> dg.Definitions:
    """The two jobs and the sensor between them."""

    @dg.job(name=SUBMIT_JOB, partitions_def=daily_partitions(load_settings()), description="Days at half price.")
    def submitting() -> None:
        submit_batches()

    @dg.job(name=COLLECT_JOB, description="Results of ended batches, into the cache.")
    def collecting() -> None:
        collect_batches()

    follow = dg.sensor(job_name=COLLECT_JOB, name=SENSOR, minimum_interval_seconds=LOOK_EVERY)
    return dg.Definitions(jobs=[submitting, collecting], sensors=[follow(batch_results)])
