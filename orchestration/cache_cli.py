"""`cxscore cache`: what the judgement cache holds, and pruning it. Commands only parse, call and print."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from orchestration.console import WRONG_USE, err, out, read_settings

cache_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="What was asked and paid: look at it, prune it."
)


@cache_app.command(epilog="Example: `cxscore cache stats`")
def stats() -> None:
    """Shows answers, failures, tokens and money of every judge in the cache; spends nothing."""
    from orchestration.judges import scorer_of  # noqa: PLC0415  the SDK takes a second to import
    from scoring_ops.cache import open_cache  # noqa: PLC0415
    from scoring_ops.cache_upkeep import stats as stats_of  # noqa: PLC0415

    with read_settings() as settings:
        in_use = scorer_of(settings).judge_version
        table = Table(box=None, title="Judgement cache", title_justify="left")
        for name in ("judge", "answers", "no answer", "attempts", "tokens in", "tokens out", "USD", "last used"):
            table.add_column(name, justify="left" if name in {"judge", "no answer", "last used"} else "right")
        with open_cache(settings.cache_url) as cache:
            judges = stats_of(cache)
        for judge in judges:
            failed = ", ".join(f"{number:,} {status}" for status, number in sorted(judge.outcomes.items()))
            asked = f", {judge.leased:,} being asked" if judge.leased else ""
            table.add_row(
                f"{judge.judge_version}{' (in use)' if judge.judge_version == in_use else ''}",
                f"{judge.answers:,}{asked}",
                failed or "-",
                f"{judge.attempts:,}",
                f"{judge.input_tokens:,}",
                f"{judge.output_tokens:,}",
                "unknown" if judge.cost_usd is None else f"{judge.cost_usd:.4f}",
                "-" if judge.last_at is None else f"{judge.last_at:%Y-%m-%d %H:%M} UTC",
            )
        out.print(table if judges else "The cache is empty: nothing has been judged yet.")


@cache_app.command(epilog="Example: `cxscore cache prune --unused --before 2026-01-01 --apply`")
def prune(
    *,
    judge: Annotated[str | None, typer.Option(help="Only answers of this judge version.")] = None,
    unused: Annotated[bool, typer.Option("--unused", help="Answers of all judges but the one in use.")] = False,
    before: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only answers given before this UTC day.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Remove them; without it they are only counted.")] = False,
) -> None:
    """Removes answers from the cache. What is removed is paid again when it is asked again; the ledger stays."""
    from orchestration.judges import scorer_of  # noqa: PLC0415  the SDK takes a second to import
    from scoring_ops.cache import open_cache  # noqa: PLC0415
    from scoring_ops.cache_upkeep import prune as prune_answers  # noqa: PLC0415

    if not (judge or unused or before):
        err.print("[red]wrong use[/] say what to prune: --unused, --judge VERSION or --before DAY")
        raise typer.Exit(WRONG_USE)
    with read_settings() as settings:
        but = scorer_of(settings).judge_version if unused else None
        moment = before.replace(tzinfo=UTC) if before else None
        with open_cache(settings.cache_url) as cache:
            gone = prune_answers(cache, judge_version=judge, but=but, before=moment, apply=apply)
    verb = "Removed" if apply else "Would remove"
    out.print(f"{verb} {gone.answers:,} answers and {gone.outcomes:,} outcomes.{'' if apply else ' Add --apply to.'}")
