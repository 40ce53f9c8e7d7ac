"""`cxscore forget`: one person removed from every place. The command only parses, asks, calls and prints."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.console import FAILED, err, out, read_settings
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.forgetting.forget import Forgetting
    from orchestration.forgetting.traces import Person


def forget(
    *,
    customer: Annotated[str, typer.Option(help="The customer's id in the helpdesk.")],
    workspace: Annotated[str | None, typer.Option(help="Only in this workspace.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Removes a customer and all their conversations from every place, and searches all of them for what is left.

    Lake, private zone, raw pages, cache, warehouse, published marts, PostgreSQL. It cannot be undone. Run it while
    nothing else runs.

    Exit codes: 0 nothing is left, 1 something is left or failed, or nobody of this id is there.
    """
    from orchestration.forgetting.traces import Person, traces_of  # noqa: PLC0415  data frames take a moment to import
    from orchestration.lake import Lake  # noqa: PLC0415

    person = Person(customer, workspace, source)
    with read_settings() as settings:
        lake = Lake(settings.lake_url)
        traces = traces_of(lake, person)
        where = ", ".join(f"{place[0]}/{place[1]}" for place in traces.places) or "none"
        out.print(f"Conversations of customer {customer}: {traces.conversations.height:,} (workspace/source: {where})")
        if traces.shared:
            out.print(f"{len(traces.shared):,} of their transcripts are word for word somebody else's: answers stay.")
        if dry_run:
            return
        if not yes and traces.conversations.height:
            typer.confirm("Remove them for good?", abort=True)
        _forget(settings, person)


def _forget(settings: Settings, person: "Person") -> None:
    from orchestration.dbt import DbtError  # noqa: PLC0415  Dagster and dbt take seconds to import
    from orchestration.forgetting import forget as forgetting  # noqa: PLC0415
    from orchestration.postgres import PostgresError  # noqa: PLC0415

    try:
        with err.status("starting") as status:
            done = forgetting.forget(settings, person, datetime.now(UTC), lambda: _build(settings), status.update)
    except (forgetting.UnknownPerson, DbtError, PostgresError) as error:
        err.print(f"[red]failed[/] {error}", highlight=False)
        raise typer.Exit(FAILED) from None
    _show(done)
    if not done.is_done:
        raise typer.Exit(FAILED)


def _build(settings: Settings) -> tuple[str, ...]:
    """The marts from the lake as it is now, in every database that has some."""
    from orchestration.backfill import build_marts  # noqa: PLC0415  Dagster and dbt take seconds to import
    from orchestration.dbt import build_in_postgres, prepare_lake  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.postgres import load_lake  # noqa: PLC0415

    if settings.postgres_url is not None:
        lake = Lake(settings.lake_url)
        prepare_lake(settings, lake)
        load_lake(lake, settings.postgres_url.get_secret_value())
        build_in_postgres(settings)
    return build_marts(settings) if settings.warehouse_path.exists() else ()


def _show(done: "Forgetting") -> None:
    table = Table(box=None, title="Removed", title_justify="left", show_header=False)
    for name, rows in sorted(done.rows.items()):
        table.add_row(f"lake {name}", f"{rows:,} rows")
    table.add_row("raw pages", f"{done.pages:,}")
    table.add_row("answers in the cache", f"{done.answers:,}")
    out.print(table)
    for line in done.failures:
        err.print(f"[red]failed[/] {line}", highlight=False)
    if done.rows_left:
        err.print(f"[red]left[/] {done.rows_left:,} rows in the lake")
    for hit in done.left:
        err.print(f"[red]left[/] {hit.where}: {hit.found:,} strings", highlight=False)
    if done.is_done:
        out.print(f"Searched every place for {done.looked_for:,} strings that were theirs alone: [green]none found[/].")
