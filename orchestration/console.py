"""What all commands share: where they print, their exit codes, and how they read the settings."""

import logging
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestration.settings import SettingError, Settings, load_settings

FAILED, WRONG_USE, WARNING = 1, 2, 3

out = Console(width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True)


def progress_of(unit: str) -> Progress:
    """A bar of `unit` done and to do, on the error stream, gone when the work is."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )


@contextmanager
def read_settings() -> Generator[Settings]:
    """The settings, quiet libraries, and one clear line where a setting is wrong (2) or the cache fails (1)."""
    for name in ("dagster", "great_expectations", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    try:
        yield load_settings()
    except SettingError as error:
        err.print(f"[red]wrong setting[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USE) from None
    except RuntimeError as error:
        from scoring_ops.cache import CacheError  # noqa: PLC0415  the database library takes a while to import

        if not isinstance(error, CacheError):
            raise
        err.print(f"[red]failed[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(FAILED) from None
