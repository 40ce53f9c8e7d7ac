"""Validation: how well every champion agrees with people, as a stored report and as plots in the UI.

Belongs to no day and to no job: materialise it when labels or the scorer have changed.
"""

import base64
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.keys import VALIDATION, VALIDATION_REPORT
from orchestration.settings import Settings
from orchestration.validation_page import validation_page
from orchestration.validation_plots import calibration_plot, negative_f1_plot
from orchestration.validation_run import Validated, validated
from orchestration.validation_store import report_path, store_report
from orchestration.workspaces import champions_of

NO_LABELS = "CX_LABELS is not set: there is nothing to validate against (docs/validation.md)"


def validation_report(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[Any]:
    """Validates every champion on the labels of CX_LABELS and stores the reports; says so where there are none."""
    if settings.labels is None:
        return dg.MaterializeResult(metadata={"summary": dg.MetadataValue.text(NO_LABELS)})
    reports = [validated(champion, settings.labels, in_use=settings) for champion in champions_of(settings)]
    for done in reports:
        path = store_report(settings.home, done.report)
        path.with_suffix(".html").write_text(validation_page(done.report.without_texts(), done.verdict), "utf-8")
    return dg.MaterializeResult(metadata=_metadata(reports, settings.home))


@dg.definitions
def validation() -> dg.Definitions:
    """The report; judging what is not cached yet takes a slot of the judge's pool."""
    decorate = dg.asset(
        key=VALIDATION_REPORT,
        group_name=VALIDATION,
        pool="llm",
        description="How well the scorers in use agree with people, on the labels of CX_LABELS.",
    )
    return dg.Definitions(assets=[decorate(validation_report)])


def _metadata(reports: list[Validated], home: Path) -> dict[str, dg.MetadataValue | int | float]:
    """Counts, figures and plots of the settings' own champion; a line for each."""
    own = reports[0].report
    figures = {
        f"{name}/{what}": value
        for name, part in (("all", own.all), ("clear", own.clear))
        if part is not None
        for what, value in (
            ("n", part.n),
            ("negative_f1", part.negative.f1),
            ("negative_f1_low", part.negative.low),
            ("negative_f1_of_people", part.people.ceiling),
        )
        if value is not None
    }
    verdicts = "\n".join(f"| {d.report.scorer_version} | {d.report.n} | {d.verdict.short} |" for d in reports)
    return {
        "scored": own.n,
        "unscored": sum(own.unscored.values()),
        "unusable_labels": own.unusable,
        **figures,
        "gate": dg.MetadataValue.md(f"| scorer | conversations | verdict |\n| --- | ---: | --- |\n{verdicts}"),
        "negative_class": _picture("F1 of the negative class by slice", negative_f1_plot(own)),
        "calibration": _picture("Calibration curve", calibration_plot(own.calibration)),
        "page": dg.MetadataValue.path(report_path(home, own.scorer_version).with_suffix(".html")),
    }


def _picture(title: str, svg: str) -> dg.MetadataValue:
    return dg.MetadataValue.md(f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})")
