"""A bias report as one page: each check with its verdict, the slopes, and the agreement of two languages.

Self-contained: no script, nothing from another host, and no text of a conversation.
"""

from html import escape

from expectations.page import head
from orchestration.bias import BiasReport
from scoring_ops.bias.effects import MARGIN, MOST_FLIPS, Effect, Interval

_RULES = """
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ok { color: #17692e; } .no { color: #a11212; } .wide { overflow-x: auto; } svg { width: 14rem; height: 1.2rem; }
"""
_SPAN = 0.5  # score points to each side of the middle of a bar


def bias_page(report: BiasReport) -> str:
    """The page of a report."""
    verdict = '<span class="ok">No check fails.</span>' if report.passed else '<span class="no">A check fails.</span>'
    rows = "".join(map(_row, report.effects))
    slopes = "".join(
        f"<tr><td>{escape(s.name)} ({escape(s.unit)}){', what people said held fixed' if s.controlled else ''}</td>"
        f'<td class="n">{s.n:,}</td><td class="n">{_told(s.slope)}</td></tr>'
        for s in report.slopes
    )
    return (
        f"{head('Bias checks', _RULES)}<body><h1>Bias checks of {escape(report.scorer_version)}</h1>"
        f"<p>{verdict} {report.n:,} conversations of {escape(report.labels)}.</p>"
        "<p>Each conversation is scored in two copies that differ in one thing which must not matter. A check passes "
        f"where the 95 % interval of the mean change lies within {MARGIN} points and at most {MOST_FLIPS:.0%} cross "
        "between 3 and 4.</p>"
        '<div class="wide"><table><tr><th>what differs</th><th>n</th><th>mean change</th><th>within the margin?</th>'
        f"<th>scores changed</th><th>cross 3 and 4</th><th></th></tr>{rows}</table></div>"
        "<h2>Slopes</h2><p>A slope that vanishes when what people said is held fixed tells of the conversations; one "
        'that stays tells of the scorer.</p><div class="wide"><table><tr><th>of</th><th>n</th><th>points</th></tr>'
        f"{slopes}</table></div>{_languages(report)}</body></html>\n"
    )


def _row(one: Effect) -> str:
    verdict = {True: '<span class="ok">passes</span>', False: '<span class="no">fails</span>', None: "too few"}
    shift = _told(one.shift) if one.shift else "-"
    return (
        f'<tr><td>{escape(one.what)}</td><td class="n">{one.n:,}</td><td class="n">{shift}</td>'
        f'<td>{_bar(one.shift)}</td><td class="n">{one.changed:.1%}</td><td class="n">{one.flips:.1%}</td>'
        f"<td>{verdict[one.passed]}</td></tr>"
    )


def _bar(shift: Interval | None) -> str:
    """The interval as a line over the margin, 0 in the middle."""
    if shift is None:
        return ""

    def at(value: float) -> float:
        return 100 + 100 * max(-_SPAN, min(_SPAN, value)) / _SPAN

    left, right = at(-MARGIN), at(MARGIN)
    return (
        '<svg viewBox="0 0 200 16" role="img"><title>interval of the mean change over the margin</title>'
        f'<rect x="{left:.1f}" y="2" width="{right - left:.1f}" height="12" fill="#dcefe1"/>'
        '<line x1="100" y1="0" x2="100" y2="16" stroke="#888"/>'
        f'<line x1="{at(shift.low):.1f}" y1="8" x2="{at(shift.high):.1f}" y2="8" stroke="#1f4e8c" stroke-width="3"/>'
        f'<circle cx="{at(shift.value):.1f}" cy="8" r="4" fill="#1f4e8c"/></svg>'
    )


def _languages(report: BiasReport) -> str:
    found = report.languages
    if found is None:
        return ""
    kappa = "-" if found.quadratic_kappa is None else f"{found.quadratic_kappa:.3f}"
    return (
        "<h2>Two languages</h2>"
        f"<p>{found.n:,} conversations in both: the same score {found.exact:.1%}, within one {found.within_one:.1%}, "
        f"quadratic kappa {kappa}, mean difference {_told(found.shift)}. Negative in one {found.negative_one:,}, in "
        f"the other {found.negative_other:,}, in both {found.negative_both:,}.</p>"
    )


def _told(interval: Interval) -> str:
    return f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
