"""`cxscore batch`: days at half price through the provider's Batch API. Commands only parse, call and print."""

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from orchestration.console import FAILED, WARNING, err, out, read_settings

if TYPE_CHECKING:
    from orchestration.batches import BatchDesk, Estimate
    from scoring_ops.batch_collection import Collected
    from scoring_ops.batch_store import Batch

LOOK_EVERY = 60.0  # seconds; a batch takes minutes to hours
STATES_SHOWN = 20

batch_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Judge days at half price, within a day: the Batch API."
)


@batch_app.command(epilog="Example: `cxscore batch submit --from 2026-03-02 --to 2026-03-29 --dry-run`")
def submit(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First update day, in UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last update day, included.")],
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many conversations now.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would send and cost.")] = False,
) -> None:
    """Submits what the days in the lake hold and the cache has not settled; a normal run then finds the answers."""
    if last < first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    days = [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]
    with _desk() as desk:
        with err.status(f"reading {len(days)} days"):
            estimate = desk.estimate(days, limit)
        _tell_estimate(estimate)
        if not dry_run and estimate.requests:
            _submit(desk, days, limit)
        if estimate.absent:
            err.print(f"[yellow]warning[/] {estimate.absent:,} days are not in the lake: extract them first")
            raise typer.Exit(WARNING)


@batch_app.command(epilog="Example: `cxscore batch status`")
def status() -> None:
    """Shows the last batches and, for those that run, what the provider says; spends nothing."""
    with _desk() as desk:
        told = {polled.batch.batch_id: polled.told for polled in desk.poll()}
        table = Table(box=None)
        for name in ("batch", "submitted", "state", "requests", "done", "USD", "detail"):
            table.add_column(name, justify="right" if name in {"requests", "done", "USD"} else "left")
        for batch in desk.batches()[-STATES_SHOWN:]:
            now = told.get(batch.batch_id)
            table.add_row(
                batch.batch_id,
                f"{batch.created_at:%Y-%m-%d %H:%M} UTC",
                now.status if now else batch.state,
                f"{batch.requests:,}",
                f"{now.completed:,}" if now else "",
                "" if batch.cost_usd is None else f"{batch.cost_usd:.4f}",
                batch.detail,
            )
        out.print(table if table.row_count else "No batch has been submitted yet.")


@batch_app.command(epilog="Example: `cxscore batch collect --wait`")
def collect(
    *, wait: Annotated[bool, typer.Option("--wait", help="Look every minute until all batches have ended.")] = False
) -> None:
    """Takes the results of batches that have ended into the cache; what has none is left to the next run."""
    with _desk() as desk:
        left = sum(_tell_collected(done) for done in desk.collect())
        while wait and (running := desk.unfinished()):
            with err.status(f"{len(running)} batches are running"):
                time.sleep(LOOK_EVERY)
            left += sum(_tell_collected(done) for done in desk.collect())
        running = desk.unfinished()
        out.print(f"{len(running)} batches are still running." if running else "No batch is running.")
        if left or running:
            raise typer.Exit(WARNING)


@batch_app.command(epilog="Example: `cxscore batch cancel 3f2a91c07b5d4e6f8a9b0c1d`")
def cancel(batch: Annotated[str | None, typer.Argument(help="The batch; all that run if left out.")] = None) -> None:
    """Asks the provider to stop; what was done by then is kept and paid, once it is collected."""
    with _desk() as desk:
        stopped = desk.cancel(batch)
        out.print(f"Asked to stop {_named(stopped)}. Collect in some minutes." if stopped else "No such batch runs.")
        if not stopped:
            raise typer.Exit(FAILED)


def _submit(desk: "BatchDesk", days: Sequence[date], limit: int | None) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("writing", total=None)
        done = desk.submit(
            days,
            f"batch-{uuid4().hex}",
            limit=limit,
            on_writing=lambda count: progress.update(bar, description=f"{count:,} requests"),
            on_upload=lambda read, of: progress.update(bar, completed=read, total=of),
        )
    out.print(f"Submitted {done.requests:,} conversations: {_named(done.batches) if done.batches else 'no batch'}.")
    out.print("Results come within a day: `cxscore batch collect`, then `cxscore backfill` over the same days.")
    if done.unaffordable:
        err.print(f"[yellow]warning[/] {done.unaffordable:,} conversations are left: the budget is spent or set aside")
        raise typer.Exit(WARNING)


def _tell_estimate(estimate: "Estimate") -> None:
    money = "unknown (no price)"
    if estimate.likely_usd is not None and estimate.most_usd is not None:
        money = f"likely {estimate.likely_usd:,.4f} USD, at most {estimate.most_usd:,.4f}"
    out.print(f"{estimate.requests:,} conversations to submit, {estimate.bytes / 1e6:,.1f} MB. Batch price: {money}.")
    if estimate.long:
        out.print(f"{estimate.long:,} long conversations take several requests: a normal run asks about them.")


def _tell_collected(done: "Collected") -> int:
    """Prints what came of a batch; returns how many of its conversations are left to the next run."""
    left = done.batch.requests - done.statuses["scored"] - done.statuses["refused"]
    cost = "unknown" if done.cost_usd is None else f"{done.cost_usd:.4f} USD"
    counts = ", ".join(f"{count:,} {status or 'without a result'}" for status, count in done.statuses.most_common())
    out.print(f"Batch {done.batch.batch_id} {done.status}: {counts or 'nothing'}; cost {cost}. {done.detail}".rstrip())
    if left:
        err.print(f"[yellow]warning[/] {left:,} conversations are left to the next run")
    return left


def _named(batches: "Iterable[Batch]") -> str:
    return ", ".join(batch.batch_id for batch in batches)


@contextmanager
def _desk() -> "Generator[BatchDesk]":
    """The desk of the settings; what provider or cache cannot do is one line and exit code 1."""
    from orchestration.batches import BatchDesk  # noqa: PLC0415  the SDK takes a second to import
    from scoring_ops.cache import CacheError  # noqa: PLC0415
    from scoring_ops.judges.batch import ProviderError  # noqa: PLC0415

    with read_settings() as settings:
        try:
            with BatchDesk(settings) as desk:
                yield desk
        except (ProviderError, CacheError) as error:
            err.print(f"[red]failed[/] {error}", highlight=False, soft_wrap=True)
            raise typer.Exit(FAILED) from None
