"""`cxscore bias`: what must not move a score, and whether it does. The command only parses, calls and prints."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from pydantic_core import to_json
from rich.table import Table

from orchestration.console import FAILED, err, out, read_settings
from orchestration.validation_cli import chosen_scorer, labels_path

if TYPE_CHECKING:
    from orchestration.bias import BiasReport
    from scoring_ops.bias.effects import Interval

SEED = 20250106


def bias(
    *,
    labels: Annotated[Path | None, typer.Option(help="Conversations: a labels file or folder; else CX_LABELS.")] = None,
    other: Annotated[Path | None, typer.Option(help="The same conversations in another language.")] = None,
    judge: Annotated[str | None, typer.Option(help="local, openai or replay; CX_JUDGE where left out.")] = None,
    scorer: Annotated[Path | None, typer.Option(help="Folder of a scorer; CX_SCORER where left out.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many conversations, drawn at random.")] = None,
    json: Annotated[Path | None, typer.Option(help="Writes the report as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Writes the report as one page.")] = None,
) -> None:
    """Changes what must not matter (who answered, names, a plea for 5, length) and shows how far scores move.

    Each conversation is judged some ten times; answers are cached. Exit code 1 where a check fails.
    """
    from orchestration.bias import bias_report, copies_of  # noqa: PLC0415  numpy takes a moment to import
    from orchestration.labels import labelled_set, read_labels  # noqa: PLC0415
    from orchestration.lake import Lake  # noqa: PLC0415

    with read_settings():
        settings = chosen_scorer(judge, scorer)
        lake = Lake(settings.lake_url)
        chosen = labelled_set(read_labels(labels_path(labels, settings)), settings.workspace_id, lake)
        twins = None if other is None else labelled_set(read_labels(other), settings.workspace_id, lake)
        if sample is not None and sample < len(chosen.labelled):
            drawn = random.Random(SEED).sample(chosen.labelled, sample)  # noqa: S311  a sample, no secret
            chosen = chosen._replace(labelled=tuple(drawn))
        copies = 2 * sum(map(len, copies_of(chosen.labelled).values()))
        err.print(f"{len(chosen.labelled):,} conversations and {copies:,} copies, judge {settings.judge}")
        with err.status("judging") as status:
            report = bias_report(
                settings, chosen, twins, lambda what, at, of: status.update(f"{what} {at:,} of {of:,}")
            )
        _print(report)
        if json is not None:
            json.parent.mkdir(parents=True, exist_ok=True)
            json.write_bytes(to_json({**_named(report), "passed": report.passed}, indent=1))
        if html is not None:
            from orchestration.bias_page import bias_page  # noqa: PLC0415

            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(bias_page(report), encoding="utf-8")
        if not report.passed:
            raise typer.Exit(FAILED)


def _named(values: tuple[object, ...]) -> dict[str, object]:
    """A named tuple as a mapping, all the way down: JSON would make a list of it."""
    fields = cast("dict[str, object]", cast("Any", values)._asdict())
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: object) -> object:
    if not isinstance(value, tuple):
        return value
    values = cast("tuple[object, ...]", value)
    return _named(values) if hasattr(values, "_asdict") else [_plain(one) for one in values]


def _print(report: "BiasReport") -> None:
    table = Table(box=None, title=f"{report.scorer_version} on {report.labels}", title_justify="left")
    for name in ("check", "n", "mean change", "scores changed", "cross 3|4", ""):
        table.add_column(name, justify="left" if name in {"check", ""} else "right")
    verdicts = {True: "[green]passes[/]", False: "[red]fails[/]", None: "too few"}
    for one in report.effects:
        shift = told(one.shift) if one.shift else "-"
        table.add_row(one.what, f"{one.n:,}", shift, f"{one.changed:.1%}", f"{one.flips:.1%}", verdicts[one.passed])
    out.print(table)
    for slope in report.slopes:
        held = "what people said held fixed" if slope.controlled else "as it is"
        out.print(f"{slope.name}: {told(slope.slope)} points per {slope.unit}, {held} (n {slope.n:,})")
    if (found := report.languages) is not None:
        kappa = "-" if found.quadratic_kappa is None else f"{found.quadratic_kappa:.3f}"
        out.print(
            f"two languages: {found.n:,} pairs, the same score {found.exact:.1%}, within one {found.within_one:.1%}, "
            f"quadratic kappa {kappa}, mean difference {told(found.shift)}; negative {found.negative_one:,} and "
            f"{found.negative_other:,}, both {found.negative_both:,}"
        )


def told(interval: "Interval") -> str:
    """A figure with its interval."""
    return f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
