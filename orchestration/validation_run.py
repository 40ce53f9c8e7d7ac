"""One validation from labels to verdict, for the command line and for Dagster alike."""

from pathlib import Path
from typing import NamedTuple

from orchestration.judges import scorer_of
from orchestration.labels import Unusable, labelled_set, read_labels
from orchestration.lake import Lake
from orchestration.settings import Settings
from orchestration.validation import RERUN, Told, nobody, validate
from orchestration.validation_store import read_report, stored_report, thresholds_of
from scoring_ops.validation.gate import GateVerdict, release_gate
from scoring_ops.validation.report import ValidationReport


class Validated(NamedTuple):
    """A report, what the release gate says of it, and the records of the label file that could not be used."""

    report: ValidationReport
    verdict: GateVerdict
    unusable: tuple[Unusable, ...]


def validated(
    settings: Settings,
    labels: Path,
    *,
    in_use: Settings | None = None,
    baseline: Path | None = None,
    rerun: int = RERUN,
    told: Told = nobody,
) -> Validated:
    """Validates the scorer of the settings on a file of labels.

    Args:
        settings: say which scorer is validated.
        labels: a file or a folder of labels.
        in_use: the settings of the version in use: its stored report is what to compare with.
        baseline: another report to compare with.
        rerun: how many conversations the judge is asked about twice.
        told: hears how far it has come.

    Raises:
        SettingError: labels, a scorer, a report or thresholds that cannot be used.
    """
    thresholds = thresholds_of(settings)
    other = read_report(baseline) if baseline is not None else _report_in_use(settings, in_use or settings)
    labelled = labelled_set(read_labels(labels), settings.workspace_id, Lake(settings.lake_url))
    report = validate(settings, labelled, baseline=other, rerun=rerun, told=told)
    return Validated(report, release_gate(report, thresholds), labelled.unusable)


def _report_in_use(settings: Settings, in_use: Settings) -> ValidationReport | None:
    """The stored report of the version in use, None where that is the one to validate, or has none."""
    version = scorer_of(in_use).scorer_version
    return None if version == scorer_of(settings).scorer_version else stored_report(in_use.home, version)
