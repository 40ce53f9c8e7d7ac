"""A backfill from the command line: chunks of days in one process, on the instance that the UI shows.

One run per chunk extracts and scores its days; one last run builds, audits and publishes the marts. Each chunk is
complete before the next begins, so an interrupted backfill goes on where it stopped and pays nothing twice.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import polars as pl

from orchestration.definitions import defs
from orchestration.instance import PROCESS_TAG, open_instance, process_tag
from orchestration.judges import scorer_in_use
from orchestration.keys import LAKE_DAYS_JOB, MARTS_JOB, RESCORE_JOB, RESCORE_TAG
from orchestration.lake import Lake
from orchestration.partitions import DAYS_PER_RUN
from orchestration.scoring import DeskProgress, LakeScoringDesk
from orchestration.settings import Settings
from orchestration.shadows import shadows_of
from orchestration.sources.chosen import check_source
from orchestration.workspaces import workspace_rows
from scoring_ops.cache import open_cache
from scoring_ops.ops import RETRY_FAILED_TAG

CHECKED = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


class Chunk(NamedTuple):
    """Consecutive days of one run, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of the chunk."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class Backfilled(NamedTuple):
    """What a backfill did: versions by status, the rules that ineligible ones failed, rejected records, calls, cost."""

    statuses: Counter[str]
    ineligible_rules: Counter[str]
    rejected: int
    judge_calls: int
    cost_usd: float | None
    failures: tuple[str, ...]


def chunks(first: date, last: date, days: int = DAYS_PER_RUN) -> Iterator[Chunk]:
    """The days from first to last, both included, in chunks of at most `days`."""
    while first <= last:
        end = min(last, first + timedelta(days=days - 1))
        yield Chunk(first, end)
        first = end + timedelta(days=1)


def backfill(
    settings: Settings,
    first: date,
    last: date,
    *,
    retry_failed: bool = False,
    on_judging: DeskProgress = lambda _: None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> Backfilled:
    """Extracts, scores and publishes the days from first to last, both included.

    Args:
        settings: as the assets will read them again when they run.
        first: the first update day.
        last: the last update day.
        retry_failed: tries refused conversations and broken answers again.
        on_judging: told as the judging of a day goes on.
        on_stage: told what begins: each chunk, then the marts.

    Raises:
        SettingError: a source, judge, scorer or budget that cannot be used; nothing has run then.
    """
    check_source(settings)
    tags = {RETRY_FAILED_TAG: "true"} if retry_failed else {}
    return _run(settings, Chunk(first, last), LAKE_DAYS_JOB, tags, on_judging=on_judging, on_stage=on_stage)


def rescore(
    settings: Settings, first: date, last: date, on_stage: Callable[[str], None] = lambda _: None
) -> Backfilled:
    """Scores the days anew from the claims that the lake holds of the judge in use, and publishes; calls nobody.

    Raises:
        SettingError: a judge or scorer that cannot be used; nothing has run then.
    """
    return _run(
        settings, Chunk(first, last), RESCORE_JOB, {RESCORE_TAG: "true"}, on_judging=lambda _: None, on_stage=on_stage
    )


def build_marts(settings: Settings) -> tuple[str, ...]:
    """Builds, audits and publishes the marts from the lake as it is; returns a line for everything that failed."""
    job = defs().resolve_job_def(MARTS_JOB)
    tags = {PROCESS_TAG: process_tag()}
    with open_instance(settings) as instance, _output_in(settings.home / "logs" / "cxscore.log"):
        run = job.execute_in_process(instance=instance, tags=tags, run_config=QUIET, raise_on_error=False)
    return tuple(_failures([run]))


def _run(
    settings: Settings,
    days: Chunk,
    job: str,
    tags: Mapping[str, str],
    *,
    on_judging: DeskProgress,
    on_stage: Callable[[str], None],
) -> Backfilled:
    """Runs a job over the days, chunk by chunk, then the marts."""
    scorer_in_use(settings)
    list(workspace_rows(settings))  # every workspace's champion can be used
    shadows_of(settings)
    lake = Lake(settings.lake_url)
    lake.initialise()
    definitions = defs()
    tags = {PROCESS_TAG: process_tag(), **tags}
    days_job, marts_job = definitions.resolve_job_def(job), definitions.resolve_job_def(MARTS_JOB)
    runs: list[dg.ExecuteInProcessResult] = []
    with (
        LakeScoringDesk(settings, lake, chunks_per_day=settings.chunks_per_day, progress=on_judging) as desk,
        open_instance(settings) as instance,
        _output_in(settings.home / "logs" / "cxscore.log"),
    ):
        for chunk in chunks(days.first, days.last):
            on_stage(f"{chunk.first} to {chunk.last}")
            partitions = {RANGE_START: chunk.first.isoformat(), RANGE_END: chunk.last.isoformat()}
            runs.append(
                days_job.execute_in_process(
                    instance=instance,
                    tags=tags | partitions,
                    resources={"scoring_desk": desk},
                    run_config=QUIET,
                    raise_on_error=False,
                )
            )
        if all(run.success for run in runs):  # marts over a day that failed its checks would not be audited marts
            on_stage("marts")
            marts = marts_job.execute_in_process(instance=instance, tags=tags, run_config=QUIET, raise_on_error=False)
            runs.append(marts)
    return _backfilled(settings, lake, days, runs)


@contextmanager
def _output_in(log: Path) -> Generator[None]:
    """What dbt prints goes to a file: hundreds of lines that nobody asked for."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file, redirect_stdout(file):
        yield


def _backfilled(settings: Settings, lake: Lake, done: Chunk, runs: Sequence[dg.ExecuteInProcessResult]) -> Backfilled:
    """What the lake and the ledger say of these days and runs."""
    version = scorer_in_use(settings).judge_version
    statuses, rules = Counter[str](), Counter[str]()
    for day in done.days:
        judged = lake.read_day("judgements", day, scorer=version)
        statuses.update(judged["status"])
        rules.update(rule for failed in judged["ineligible_rules"] if failed for rule in failed.split(","))
    run_ids = [run.run_id for run in runs]
    rejected = lake.read("rejected").filter(pl.col("extraction_run_id").is_in(run_ids)).height
    with open_cache(settings.cache_url) as cache:
        calls = cache.calls_of(run_ids)
    failures = Counter(_failures(runs))
    lines = tuple(line if times == 1 else f"{line}, {times} times" for line, times in failures.items())
    return Backfilled(statuses, rules, rejected, calls.attempts, calls.cost_usd, lines)


def _failures(runs: Sequence[dg.ExecuteInProcessResult]) -> Iterator[str]:
    """One line for every step or blocking check that failed."""
    for run in runs:
        told = False
        for event in run.all_events:
            if event.event_type_value == CHECKED and not event.asset_check_evaluation_data.passed:
                check = event.asset_check_evaluation_data
                summary = check.metadata["summary"].value if "summary" in check.metadata else "failed"
                told = True
                yield f"check {check.asset_key.to_user_string()}:{check.check_name}: {summary} (run {run.run_id})"
            elif event.is_step_failure and not _is_failed_check(event):
                error = event.step_failure_data.error
                cause = (error.cause or error) if error else None
                told = True
                yield f"{event.step_key}: {cause.message.strip() if cause else 'failed'} (run {run.run_id})"
        if not run.success and not told:
            yield f"run {run.run_id} failed"


def _is_failed_check(event: dg.DagsterEvent) -> bool:
    """True for the failure of a step whose check has said already what is wrong."""
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"
