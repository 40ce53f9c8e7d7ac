"""The release gate as a check: every champion has a stored report that passes."""

import dagster as dg

from orchestration.judges import scorer_of
from orchestration.keys import VALIDATION_REPORT
from orchestration.settings import Settings
from orchestration.validation_store import verdict_of
from orchestration.workspaces import champions_of
from scoring_ops.validation.gate import GateVerdict


def release_gate(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Fails where a champion has no passing report: an error under CX_RELEASE_GATE=enforce, else a warning."""
    versions = [scorer_of(champion).scorer_version for champion in champions_of(settings)]
    verdicts = {version: verdict_of(settings, version) for version in versions}
    failing = [
        f"{version}: {_why(verdict)}" for version, verdict in verdicts.items() if not (verdict and verdict.passed)
    ]
    rows = "\n".join(
        f"| {version} | {finding.rule} | {'passed' if finding.passed else 'failed'} | {finding} |"
        for version, verdict in verdicts.items()
        for finding in (verdict.findings if verdict else ())
    )
    return dg.AssetCheckResult(
        passed=not failing,
        severity=dg.AssetCheckSeverity.ERROR if settings.release_gate == "enforce" else dg.AssetCheckSeverity.WARN,
        metadata={
            "summary": dg.MetadataValue.text("; ".join(failing) or f"{len(versions)} scorer versions are validated"),
            "rules": dg.MetadataValue.md(f"| scorer | rule | | found |\n| --- | --- | --- | --- |\n{rows}"),
        },
    )


@dg.definitions
def validation_checks() -> dg.Definitions:
    """One blocking check."""
    decorate = dg.asset_check(
        asset=VALIDATION_REPORT,
        name="release_gate",
        blocking=True,
        description="Every champion has a validation report that passes the release gate.",
    )
    return dg.Definitions(asset_checks=[decorate(release_gate)])


def _why(verdict: GateVerdict | None) -> str:
    return "no validation report" if verdict is None else verdict.summary
