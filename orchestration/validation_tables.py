"""What `cxscore labels agreement` and `cxscore validate` print: figures, with what people reach beside them."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from orchestration.labels import Unusable
from scoring_ops.validation.agreement import Agreement
from scoring_ops.validation.figures import ClassFigures
from scoring_ops.validation.gate import GateVerdict
from scoring_ops.validation.report import ValidationReport

SHOWN = 5  # unusable records that are named
LEFT = frozenset({"question", "conversations", "class", "reviewers of"})


def agreement_table(found: Sequence[Agreement]) -> Table:
    """A row per question, and one of its clear conversations."""
    table = _table(
        "How well people agree",
        "question conversations n reviewers negative kappa alpha one~v.~another one~v.~rest half~v.~half",
    )
    for one in found:
        kappa, alpha = _number(one.quadratic_kappa), _number(one.krippendorff_alpha)
        people, clear = one.people, one.people_clear
        table.add_row(
            one.question, "all", f"{one.n:,}", f"{one.reviewers}", f"{one.negative:,}", kappa, alpha,
            *map(_number, (people.human_v_human, people.one_v_rest, people.half_v_half)),
        )  # fmt: skip
        table.add_row(
            "", "clear", f"{one.clear:,}", "", "", "", "",
            *map(_number, (clear.human_v_human, clear.one_v_rest, clear.half_v_half)),
        )  # fmt: skip
    table.caption = (
        "F1 of the negative class in the last three columns; the last one a judge can be held to, where there is one."
    )
    return table


def print_report(out: Console, report: ValidationReport, verdict: GateVerdict, *, stored: bool) -> None:
    """The figures of a report and its verdict."""
    out.print(f"[b]{report.scorer_version}[/] on {report.labels}: {report.n:,} conversations", highlight=False)
    table = _table("", "conversations class n precision recall F1 95~% people macro~F1 kappa Spearman")
    for name, figures in (("all", report.all), ("clear", report.clear)):
        if figures is not None:
            whole = map(_number, (figures.macro_f1, figures.kappa, figures.spearman))
            table.add_row(name, "negative", *_class(figures.negative), _number(figures.people.ceiling), *whole)
            if figures.positive is not None:
                table.add_row("", "positive", *_class(figures.positive), "", "", "", "")
    for question, figures in report.dimensions.items():
        whole = map(_number, (figures.macro_f1, figures.kappa, figures.spearman))
        name = question.replace("_", " ")
        table.add_row(name, "negative", *_class(figures.negative), _number(figures.people.ceiling), *whole)
    out.print(table)
    for line in _lines(report):
        out.print(line, highlight=False, soft_wrap=True)
    kept = " The report is stored." if stored else ""
    out.print(f"{'[green]passes[/]' if verdict.passed else '[red]fails[/]'} the release gate.{kept}")
    for finding in verdict.findings:
        out.print(
            f"  {'[green]ok[/]  ' if finding.passed else '[red]fails[/]'} {finding}", highlight=False, soft_wrap=True
        )


def tell_unusable(err: Console, unusable: Sequence[Unusable]) -> bool:
    """Names some of the records that could not be used; True where there are any."""
    for one in unusable[:SHOWN]:
        err.print(
            f"[yellow]warning[/] {one.ref}: {one.rule}: {one.detail}", highlight=False, markup=True, soft_wrap=True
        )
    if len(unusable) > SHOWN:
        err.print(f"[yellow]warning[/] {len(unusable) - SHOWN:,} more records could not be used")
    return bool(unusable)


def _lines(report: ValidationReport) -> Iterable[str]:
    evidence, calibration, rerun, other = report.evidence, report.calibration, report.rerun, report.comparison
    yield f"Claims proven: {evidence.proven:,} of {evidence.claims:,}. Calibration error: {_number(calibration.ece)}."
    if rerun is not None:
        yield f"Asked again about {rerun.n:,}: {rerun.changed:,} other scores, {rerun.flipped:,} of them across 3 / 4."
    if other is not None:
        yield (
            f"Against {other.baseline} on {other.n:,} conversations: F1 {_signed(other.f1_difference)} "
            f"({_signed(other.low)} to {_signed(other.high)}); right alone {other.only_this_right:,} v. "
            f"{other.only_baseline_right:,}, McNemar p {other.p:.3f}."
        )
    if report.unscored:
        yield "Without a score: " + ", ".join(f"{n:,} {status}" for status, n in report.unscored.items()) + "."
    if report.taught:
        yield (
            f"[red]{report.taught:,} of the conversations taught this scorer[/]: figures say how well it remembers; "
            "the release gate does not take them."
        )
    if report.ineligible:
        yield f"{report.ineligible:,} of the conversations would not be scored in a run: they are ineligible."


def _class(one: ClassFigures) -> tuple[str, ...]:
    interval = "-" if one.low is None else f"{_number(one.low)}-{_number(one.high)}"
    return (f"{one.n:,}", *map(_number, (one.precision, one.recall, one.f1)), interval)


def _table(title: str, columns: str) -> Table:
    table = Table(box=None, title=title or None, title_justify="left", caption_justify="left")
    for column in columns.split():
        name = column.replace("~", " ")
        table.add_column(name, justify="left" if name in LEFT else "right")
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"
