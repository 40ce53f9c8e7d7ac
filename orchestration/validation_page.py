"""A validation report as one page: what a support leader reads before trusting a scorer, and what to mend in it.

Self-contained: no script, nothing from another host. All texts are masked, and escaped here.
"""

from collections.abc import Iterable, Sequence
from html import escape

from expectations.page import head
from orchestration.validation_plots import calibration_plot, negative_f1_plot
from scoring_ops.validation.disagreements import Disagreement
from scoring_ops.validation.figures import ClassFigures, Figures
from scoring_ops.validation.gate import GateVerdict
from scoring_ops.validation.report import SlicedFigures, ValidationReport

_RULES = """
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; } .wide table { font-size: .85rem; } .wide td, .wide th { padding: .25rem .45rem; }
.ok { color: #17692e; } .no { color: #a11212; } .verdict { font-size: 1.2rem; font-weight: 600; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; }
summary { cursor: pointer; padding: .3rem 0; } details { border-top: 1px solid #ccc; }
blockquote { margin: .2rem 0 .2rem 1rem; padding-left: .6rem; border-left: 3px solid #ccc; overflow-wrap: anywhere; }
.said { margin: .3rem 0; overflow-wrap: anywhere; } .customer { background: #eef4fb; padding: .1rem .4rem; }
"""


def validation_page(report: ValidationReport, verdict: GateVerdict) -> str:
    """The page of a report with its verdict."""
    parts = (
        f"<h1>Validation of {escape(report.scorer_version)}</h1>",
        _against(report),
        _verdict(verdict),
        _headline(report),
        _plots(report),
        _matrix(report),
        _slices("Slices of all conversations", report.all),
        _slices("Slices of the clear conversations", report.clear),
        _people(report),
        _soundness(report),
        _disagreements(report.disagreements),
    )
    return f"{head('Validation report', _RULES)}<body>{''.join(parts)}</body></html>\n"


def _against(report: ValidationReport) -> str:
    labels = f"{escape(report.labels)} (sha256 {report.labels_sha256[:16]})"
    return f"<p>Against {labels}, {report.n:,} conversations with a score, {report.made_at:%Y-%m-%d %H:%M} UTC.</p>"


def _verdict(verdict: GateVerdict) -> str:
    said = '<span class="ok">passes</span>' if verdict.passed else '<span class="no">fails</span>'
    rows = (
        (_mark(passed=f.passed), escape(f.rule), _found(f.found), _found(f.needed), escape(f.detail))
        for f in verdict.findings
    )
    table = _table(("", "rule", "found", "needed", ""), rows, numbers=(2, 3))
    return f'<p class="verdict">This version {said} the release gate.</p>{table}'


def _mark(*, passed: bool) -> str:
    return '<span class="ok">passed</span>' if passed else '<span class="no">failed</span>'


def _headline(report: ValidationReport) -> str:
    rows: list[tuple[str, ...]] = []
    for name, figures in (("all", report.all), ("clear", report.clear)):
        rows += _figure_rows(name, figures) if figures else []
    for question, figures in report.dimensions.items():
        rows += _figure_rows(question.replace("_", " "), figures)
    columns = (
        "conversations", "class", "n", "precision", "recall", "F1", "95 %", "people", "accuracy", "macro-F1", "95 %",
        "kappa", "95 %", "Spearman", "95 %",
    )  # fmt: skip
    return (
        "<h2>Figures</h2><p>Negative is a score of 1 or 2. Clear are conversations on which the reviewers were not on "
        "the fence. People: the F1 that a second group of people reaches.</p>"
        + _table(columns, rows, numbers=range(2, len(columns)))
    )


