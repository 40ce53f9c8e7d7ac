"""`cxscore review`: sheets for people, their answers, and labels from them. Commands only parse, call and print."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.console import FAILED, WARNING, err, out, read_settings

MOST = 50

review_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="People's second look: read, override, check quotes."
)


@review_app.command(epilog="Example: `cxscore review export --out week.html --most 40`")
def export(
    to: Annotated[Path, typer.Option("--out", help="The page (.html) or the sheets (.jsonl) to write.")],
    *,
    most: Annotated[int, typer.Option(min=1, help="At most so many conversations.")] = MOST,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Only weeks that start on this day or later."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Only weeks that start on this day or sooner.")
    ] = None,
    conversation: Annotated[
        list[str] | None, typer.Option(help="This one instead of the queue; may be given several times.")
    ] = None,
) -> None:
    """Writes sheets for people: what waits in the calibration queue, with a control drawn by chance and read blind."""
    from orchestration.lake import Lake  # noqa: PLC0415  data frames take a moment to import
    from orchestration.review.drawing import drawn_by_name, drawn_from_queue, sheets_of  # noqa: PLC0415
    from orchestration.review.page import review_page  # noqa: PLC0415

    if to.suffix not in {".html", ".jsonl"}:
        raise typer.BadParameter("ends neither in .html nor in .jsonl", param_hint="--out")
    with read_settings() as settings:
        lake = Lake(settings.lake_url)
        if conversation:
            drawn = drawn_by_name(settings, lake, conversation)
        else:
            drawn = drawn_from_queue(settings, most, first and first.date(), last and last.date())
        sheets = sheets_of(lake, drawn)
        if not sheets:
            err.print("[yellow]warning[/] nothing waits in the queue")
            raise typer.Exit(WARNING)
        to.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{sheet.model_dump_json()}\n" for sheet in sheets)
        to.write_text(review_page(sheets) if to.suffix == ".html" else lines, encoding="utf-8")
        blind = sum(not sheet.saw_score for sheet in sheets)
        out.print(f"{len(sheets)} conversations in {to}, {blind} of them blind; texts are masked, treat them with care")


@review_app.command("import", epilog="Example: `cxscore review import review-ana.jsonl`")
def take(
    file: Annotated[Path, typer.Argument(help="Answers: .jsonl, or a folder of such files.")],
    *,
    reviewer: Annotated[str, typer.Option(help="Whose answers those are that name nobody.")] = "",
) -> None:
    """Keeps answers in the lake beside the machine's scores; the next build shows them in the marts.

    Exit code 3 where a record could not be used; each is named with its rule, and the others are kept.
    """
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.review.answers import import_reviews  # noqa: PLC0415
    from orchestration.validation_tables import tell_unusable  # noqa: PLC0415

    with read_settings() as settings:
        lake = Lake(settings.lake_url)
        lake.initialise()
        done = import_reviews(file, lake, datetime.now(UTC), reviewer.strip())
        out.print(
            f"{done.reviews} reviews kept, {done.overrides} of them with another score than the machine's; "
            f"{done.claims} claims checked; {done.blank} sheets left blank"
        )
        if tell_unusable(err, done.unusable):
            raise typer.Exit(WARNING)


@review_app.command(epilog="Example: `cxscore review labels --control --out gold.jsonl`")
def labels(
    to: Annotated[Path, typer.Option("--out", help="The labels file to write, .jsonl.")],
    *,
    control: Annotated[bool, typer.Option("--control", help="Only those drawn by chance and read blind.")] = False,
) -> None:
    """Writes what people decided as a labels file, for `validate`, `calibrate` and `labels agreement`."""
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.review.labels_file import write_labels  # noqa: PLC0415

    if to.suffix != ".jsonl":
        raise typer.BadParameter("does not end in .jsonl", param_hint="--out")
    with read_settings() as settings:
        written = write_labels(to, Lake(settings.lake_url), control_only=control)
        out.print(f"{written} reviews in {to}")
        if not written:
            err.print("[red]failed[/] nobody has reviewed anything yet: `cxscore review export`, then `import`")
            raise typer.Exit(FAILED)
