"""The release gate: what it asks for, that people are its limit, and what it says where it refuses."""

from pathlib import Path

import pytest

from scoring_ops.validation.comparison import compared
from scoring_ops.validation.gate import GateError, GateVerdict, load_thresholds, release_gate
from scoring_ops.validation.labels import Verdict
from scoring_ops.validation.report import EvidenceRate, ValidationReport
from tests.scoring_ops.validation.report_builder import good_cases, make_case, make_report, rated

SHIPPED = load_thresholds(Path("none"))


def gate(report: ValidationReport) -> GateVerdict:
    return release_gate(report, SHIPPED)


def broken(report: ValidationReport) -> list[str]:
    return [finding.rule for finding in gate(report).findings if not finding.passed]


def test_the_thresholds_that_ship_are_those_of_the_design() -> None:
    assert (SHIPPED.f1, SHIPPED.f1_low, SHIPPED.slice_n, SHIPPED.slice_f1, SHIPPED.evidence_valid) == (
        0.80,
        0.75,
        50,
        0.70,
        0.98,
    )


def test_a_version_that_agrees_with_people_passes() -> None:
    verdict = gate(make_report(good_cases(wrong=5)))
    assert verdict.passed, verdict.summary


def test_a_version_that_misses_too_much_fails_by_name_and_number() -> None:
    verdict = gate(make_report(good_cases(wrong=60)))
    assert not verdict.passed
    assert "negative F1: 0.552, needed 0.800" in verdict.summary


def test_few_labels_prove_nothing_however_good_the_figure() -> None:
    assert "negative F1, lower bound" in broken(make_report(good_cases(60, wrong=4)))
    assert broken(make_report(good_cases(60))) == ["negative conversations"]


def test_a_slice_with_enough_conversations_may_not_lag_behind() -> None:
    lagging = [make_case(1000 + n, rated(1, 2) if n % 2 else rated(3, 3), 3.0, language="de") for n in range(60)]
    few = lagging[:40]
    assert "negative F1 of language de" in broken(make_report([*good_cases(600), *lagging]))
    assert "negative F1 of language de" not in broken(make_report([*good_cases(600), *few]))


def test_nobody_is_asked_for_more_than_people_reach() -> None:
    """Two reviewers who agree on half of what either calls negative: 0.67 is all that can be asked for."""
    cases = [
        *(make_case(n, rated(1, 1), 1.5) for n in range(100)),
        *(make_case(100 + n, rated(1, 4, adjudicated=2), 1.5 if n % 2 else 3.0) for n in range(100)),
        *(make_case(200 + n, rated(4, 5), 4.5) for n in range(100)),
        *(make_case(300 + n, rated(5, 5), 1.5) for n in range(60)),
    ]
    report = make_report(cases)
    assert report.all is not None
    assert report.all.people.ceiling == pytest.approx(2 / 3)
    found = {
        finding.rule: finding
        for finding in release_gate(report, SHIPPED.model_copy(update={"conversations": "all"})).findings
    }
    assert found["negative F1"].needed == pytest.approx(2 / 3)
    assert found["negative F1, lower bound"].needed == pytest.approx(2 / 3 - 0.05)
    assert found["negative F1"].passed
    assert "people reach no more" in str(found["negative F1"])


def test_unproven_claims_and_missing_scores_fail_whatever_the_agreement() -> None:
    report = make_report(good_cases())
    assert broken(report.model_copy(update={"evidence": EvidenceRate(claims=100, proven=97, rate=0.97)})) == [
        "evidence valid"
    ]
    assert broken(report.model_copy(update={"unscored": {"refused": 40}})) == ["scored"]
    assert broken(report.model_copy(update={"unscored": {"ineligible": 40}})) == []


def test_a_version_that_loses_against_the_one_in_use_fails_and_one_that_only_seems_to_passes() -> None:
    old, new = make_report(good_cases()), make_report(good_cases(wrong=12))
    lost = new.model_copy(update={"comparison": compared(new.predictions, old.predictions, "old")})
    assert "not worse than the version in use" in broken(lost)
    by_chance = make_report(good_cases(wrong=1))
    alike = by_chance.model_copy(update={"comparison": compared(by_chance.predictions, old.predictions, "old")})
    assert gate(alike).passed


def test_labels_of_dimensions_alone_let_nothing_through() -> None:
    resolved = {"resolution": Verdict(outcome_is_negative=False)}
    assert "labels" in broken(make_report([make_case(n, resolved, 4.0) for n in range(60)]))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("f1 = 0.8", "conversations"),
        ("no toml", "cannot be read"),
        (Path("scoring_ops/validation/gate.toml").read_text(encoding="utf-8").replace("f1 = 0.80", "f1 = 80"), "f1"),
    ],
)
def test_thresholds_of_ones_own_are_checked(tmp_path: Path, text: str, line: str) -> None:
    own = tmp_path / "gate.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match=line):
        load_thresholds(own)
