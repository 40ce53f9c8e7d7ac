"""`cxscore labels` and `cxscore validate`: how well people agree, and how well a scorer agrees with them.

Commands only parse, call and print. What is printed is drawn in `validation_tables.py`.
"""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from orchestration.console import WARNING, err, out, progress_of, read_settings
from orchestration.environment import environment
from orchestration.settings import SettingError, Settings, load_settings

RERUN = 100

labels_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="What people said: read it, weigh it.")


@labels_app.command(epilog="Example: `cxscore labels agreement gold.jsonl`")
def agreement(
    file: Annotated[Path, typer.Argument(help="Labels: .jsonl, .jsonl.gz, .csv, .parquet, or a folder of them.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Shows how well people agree with each other, and so what a judge can be asked to reach; calls no judge."""
    from orchestration.labels import read_labels  # noqa: PLC0415  polars takes a moment to import
    from orchestration.validation_tables import agreement_table, tell_unusable  # noqa: PLC0415
    from scoring_ops.validation.agreement import Agreement, agreements  # noqa: PLC0415

    with read_settings():
        read = read_labels(file)
        found = agreements(list(read.labels.values()))
        if json:
            typer.echo(TypeAdapter(tuple[Agreement, ...]).dump_json(found, indent=1).decode())
        else:
            out.print(agreement_table(found))
        if tell_unusable(err, read.unusable) or not found:
            raise typer.Exit(WARNING)


def validate(
    *,
    labels: Annotated[Path | None, typer.Option(help="Labels: a file or a folder; CX_LABELS where left out.")] = None,
    judge: Annotated[str | None, typer.Option(help="local, openai or replay; CX_JUDGE where left out.")] = None,
    scorer: Annotated[Path | None, typer.Option(help="Folder of a scorer; CX_SCORER where left out.")] = None,
    json: Annotated[Path | None, typer.Option(help="Writes the report as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Writes the report as one page.")] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Report to compare with; the stored one of the version in use where left out.")
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Keep the report: it decides whether the version is validated.")
    ] = False,
    rerun: Annotated[int, typer.Option(min=0, help="So many conversations are asked about twice.")] = RERUN,
) -> None:
    """Holds a scorer against what people said: the negative class first, and whether it passes the release gate."""
    from orchestration.validation_tables import print_report, tell_unusable  # noqa: PLC0415  numpy, polars

    with read_settings() as in_use:
        settings = chosen_scorer(judge, scorer)
        path = labels_path(labels, settings)
        from orchestration.validation_run import validated  # noqa: PLC0415

        with progress_of("conversations") as progress:
            bar = progress.add_task("reading", total=None)
            done = validated(
                settings,
                path,
                in_use=in_use,
                baseline=baseline,
                rerun=rerun,
                told=lambda what, at, of: progress.update(bar, description=what, completed=at, total=of),
            )
        if json is not None:
            json.parent.mkdir(parents=True, exist_ok=True)
            json.write_text(done.report.model_dump_json(indent=1), encoding="utf-8")
        if html is not None:
            from orchestration.validation_page import validation_page  # noqa: PLC0415

            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(validation_page(done.report, done.verdict), encoding="utf-8")
        if store:
            from orchestration.validation_store import store_report  # noqa: PLC0415

            store_report(settings.home, done.report)
        print_report(out, done.report, done.verdict, stored=store)
        if tell_unusable(err, done.unusable) or done.report.unscored:
            raise typer.Exit(WARNING)


def labels_path(given: Path | None, settings: Settings) -> Path:
    """The labels that were named, else those of the settings.

    Raises:
        SettingError: none are.
    """
    path = given or settings.labels
    if path is None:
        raise SettingError("CX_LABELS: name a file of labels, here or with --labels")
    return path


def chosen_scorer(judge: str | None, scorer: Path | None) -> Settings:
    """The settings with the scorer that was asked for, checked as all settings are; the environment stays as it was."""
    chosen = {"CX_JUDGE": judge, "CX_SCORER": None if scorer is None else str(scorer)}
    given = {name: value for name, value in chosen.items() if value is not None}
    with environment(given):
        return load_settings()
