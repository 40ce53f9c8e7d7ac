"""`cxscore reconcile`: what source and lake have of each day. The command only parses, calls and prints."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic_core import to_json
from rich.table import Table

from orchestration.console import FAILED, WARNING, err, out, read_settings

if TYPE_CHECKING:
    from orchestration.reconcile import DayCounts


def reconcile(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First update day, in UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last update day, included.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Counts conversation versions in the source and in the lake, day by day; changes nothing.

    Exit codes: 0 nothing is missing, 1 the source cannot be read, 3 the lake lacks versions: extract their days again.
    """
    from orchestration.lake import Lake  # noqa: PLC0415  data frames take a moment to import
    from orchestration.reconcile import reconcile as count  # noqa: PLC0415
    from orchestration.sources.chosen import check_source, chosen_source  # noqa: PLC0415
    from orchestration.sources.protocol import SourceError  # noqa: PLC0415

    if last < first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    days = [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]
    with read_settings() as settings:
        check_source(settings)
        try:
            with err.status(f"listing {len(days)} days in the source"):
                counts = count(chosen_source(settings), Lake(settings.lake_url), days)
        except SourceError as error:
            err.print(f"[red]failed[/] {error}", highlight=False, soft_wrap=True)
            raise typer.Exit(FAILED) from None
    if as_json:
        out.print_json(to_json([one._asdict() for one in counts]).decode())
    else:
        out.print(_table(counts))
        _close(counts, days)
    if any(one.missing for one in counts):
        raise typer.Exit(WARNING)


def _table(counts: "Sequence[DayCounts]") -> Table:
    table = Table(box=None, title="Conversation versions by update day", title_justify="left", show_footer=True)
    columns = ("in_source", "in_lake", "missing", "superseded", "rejected")
    for name in ("day", "workspace", "source"):
        table.add_column(name, footer="all" if name == "day" else "")
    for name in columns:
        total = sum(getattr(one, name) for one in counts)
        table.add_column(name.replace("_", " "), footer=f"{total:,}", justify="right")
    table.add_column("missing, for example")
    for one in counts:
        numbers = (f"{getattr(one, name):,}" for name in columns)
        style = "red" if one.missing else None
        table.add_row(str(one.day), one.workspace_id, one.source, *numbers, ", ".join(one.examples), style=style)
    return table


def _close(counts: "Sequence[DayCounts]", days: list[date]) -> None:
    lacking = sorted({one.day for one in counts if one.missing})
    if not counts:
        out.print(f"Neither source nor lake has anything from {days[0]} to {days[-1]}.")
    elif lacking:
        err.print(
            f"[yellow]warning[/] the lake lacks versions of {len(lacking)} days: "
            f"`cxscore backfill --from {lacking[0]} --to {lacking[-1]}` brings them",
            soft_wrap=True,
        )
    else:
        out.print("Nothing is missing.")
