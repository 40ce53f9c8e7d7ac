"""`cxscore write-back`: scores as attributes of the helpdesk's own conversations. Only parses, calls and prints."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import FAILED, WRONG_USE, err, out, read_settings
from orchestration.settings import Settings

SHOWN = 5


def write_back(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First update day, in UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last update day, included.")],
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write; without it the command only says what would be.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many conversations of each workspace.")] = None,
) -> None:
    """Writes score, reasons and scorer version to the conversations in Intercom or the tickets in Zendesk.

    Nothing is written without `--apply` and `CX_WRITE_BACK=true`. Given twice it writes once.
    """
    from orchestration.sources.protocol import SourceError  # noqa: PLC0415  clients take a moment to import
    from orchestration.workspaces import sources_of  # noqa: PLC0415

    if last < first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    days = [first.date() + timedelta(days=n) for n in range((last - first).days + 1)]
    with read_settings() as settings:
        if apply and not settings.write_back:
            err.print("[red]wrong setting[/] CX_WRITE_BACK: is false; set it to true to write to the helpdesk")
            raise typer.Exit(WRONG_USE)
        helpdesks = [one for one in sources_of(settings) if one.source in {"intercom", "zendesk"}]
        if not helpdesks:
            err.print("[red]wrong setting[/] CX_SOURCE: scores can be written back to intercom and zendesk alone")
            raise typer.Exit(WRONG_USE)
        for one in helpdesks:
            try:
                _write(one, days, apply=apply, limit=limit)
            except SourceError as error:
                err.print(f"[red]failed[/] {escape(str(error))}", highlight=False, soft_wrap=True)
                raise typer.Exit(FAILED) from None


def _write(settings: Settings, days: list[date], *, apply: bool, limit: int | None) -> None:
    from orchestration.judges import scorer_in_use  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.sources.chosen import helpdesk_api  # noqa: PLC0415
    from orchestration.workspaces import champion_of, workspaces_of  # noqa: PLC0415
    from orchestration.write_back.targets import IntercomTarget, ZendeskTarget  # noqa: PLC0415
    from orchestration.write_back.write_back import latest_scores, write_back  # noqa: PLC0415

    own = next((one for one in workspaces_of(settings) if one.id == settings.workspace_id), None)
    scorer = champion_of(own, settings) if own else scorer_in_use(settings)
    lake = Lake(settings.lake_url)
    scores = latest_scores(lake, days, scorer.scorer_version, settings.workspace_id, settings.source)[:limit]
    outcomes = Counter[str]()
    with helpdesk_api(settings) as api, err.status("asking what the helpdesk holds") as status:
        target = IntercomTarget(api) if settings.source == "intercom" else ZendeskTarget(api)
        for done in write_back(target, scores, apply=apply):
            outcomes[done.outcome] += 1
            status.update(f"{outcomes.total():,} of {len(scores):,} conversations")
            if done.outcome == "would write" and outcomes["would write"] <= SHOWN:
                score = done.score
                line = f"  {score.conversation_id}: {score.score}, {score.values['cxs_reasons']} ({score.version})"
                out.print(line, highlight=False, soft_wrap=True, markup=False)
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items())) or "no scores"
    out.print(f"{settings.workspace_id}/{settings.source}: {counts}.")
    if outcomes["would write"]:
        out.print("Nothing was written: add --apply, with CX_WRITE_BACK=true.")
