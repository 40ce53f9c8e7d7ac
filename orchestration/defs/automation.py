"""Jobs, and what starts them by themselves: a nightly re-read of the last days, then one build of the marts.

Everything is stopped until somebody starts it in the UI. Backfills of many days belong to the asset graph or to
`cxscore backfill`: a job's backfill ignores the assets' policies.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from orchestration.keys import (
    EXTRACTION,
    LAKE_DAYS_JOB,
    MARTS_JOB,
    PUBLISHED_MARTS,
    RESCORE_JOB,
    RESCORE_TAG,
    SCORING,
    lake_key,
)
from orchestration.partitions import daily_partitions
from orchestration.scores import SCORE_TABLES
from orchestration.settings import load_settings

LOOKBACK_DAYS = 3  # conversations change for days after they close; their late versions arrive by update day
TICK_TAG = "cx/tick"
SCHEDULE = "nightly_days"
SCHEDULE_TAG, PARTITION_TAG = "dagster/schedule_name", "dagster/partition"


def nightly_days(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run for each of the last days: all that changed since was written to one of them."""
    tick = context.scheduled_execution_time
    for back in range(LOOKBACK_DAYS, 0, -1):
        day = (tick - timedelta(days=back)).date().isoformat()
        yield dg.RunRequest(run_key=f"{tick.isoformat()}/{day}", partition_key=day, tags={TICK_TAG: tick.isoformat()})


def marts_after_days(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One build of the marts when every day of the last tick has succeeded; a day run again counts by its last run."""
    nightly = dg.RunsFilter(job_name=LAKE_DAYS_JOB, tags={SCHEDULE_TAG: SCHEDULE})
    runs = [run for run in context.instance.get_runs(nightly, limit=10 * LOOKBACK_DAYS) if TICK_TAG in run.tags]
    if not runs:
        return dg.SkipReason("the nightly schedule has not run yet")
    tick = max(run.tags[TICK_TAG] for run in runs)
    last_of_day: dict[str, dg.DagsterRun] = {}
    for run in runs:  # newest first
        if run.tags[TICK_TAG] == tick:
            last_of_day.setdefault(run.tags[PARTITION_TAG], run)
    unfinished = [day for day, run in last_of_day.items() if not run.is_success]
    if unfinished or len(last_of_day) < LOOKBACK_DAYS:
        return dg.SkipReason(f"{tick}: not written yet: {', '.join(sorted(unfinished)) or 'days not launched'}")
    return dg.RunRequest(run_key="/".join([tick, *sorted(run.run_id for run in last_of_day.values())]))


@dg.definitions
def automation() -> dg.Definitions:
    """Jobs, the nightly schedule and the sensor that follows it."""
    days = dg.define_asset_job(
        LAKE_DAYS_JOB,
        selection=dg.AssetSelection.groups(EXTRACTION, SCORING),
        partitions_def=daily_partitions(load_settings()),
        description="Extracts and scores update days.",
    )
    rescored = dg.define_asset_job(
        RESCORE_JOB,
        selection=dg.AssetSelection.assets(*(lake_key(table) for table in SCORE_TABLES)),
        partitions_def=daily_partitions(load_settings()),
        tags={RESCORE_TAG: "true"},
        description="Scores update days anew from the claims the lake holds; no judge is called.",
    )
    marts = dg.define_asset_job(
        MARTS_JOB,
        selection=dg.AssetSelection.assets(PUBLISHED_MARTS).upstream() - dg.AssetSelection.groups(EXTRACTION, SCORING),
        description="Builds, audits and publishes the marts.",
    )
    nightly = dg.schedule(job=days, cron_schedule="15 2 * * *", execution_timezone="UTC", name=SCHEDULE)
    follow = dg.sensor(job=marts, name="marts_after_days", minimum_interval_seconds=60)
    return dg.Definitions(
        jobs=[days, rescored, marts], schedules=[nightly(nightly_days)], sensors=[follow(marts_after_days)]
    )
