"""`cxscore calibrate`: labelled conversations in, a scorer's folder out. Commands only parse, call and print."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.console import FAILED, WRONG_USE, err, out

Labels = Annotated[
    list[Path],
    typer.Option("--labels", exists=True, help="Labelled conversations, a file or a folder of them; repeatable."),
]
Out = Annotated[Path, typer.Option("--out", file_okay=False, help="The folder to write; must be new or empty.")]
Split = Annotated[
    Literal["hash", "time"], typer.Option(help="Figures by five folds, or on the latest fifth of the conversations.")
]


def calibrate(
    labels: Labels,
    folder: Out,
    *,
    split: Split = "hash",
    embed: Annotated[bool, typer.Option("--embed", help="With sentence vectors (extra `embedding`).")] = False,
    weights_only: Annotated[
        bool, typer.Option("--weights-only", help="Fit the scorecard alone, to the claims of the judge in use.")
    ] = False,
) -> None:
    """Trains the built-in judge and its scorecard on labels, measures it on conversations kept apart, writes a folder.

    Set `CX_SCORER` to the folder to score with it. Nothing leaves the machine.
    """
    from orchestration.calibration import CalibrationError, Wanted, calibrate_to  # noqa: PLC0415
    from orchestration.calibration_labels import LabelsError  # noqa: PLC0415

    if folder.exists() and any(folder.iterdir()):
        err.print(f"[red]wrong use[/] {escape(str(folder))} is not empty: a scorer is written once, under a new name")
        raise typer.Exit(WRONG_USE)
    try:
        with err.status("reading, training and measuring"):
            figures = calibrate_to(Wanted(tuple(labels), folder, split, embed=embed, weights_only=weights_only))
    except (CalibrationError, LabelsError) as error:
        err.print(f"[red]failed[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from error
    table = Table(box=None, title="On conversations kept apart", title_justify="left")
    for name in ("class", "conversations", "share", "precision", "recall", "F1"):
        table.add_column(name, justify="left" if name == "class" else "right")
    for f in figures:
        table.add_row(f.name, f"{f.n:,}", f"{f.share:.1%}", f"{f.precision:.3f}", f"{f.recall:.3f}", f"{f.f1:.3f}")
    out.print(table)
    out.print(f"Wrote {escape(str(folder))}: set CX_SCORER to it, and see its MODEL_CARD.md.")
