"""Figures of a benchmark: as a table for people, as JSON for comparing runs."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Figures(NamedTuple):
    """One table: rows of equal names, the first of which says what was measured."""

    title: str
    rows: list[dict[str, object]]


class Options(argparse.Namespace):
    """What every benchmark is told."""

    json: Path | None


def command(doc: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the module's docstring, its example included."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser


def show(figures: Figures) -> None:
    """Prints one table."""
    table = Table(title=figures.title, title_justify="left")
    names = list(figures.rows[0])
    for name in names:
        table.add_column(name, justify="left" if name == names[0] else "right")
    for row in figures.rows:
        table.add_row(*(_cell(row[name]) for name in names))
    Console(width=150).print(table)


def finish(measured: Sequence[Figures], path: Path | None) -> None:
    """Writes JSON where that was asked for; tables were shown as they came."""
    if path:
        path.write_text(json.dumps([figures._asdict() for figures in measured], indent=2), encoding="utf-8")


def met(reached: bool) -> str:
    """How a target came out."""
    return "met" if reached else "MISSED"


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "-" if value is None else str(value)
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
