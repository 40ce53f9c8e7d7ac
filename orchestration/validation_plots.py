"""Plots of a validation report as SVG: small, with text in them, and readable without any script or host."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from scoring_ops.validation.reliability import Calibration
from scoring_ops.validation.report import ValidationReport

WIDTH, ROW, LABELS, NUMBERS = 720, 26, 230, 110
SIDE, MARGIN = 300, 44
INK, PALE, MARK, PEOPLE = "#222", "#ccc", "#1f5fa8", "#a35a00"
Point = tuple[float, float]
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)


class Bar(NamedTuple):
    """One row of a plot: a rate with its interval, and what people reach."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    people: float | None


def negative_f1_plot(report: ValidationReport) -> str:
    """F1 of the negative class with its interval, for the whole and every slice of the clear conversations."""
    bars: list[Bar] = []
    for name, figures in (("all conversations", report.all), ("clear conversations", report.clear)):
        if figures is not None:
            negative = figures.negative
            label = f"{name} (n {figures.n:,})"
            bars.append(Bar(label, negative.f1, negative.low, negative.high, figures.people.ceiling))
    for part in report.clear.slices if report.clear else ():
        negative, label = part.negative, f"{part.kind}: {part.value} (n {part.n:,})"
        bars.append(Bar(label, negative.f1, negative.low, negative.high, part.people.ceiling))
    return bars_plot(bars, "F1 of the negative class with 95 % intervals; the orange line is what people reach")


def bars_plot(bars: Sequence[Bar], title: str) -> str:
    """A row per rate: a dot, its interval as a line, and a mark where people are."""
    height = ROW * len(bars) + 34
    bottom = height - 22
    parts = [
        _text(x := _x(tick), height - 6, f"{tick:g}", "middle") + _line((x, 6), (x, bottom), PALE) for tick in TICKS
    ]
    for row, bar in enumerate(bars):
        y = 6 + ROW * row + ROW / 2
        parts.append(_text(LABELS - 10, y + 4, bar.label, "end"))
        if bar.low is not None and bar.high is not None:
            parts.append(_line((_x(bar.low), y), (_x(bar.high), y), MARK, 3))
        if bar.value is not None:
            parts.append(f'<circle cx="{_x(bar.value):.1f}" cy="{y:.1f}" r="5" fill="{MARK}"/>')
            parts.append(_text(WIDTH - NUMBERS + 14, y + 4, _figures(bar), "start"))
        if bar.people is not None:
            parts.append(_line((_x(bar.people), y - 9), (_x(bar.people), y + 9), PEOPLE, 3))
    return _svg(WIDTH, height, title, parts)


def calibration_plot(calibration: Calibration) -> str:
    """How often scores are right by how sure they are; on the diagonal confidence means what it says."""
    size = SIDE + 2 * MARGIN
    parts = [_line(_at(0, 0), _at(1, 1), PALE, 2)]
    for tick in TICKS:
        parts.append(_text(_at(tick, 0)[0], _at(0, 0)[1] + 16, f"{tick:g}", "middle"))
        parts.append(_text(_at(0, 0)[0] - 8, _at(0, tick)[1] + 4, f"{tick:g}", "end"))
    parts += [_line(_at(0, 0), _at(1, 0), INK), _line(_at(0, 0), _at(0, 1), INK)]
    parts.append(_text(size / 2, size - 8, "confidence of the score", "middle"))
    parts.append(_text(_at(0, 1)[0] - 30, _at(0, 1)[1] - 14, "share that is right", "start"))
    total = sum(point.n for point in calibration.curve) or 1
    points = [_at(point.confidence, point.right) for point in calibration.curve]
    if points:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{MARK}" stroke-width="2"/>')
    for (x, y), point in zip(points, calibration.curve, strict=True):
        radius = 3 + 14 * (point.n / total) ** 0.5
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{MARK}" fill-opacity=".6">'
            f"<title>{point.n:,} conversations</title></circle>"
        )
    return _svg(size, size, "Share of right scores by their confidence; a dot is as large as its bin", parts)


def _figures(bar: Bar) -> str:
    beside = "" if bar.people is None else f" / {bar.people:.2f}"
    return f"{bar.value:.2f}{beside}"


def _x(rate: float) -> float:
    return LABELS + rate * (WIDTH - LABELS - NUMBERS)


def _at(x: float, y: float) -> Point:
    return MARGIN + x * SIDE, MARGIN + (1 - y) * SIDE


def _line(start: Point, end: Point, colour: str, width: float = 1) -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" font-family="system-ui, sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