def _figure_rows(name: str, figures: Figures) -> list[tuple[str, ...]]:
    f = figures
    whole = (
        _number(f.people.ceiling), _number(f.accuracy), _number(f.macro_f1), _range(f.macro_f1_low, f.macro_f1_high),
        _number(f.kappa), _range(f.kappa_low, f.kappa_high), _number(f.spearman),
        _range(f.spearman_low, f.spearman_high),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [(escape(name), "negative", *_class(f.negative), *whole)]
    if f.positive is not None:
        rows.append(("", "positive", *_class(f.positive), *("" for _ in whole)))
    return rows


def _class(one: ClassFigures) -> tuple[str, ...]:
    rates = (_number(one.precision), _number(one.recall), _number(one.f1))
    return (f"{one.n:,}", *rates, _range(one.low, one.high))


def _plots(report: ValidationReport) -> str:
    if report.all is None:
        return ""
    by_score = _table(
        ("score", "conversations", "called negative by people", "mean of people"),
        (
            (str(b.score), f"{b.n:,}", f"{b.negative_share:.1%}", _number(b.people_mean))
            for b in report.calibration.by_score
        ),
        numbers=range(4),
    )
    return (
        f'<h2>Negative class by slice</h2><div class="wide">{negative_f1_plot(report)}</div>'
        f"<h2>Calibration</h2><p>Expected calibration error {_number(report.calibration.ece)}: how far confidence is "
        f"from the share that is right.</p>{calibration_plot(report.calibration)}{by_score}"
    )


def _matrix(report: ValidationReport) -> str:
    total = sum(map(sum, report.confusion))
    if not total:
        return ""
    rows = (
        (f"people {n}", *(f"{cell:,}" if cell else "" for cell in row))
        for n, row in enumerate(report.confusion, start=1)
    )
    return "<h2>People and scores</h2>" + _table(("", *(f"score {n}" for n in range(1, 6))), rows, numbers=range(1, 6))


def _slices(title: str, figures: SlicedFigures | None) -> str:
    if figures is None:
        return ""
    columns = (
        "slice",
        "",
        "n",
        "negative",
        "precision",
        "recall",
        "F1",
        "95 %",
        "people",
        "macro-F1",
        "kappa",
        "Spearman",
    )
    rows = ((s.kind, escape(s.value), f"{s.n:,}", *_class(s.negative), *map(_number, _rest(s))) for s in figures.slices)
    return f"<h2>{title}</h2>" + _table(columns, rows, numbers=range(2, len(columns)))


def _rest(figures: Figures) -> tuple[float | None, ...]:
    return figures.people.ceiling, figures.macro_f1, figures.kappa, figures.spearman


def _people(report: ValidationReport) -> str:
    columns = (
        "question", "n", "reviewers", "quadratic kappa", "Krippendorff's alpha", "one v. another", "one v. the rest",
        "half v. half", "clear: one v. the rest", "clear: half v. half",
    )  # fmt: skip
    rows = (
        (
            a.question.replace("_", " "), f"{a.n:,}", str(a.reviewers), _number(a.quadratic_kappa),
            _number(a.krippendorff_alpha), _number(a.people.human_v_human), _number(a.people.one_v_rest),
            _number(a.people.half_v_half), _number(a.people_clear.one_v_rest), _number(a.people_clear.half_v_half),
        )
        for a in report.agreement
    )  # fmt: skip
    return "<h2>How well people agree</h2><p>The last five are F1 of the negative class.</p>" + _table(
        columns, rows, numbers=range(1, len(columns))
    )


def _soundness(report: ValidationReport) -> str:
    evidence, rerun, other = report.evidence, report.rerun, report.comparison
    lines = [f"Claims proven by a quote: {evidence.proven:,} of {evidence.claims:,} ({_number(evidence.rate)})."]
    if rerun is not None:
        lines.append(
            f"Asked again about {rerun.n:,} conversations: {rerun.changed:,} other scores, {rerun.flipped:,} of them "
            f"across 3 / 4 (rate {_number(rerun.flip_rate)})."
        )
    if other is not None:
        lines.append(
            f"Against {escape(other.baseline)} on {other.n:,} conversations: F1 difference "
            f"{_number(other.f1_difference)} ({_range(other.low, other.high)}); right alone {other.only_this_right:,} "
            f"v. {other.only_baseline_right:,}, McNemar p {_number(other.p)}."
        )
    if report.unscored:
        lines.append("Without a score: " + ", ".join(f"{n:,} {status}" for status, n in report.unscored.items()) + ".")
    lines.append(f"{report.unusable:,} label records could not be used; {report.ineligible:,} of the conversations "
                 "would not be scored in a run.")  # fmt: skip
    return "<h2>Soundness</h2><ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _disagreements(found: Sequence[Disagreement]) -> str:
    return "<h2>Worst disagreements</h2>" + "".join(map(_disagreement, found)) if found else ""


def _disagreement(one: Disagreement) -> str:
    people = "negative or not only" if one.people is None else f"{one.people:.2f}"
    what = "missed negative" if one.kind == "missed" else "false alarm"
    reasons = _table(
        ("dimension", "value", "weight", "quote"),
        ((r.dimension, escape(r.value), f"{r.weight:+.2f}", escape(r.quote)) for r in one.reasons),
        numbers=(2,),
    )
    said = "".join(
        f'<p class="said {turn.author_type}"><b>{turn.number} {turn.author_type.replace("_", " ")}</b> '
        f"{escape(turn.text)}</p>"
        for turn in one.turns
    )
    return (
        f"<details><summary><b>{what}</b>: people {people}, score {one.score} (raw {one.raw_score:.2f}), "
        f"{escape(one.key)}{'' if one.clear else ', on the fence'}</summary>"
        f"<blockquote>{escape(one.grounds)}</blockquote>{reasons}{said}</details>"
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    right = frozenset(numbers)

    def line(cells: Sequence[str], tag: str) -> str:
        cell = (f"<{tag}{' class=n' if n in right else ''}>{text}</{tag}>" for n, text in enumerate(cells))
        return f"<tr>{''.join(cell)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f'<div class="wide"><table>{line(columns, "th")}{body}</table></div>'


def _range(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _found(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else _number(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
