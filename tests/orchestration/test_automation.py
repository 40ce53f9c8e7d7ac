"""Automation: a nightly re-read of the last days, and one build of the marts when all of them have ended."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.defs.automation import (
    LOOKBACK_DAYS,
    PARTITION_TAG,
    SCHEDULE,
    SCHEDULE_TAG,
    TICK_TAG,
    marts_after_days,
    nightly_days,
)
from orchestration.keys import LAKE_DAYS_JOB

NIGHT = datetime(2026, 3, 10, 2, 15, tzinfo=UTC)
Status = dg.DagsterRunStatus


@dg.job(name=LAKE_DAYS_JOB)
def lake_days() -> None:
    """Stands for the job of the nightly runs."""


def test_a_night_reads_the_last_days_again_and_never_today() -> None:
    context = dg.build_schedule_context(scheduled_execution_time=NIGHT)
    requests = list(nightly_days(context))
    assert [request.partition_key for request in requests] == ["2026-03-07", "2026-03-08", "2026-03-09"]
    assert len({request.run_key for request in requests}) == LOOKBACK_DAYS
    assert {request.tags[TICK_TAG] for request in requests} == {NIGHT.isoformat()}


def evaluate(*statuses: dg.DagsterRunStatus, days: tuple[int, ...] = (7, 8, 9)) -> dg.RunRequest | dg.SkipReason:
    """The sensor's answer after these runs of the nightly schedule, oldest first, and a backfill's later ones."""
    with dg.DagsterInstance.ephemeral() as instance:
        for status, day in zip(statuses, days, strict=False):
            tags = {TICK_TAG: "night-1", SCHEDULE_TAG: SCHEDULE, PARTITION_TAG: f"2026-03-0{day}"}
            instance.create_run_for_job(lake_days, tags=tags, status=status)
        for _ in range(40):
            instance.create_run_for_job(lake_days, status=Status.SUCCESS)
        return marts_after_days(dg.build_sensor_context(instance=instance))


def test_the_marts_are_built_once_when_every_day_is_written_whatever_else_ran() -> None:
    request = evaluate(Status.SUCCESS, Status.SUCCESS, Status.SUCCESS)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key is not None
    assert request.run_key.startswith("night-1/")


def test_a_day_that_failed_and_was_run_again_counts_by_its_last_run() -> None:
    statuses = (Status.SUCCESS, Status.FAILURE, Status.SUCCESS, Status.SUCCESS)
    assert isinstance(evaluate(*statuses, days=(7, 8, 9, 8)), dg.RunRequest)


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ((), "has not run yet"),
        ((Status.SUCCESS, Status.SUCCESS), "days not launched"),
        ((Status.SUCCESS, Status.STARTED, Status.SUCCESS), "not written yet: 2026-03-08"),
        ((Status.SUCCESS, Status.SUCCESS, Status.FAILURE), "not written yet: 2026-03-09"),
    ],
)
def test_the_marts_wait_for_the_days(statuses: tuple[dg.DagsterRunStatus, ...], reason: str) -> None:
    skipped = evaluate(*statuses)
    assert isinstance(skipped, dg.SkipReason)
    assert reason in str(skipped.skip_message)
