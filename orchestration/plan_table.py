"""A plan as a table for people: what there is, what would be asked, and what that takes."""

from rich.table import Table

from orchestration.plan import Plan
from orchestration.settings import Settings


def plan_table(plan: Plan, settings: Settings) -> Table:
    """The plan, one line per figure, with the likely and the most side by side."""
    table = Table(box=None, title=f"Plan for judge {settings.judge}", title_justify="left", show_header=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("note", style="dim")
    from_source = f"{plan.from_source:,} days are not in the lake yet and were read from the source"
    table.add_row("conversation versions", f"{plan.versions:,}", from_source if plan.from_source else "")
    table.add_row("ineligible", f"{plan.ineligible:,}", "never asked about")
    table.add_row("settled", f"{plan.settled:,}", "answered before, refused for good, or the same words as another")
    table.add_row("conversations to ask about", f"{plan.calls:,}", "")
    learnt = f"likely by {plan.earlier_answers:,} earlier answers" if plan.earlier_answers else "likely: a guess"
    table.add_row("input tokens", _both(plan.likely.input_tokens, plan.most.input_tokens), f"{learnt}; and the most")
    table.add_row("output tokens", _both(plan.likely.output_tokens, plan.most.output_tokens), "")
    table.add_row("US dollars", _money(plan), "the most is with every repair at full length")
    return table


def _both(likely: int | None, most: int | None) -> str:
    return f"{likely or 0:,} / {most or 0:,}"


def _money(plan: Plan) -> str:
    if plan.likely_usd is None or plan.most_usd is None:
        return "unknown (no price)"
    return f"{plan.likely_usd:,.4f} / {plan.most_usd:,.4f}"
