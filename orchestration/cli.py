"""`cxscore`: the platform from the command line, on the same Dagster instance as the UI.

Commands only parse, call and print. Exit codes: 0 done, 1 failed, 2 wrong use or setting, 3 done with a warning.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from orchestration.batch_cli import batch_app
from orchestration.bias_cli import bias
from orchestration.cache_cli import cache_app
from orchestration.calibrate_cli import calibrate
from orchestration.console import FAILED, WARNING, err, out, progress_of, read_settings
from orchestration.environment import environment
from orchestration.forgetting.forget_cli import forget
from orchestration.postgres_cli import postgres
from orchestration.reconcile_cli import reconcile
from orchestration.review.review_cli import review_app
from orchestration.settings import Settings
from orchestration.sources.chosen import DEMO_WEEKS
from orchestration.validation_cli import labels_app, validate
from orchestration.write_back.write_back_cli import write_back

if TYPE_CHECKING:
    from orchestration.backfill import Backfilled

UNFINISHED = ("model_error", "pending", "budget_stopped")

app = typer.Typer(
    name="cxscore",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    help="Scores every helpdesk conversation, shows why, and compares itself honestly with surveyed CSAT.",
)
app.add_typer(cache_app, name="cache")
app.add_typer(batch_app, name="batch")
app.add_typer(labels_app, name="labels")
app.add_typer(review_app, name="review")
app.command(epilog="Example: `cxscore postgres --no-build`")(postgres)
app.command(epilog="Example: `cxscore validate --labels gold.jsonl --judge local --html report.html`")(validate)
app.command(epilog="Example: `cxscore bias --labels labels.jsonl --html bias.html`")(bias)
app.command(epilog="Example: `cxscore reconcile --from 2026-03-02 --to 2026-03-08`")(reconcile)
app.command(epilog="Example: `cxscore write-back --from 2026-03-02 --to 2026-03-08`")(write_back)
app.command(epilog="Example: `cxscore forget --customer 5f1c --dry-run`")(forget)
app.command(epilog="Example: `cxscore calibrate --labels labels.jsonl --out scorers/mine`")(calibrate)

FirstDay = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First update day, in UTC.")]
LastDay = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last update day, included.")]


@app.command(epilog="Example: `cxscore demo --weeks 2`")
def demo(
    weeks: Annotated[int, typer.Option(min=1, max=DEMO_WEEKS, help="How many weeks of the demo helpdesk to run.")] = 4,
) -> None:
    """Runs the whole platform on built-in demo data: no key, no server, some three minutes."""
    from orchestration.sources.demo.source import FIRST_MONDAY  # noqa: PLC0415

    # Whatever is set: a demo calls nobody and costs nothing.
    free = {"CX_SOURCE": "demo", "CX_JUDGE": "local", "CX_WORKSPACES": os.devnull}
    with environment(free), read_settings() as settings:
        _run(settings, FIRST_MONDAY, FIRST_MONDAY + timedelta(days=7 * weeks - 1))


@app.command(epilog="Example: `cxscore backfill --from 2026-03-02 --to 2026-03-29`")
def backfill(
    first: FirstDay,
    last: LastDay,
    *,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try refused conversations and broken answers again.")
    ] = False,
) -> None:
    """Extracts, scores and publishes the update days from `--from` to `--to`; what is cached is not paid again."""
    with _days(first, last) as (settings, days):
        _run(settings, days[0], days[-1], retry_failed=retry_failed)


@app.command(epilog="Example: `cxscore rescore --from 2026-03-02 --to 2026-03-29`")
def rescore(first: FirstDay, last: LastDay) -> None:
    """Scores the update days anew with the weights in use, from the claims the lake holds: no judge is called."""
    from orchestration.backfill import rescore as run  # noqa: PLC0415  Dagster and dbt take seconds to import

    with _days(first, last) as (settings, days):
        out.print(f"Rescoring {len(days)} days from {days[0]} to {days[-1]} from stored claims")
        with err.status("starting") as status:
            done = run(settings, days[0], days[-1], on_stage=status.update)
        _finish(settings, done)


@app.command(epilog="Example: `cxscore plan --from 2026-03-02 --to 2026-03-29`")
def plan(
    first: FirstDay,
    last: LastDay,
    *,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Count refused conversations and broken answers too.")
    ] = False,
) -> None:
    """Shows the calls, tokens and money that judging the days would take now; spends nothing, changes no table."""
    from orchestration.plan import plan as plan_days  # noqa: PLC0415  sources take a moment to import
    from orchestration.plan_table import plan_table  # noqa: PLC0415

    with _days(first, last) as (settings, days):
        with err.status(f"reading {len(days)} days"):
            planned = plan_days(settings, days, retry_failed=retry_failed)
        out.print(plan_table(planned, settings))
        limit = settings.budget_usd_per_run
        if limit is not None and (planned.likely_usd or 0.0) > limit:
            err.print(f"[yellow]warning[/] more than CX_BUDGET_USD_PER_RUN ({limit:g} USD): the rest would wait")
            raise typer.Exit(WARNING)


@app.command(epilog="Example: `cxscore doctor --checksums`")
def doctor(
    *,
    checksums: Annotated[
        bool, typer.Option("--checksums", help="Also a checksum of every lake table, equal for equal rows.")
    ] = False,
    call: Annotated[
        bool,
        typer.Option("--call", help="Ask each endpoint about an invented conversation: some 7,000 tokens."),
    ] = False,
) -> None:
    """Shows what is set, what is reachable and what is missing; spends nothing without `--call`."""
    from orchestration.doctor import examine, settings_table  # noqa: PLC0415

    with read_settings() as settings:
        out.print(settings_table(settings))
        findings = examine(settings, checksums=checksums, call=call)
        for finding in findings:
            out.print(
                f"{'[green]ok[/]' if finding.ok else '[red]missing[/]'}  {finding.what}: {escape(finding.detail)}"
            )
        if not all(finding.ok for finding in findings):
            raise typer.Exit(FAILED)


def _run(settings: Settings, first: date, last: date, *, retry_failed: bool = False) -> None:
    from orchestration.backfill import backfill as run  # noqa: PLC0415  Dagster and dbt take seconds to import
    from orchestration.scoring import DayProgress  # noqa: PLC0415

    days = (last - first).days + 1
    out.print(f"Source [b]{settings.source}[/], judge [b]{settings.judge}[/], {days} days from {first} to {last}")
    with progress_of("days") as progress:
        bar = progress.add_task("starting", total=days)
        finished: set[str] = set()

        def on_judging(at: DayProgress) -> None:
            if at.judged >= at.todo:
                finished.add(at.day)
            share = 0 if at.day in finished else at.judged / at.todo
            progress.update(bar, completed=len(finished) + share, description=f"judging {at.day} {at.judged}/{at.todo}")

        done = run(
            settings,
            first,
            last,
            retry_failed=retry_failed,
            on_judging=on_judging,
            on_stage=lambda stage: progress.update(bar, description=stage),
        )
    _finish(settings, done)


@contextmanager
def _days(first: datetime, last: datetime) -> Generator[tuple[Settings, list[date]]]:
    """The settings and the days of a command; days that cannot be run are refused with exit code 2."""
    if last < first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    if last.date() >= datetime.now(UTC).date():
        raise typer.BadParameter("only days that are over in UTC can be run: yesterday is the last", param_hint="--to")
    with read_settings() as settings:
        if first.date() < settings.start_date:
            raise typer.BadParameter(f"lies before CX_START_DATE ({settings.start_date})", param_hint="--from")
        yield settings, [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]


def _finish(settings: Settings, done: "Backfilled") -> None:
    """What a run came to: its failures with exit code 1, or the weekly table and the summary."""
    from orchestration.weekly_table import weekly_table  # noqa: PLC0415  DuckDB takes a moment to import

    if done.failures:
        for line in done.failures:
            err.print(f"[red]failed[/] {line}", highlight=False)
        raise typer.Exit(FAILED)
    out.print(weekly_table(settings.published_dir))
    _summary(settings, done)


def _summary(settings: Settings, done: "Backfilled") -> None:
    """What became of every conversation version, what it cost, and where to look; exits with 3 on a warning."""
    counts = ", ".join(f"{count:,} {status}" for status, count in done.statuses.most_common())
    cost = "unknown" if done.cost_usd is None else f"{done.cost_usd:.4f} USD"
    out.print(f"Conversation versions: {counts or 'none'}. Judge calls: {done.judge_calls:,}, cost {cost}.")
    if done.ineligible_rules:
        rules = ", ".join(f"{rule.replace('_', ' ')} {count:,}" for rule, count in done.ineligible_rules.most_common(4))
        out.print(f"Ineligible versions, by rule: {rules}. Counted, never averaged in.", soft_wrap=True)
    if settings.judge_in_use == "local":
        out.print("The local judge is a baseline without a model: good to try the platform, not to steer by.")
    places = {
        "marts for BI": settings.published_dir / "marts.duckdb",
        "one Parquet per mart": settings.published_dir,
        "lake": settings.lake_url,
        "audit pages": settings.home / "data_docs" / "index.html",
        "runs in the UI": "make dev, then http://localhost:3000",
    }
    for what, where in places.items():
        out.print(f"  {what:22}{where}", highlight=False, soft_wrap=True)
    unfinished = sum(done.statuses[status] for status in UNFINISHED)
    if unfinished:
        err.print(f"[yellow]warning[/] {unfinished:,} versions are not scored yet; the next run tries them again")
    if done.rejected:
        err.print(f"[yellow]warning[/] {done.rejected:,} records were rejected; see the lake table `rejected`")
    if unfinished or done.rejected:
        raise typer.Exit(WARNING)
