"""Automation: a nightly re-read of the last days, and one build of the marts when all of them have ended."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.defs.automation import LOOKBACK_DAYS, TICK_TAG, marts_after_days, nightly_days
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


def evaluate(*statuses: dg.DagsterRunStatus, tick: str = "night-1") -> dg.RunRequest | dg.SkipReason:
    with dg.DagsterInstance.ephemeral() as instance:
        for status in statuses:
            instance.create_run_for_job(lake_days, tags={TICK_TAG: tick}, status=status)
        return marts_after_days(dg.build_sensor_context(instance=instance))


def test_the_marts_are_built_once_when_every_day_has_ended() -> None:
    request = evaluate(Status.SUCCESS, Status.FAILURE, Status.SUCCESS)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == "night-1"


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ((), "has not run yet"),
        ((Status.SUCCESS, Status.SUCCESS), "0 of 2 runs"),
        ((Status.SUCCESS, Status.STARTED, Status.SUCCESS), "1 of 3 runs"),
        ((Status.FAILURE, Status.FAILURE, Status.CANCELED), "every run of night-1 failed"),
    ],
)
def test_the_marts_wait_for_the_days(statuses: tuple[dg.DagsterRunStatus, ...], reason: str) -> None:
    skipped = evaluate(*statuses)
    assert isinstance(skipped, dg.SkipReason)
    assert reason in str(skipped.skip_message)
