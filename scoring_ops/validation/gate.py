"""The release gate: whether a validation report lets a scorer version be the champion.

Rules are pure and their thresholds are in `gate.toml`. People are the limit: no version is asked for more than a second
group of people reaches on the same conversations. What follows from a verdict (`CX_RELEASE_GATE`) is not decided here.
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scoring_ops.validation.report import SlicedFigures, ValidationReport

Share = Field(ge=0, le=1)
SIGNIFICANT = 0.05


class GateError(ValueError):
    """Thresholds that cannot be used; the message names the file and the rule."""


class Thresholds(BaseModel):
    """What a version must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversations: Literal["all", "clear"]
    negatives: int = Field(ge=1)
    f1: float = Share
    f1_low: float = Share
    slice_n: int = Field(ge=1)
    slice_f1: float = Share
    evidence_valid: float = Share
    scored: float = Share


class GateFinding(BaseModel):
    """One rule: what was found, what is needed, and whether that is enough."""

    model_config = ConfigDict(frozen=True)

    rule: str
    passed: bool
    found: int | float | None
    needed: int | float | None
    detail: str = ""

    def __str__(self) -> str:
        found = "nothing" if self.found is None else _shown(self.found)
        needed = "" if self.needed is None else f", needed {_shown(self.needed)}"
        return f"{self.rule}: {found}{needed}{f' ({self.detail})' if self.detail else ''}"


class GateVerdict(BaseModel):
    """Whether a version passes, and every rule behind it."""

    model_config = ConfigDict(frozen=True)

    passed: bool
    findings: tuple[GateFinding, ...]

    @property
    def short(self) -> str:
        """Two words or three: that it passes, or how many rules it breaks."""
        broken = sum(not finding.passed for finding in self.findings)
        return "passes" if self.passed else f"fails {broken} of {len(self.findings)} rules"

    @property
    def summary(self) -> str:
        """One line: that it passes, or what it breaks."""
        broken = [str(finding) for finding in self.findings if not finding.passed]
        return f"passes the release gate ({len(self.findings)} rules)" if self.passed else "; ".join(broken)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def load_thresholds(own: Path) -> Thresholds:
    """The thresholds of a file of one's own where it exists, else those that ship.

    Raises:
        GateError: a file that is no TOML, or that names too little, too much or absurd values.
    """
    shipped = files("scoring_ops.validation") / "gate.toml"
    try:
        text = own.read_text(encoding="utf-8") if own.exists() else shipped.read_text(encoding="utf-8")
        return Thresholds.model_validate(tomllib.loads(text))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GateError(f"{own}: cannot be read ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise GateError(f"{own}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def release_gate(report: ValidationReport, thresholds: Thresholds) -> GateVerdict:
    """The verdict on a report; a report without labels of the whole passes nothing."""
    findings = tuple(_findings(report, thresholds))
    return GateVerdict(passed=all(finding.passed for finding in findings), findings=findings)


def _findings(report: ValidationReport, wanted: Thresholds) -> Iterator[GateFinding]:
    figures = report.clear if wanted.conversations == "clear" else report.all
    if figures is None:
        yield GateFinding(rule="labels", passed=False, found=None, needed=None, detail="none is about the whole")
    else:
        yield _at_least("negative conversations", figures.negative.n, wanted.negatives)
        yield from _f1_findings(figures, wanted)
        yield from _slice_findings(figures, wanted)
    yield _at_least("evidence valid", report.evidence.rate, wanted.evidence_valid)
    yield _at_least("scored", report.scored_share, wanted.scored)
    if report.taught:
        detail = "of the labelled conversations are those that it was calibrated on"
        yield GateFinding(rule="labels nobody tuned on", passed=False, found=report.taught, needed=0, detail=detail)
    yield _not_worse(report)


def _f1_findings(figures: SlicedFigures, wanted: Thresholds) -> Iterator[GateFinding]:
    needed, people = _within_reach(wanted.f1, figures.people.ceiling)
    yield _at_least("negative F1", figures.negative.f1, needed, people)
    lower = max(0.0, wanted.f1_low - (wanted.f1 - needed))
    yield _at_least("negative F1, lower bound", figures.negative.low, lower, people)


def _slice_findings(figures: SlicedFigures, wanted: Thresholds) -> Iterator[GateFinding]:
    """Slices without any negative on either side have no F1, and so nothing to be held to."""
    for part in figures.slices:
        if part.n >= wanted.slice_n and part.negative.f1 is not None:
            needed, people = _within_reach(wanted.slice_f1, part.people.ceiling)
            detail = f"n {part.n:,}, {part.negative.n:,} negative" + (f"; {people}" if people else "")
            yield _at_least(f"negative F1 of {part.kind} {part.value}", part.negative.f1, needed, detail)


def _within_reach(wanted: float, ceiling: float | None) -> tuple[float, str]:
    """What is wanted, or what people reach where that is less."""
    if ceiling is None or ceiling >= wanted:
        return wanted, ""
    return ceiling, f"people reach no more; wanted {wanted:.2f}"


def _at_least(rule: str, found: float | None, needed: float, detail: str = "") -> GateFinding:
    return GateFinding(
        rule=rule, passed=found is not None and found >= needed, found=found, needed=needed, detail=detail
    )


def _not_worse(report: ValidationReport) -> GateFinding:
    """Worse is a loss that chance does not explain: an F1 whose interval lies below, or McNemar's test lost."""
    rule, other = "not worse than the version in use", report.comparison
    if other is None or not other.n:
        return GateFinding(rule=rule, passed=True, found=None, needed=None, detail="no report of another to compare")
    lost = other.p < SIGNIFICANT and other.only_baseline_right > other.only_this_right
    worse = lost or (other.high is not None and other.high < 0)
    detail = f"F1 difference against {other.baseline} on {other.n:,} conversations, p {other.p:.3f}"
    return GateFinding(rule=rule, passed=not worse, found=other.f1_difference, needed=None, detail=detail)
