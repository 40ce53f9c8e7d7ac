"""Stored validation reports: one per scorer version under `$CX_HOME/validation`, and what the release gate says of it.

A stored report decides whether a version counts as validated. It holds no text of a conversation. The gate is asked
anew each time, so that other thresholds need no other report.
"""

import os
from pathlib import Path

from pydantic import ValidationError

from orchestration.lake import slug
from orchestration.settings import SettingError, Settings
from scoring_ops.validation.gate import GateError, GateVerdict, Thresholds, load_thresholds, release_gate
from scoring_ops.validation.report import FORMAT, ValidationReport

FOLDER = "validation"
THRESHOLDS_FILE = "gate.toml"


def report_path(home: Path, scorer_version: str) -> Path:
    """Where the report of a version lies; the name is the version itself where that is a plain one."""
    return home / FOLDER / f"{slug(scorer_version)}.json"


def store_report(home: Path, report: ValidationReport) -> Path:
    """Writes the report of its version, whole or not at all; one that was there is replaced."""
    path = report_path(home, report.scorer_version)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(report.without_texts().model_dump_json(indent=1), encoding="utf-8")
    partial.replace(path)
    return path


def read_report(path: Path) -> ValidationReport:
    """A report that was written with `--json` or stored.

    Raises:
        SettingError: it cannot be read, or is none of this version's form.
    """
    try:
        report = ValidationReport.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SettingError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingError(f"{path}: no validation report: {where}: {first['msg']}") from error
    if report.format != FORMAT:
        raise SettingError(f"{path}: a validation report of form {report.format}; this version reads {FORMAT}")
    return report


def stored_report(home: Path, scorer_version: str) -> ValidationReport | None:
    """The report of a version, None where it was never validated.

    Raises:
        SettingError: a file that is no report, or that of another version.
    """
    path = report_path(home, scorer_version)
    if not path.exists():
        return None
    report = read_report(path)
    if report.scorer_version != scorer_version:
        raise SettingError(f"{path}: the report is of scorer version {report.scorer_version}")
    return report


def thresholds_of(settings: Settings) -> Thresholds:
    """The thresholds in force.

    Raises:
        SettingError: a `gate.toml` of one's own that cannot be used.
    """
    try:
        return load_thresholds(settings.home / THRESHOLDS_FILE)
    except GateError as error:
        raise SettingError(f"CX_RELEASE_GATE: {error}") from error


def verdict_of(settings: Settings, scorer_version: str) -> GateVerdict | None:
    """What the release gate says of a version; None where it was never validated.

    Raises:
        SettingError: a report or thresholds that cannot be used.
    """
    report = stored_report(settings.home, scorer_version)
    return None if report is None else release_gate(report, thresholds_of(settings))
