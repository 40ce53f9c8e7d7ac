"""Validating end to end: what the command writes, what a stored report decides, and what Dagster shows of it."""

import json
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import WARNING, WRONG_USE
from orchestration.defs.validation.assets import NO_LABELS, validation_report
from orchestration.defs.validation.checks import release_gate
from orchestration.judges import scorer_in_use, scorer_of
from orchestration.settings import SettingError, load_settings
from orchestration.validation_page import validation_page
from orchestration.validation_store import report_path, store_report
from scoring_ops.validation.gate import load_thresholds
from scoring_ops.validation.gate import release_gate as gate
from scoring_ops.validation.report import ValidationReport
from tests.scoring_ops.validation.report_builder import good_cases, make_case, make_report, rated

ANGRY = "This is the third time I write. Still no refund, this is a terrible, useless service. I am very angry."
HAPPY = "Thank you so much, that solved my problem at once. You were wonderful, great service."


def gold(folder: Path, n: int = 12) -> Path:
    """Angry and happy customers, as two reviewers would label them."""
    records = [
        {
            "conversation_id": f"{number}",
            "language": "en",
            "labels": [{"reviewer": "ana", "score": score}, {"reviewer": "ben", "score": score}],
            "messages": [
                {"author_type": "customer", "text": f"Order {number}: {first}"},
                {"author_type": "human_agent", "text": "Let me look into that for you."},
                {"author_type": "customer", "text": first},
            ],
        }
        for number, (first, score) in enumerate([(ANGRY, 1), (HAPPY, 5)] * (n // 2))
    ]
    path = folder / "gold.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def stored(*, wrong: int = 0) -> ValidationReport:
    """A report of the scorer in use, kept where it decides; good enough to pass unless some are wrong."""
    settings = load_settings()
    report = make_report(good_cases(wrong=wrong), scorer_of(settings).scorer_version)
    store_report(settings.home, report)
    return report


def test_a_validation_writes_a_report_and_a_page_and_stores_nothing_unless_told(tmp_path: Path) -> None:
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    done = CliRunner().invoke(
        app, ["validate", "--labels", str(gold(tmp_path)), "--judge", "local", "--json", str(out), "--html", str(page)]
    )
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["scorer_version"] == scorer_of(load_settings()).scorer_version
    assert (report["all"]["n"], report["all"]["negative"]["n"], report["all"]["negative"]["recall"]) == (12, 6, 1)
    assert report["rerun"] == {"n": 12, "changed": 0, "flipped": 0, "flip_rate": 0}
    assert "fails the release gate" in done.output
    assert "negative conversations: 6, needed 30" in done.output
    assert "lower bound" not in page.read_text(encoding="utf-8").partition("<body>")[0]
    assert not (load_settings().home / "validation").exists()


def test_a_stored_report_has_no_words_and_compares_the_next_version(tmp_path: Path) -> None:
    labels = str(gold(tmp_path))
    assert CliRunner().invoke(app, ["validate", "--labels", labels, "--store"]).exit_code == 0
    settings = load_settings()
    own = scorer_of(settings).scorer_version
    assert "terrible" not in report_path(settings.home, own).read_text(encoding="utf-8")
    other = tmp_path / "steady"
    other.mkdir()
    card = Path("scoring_ops/scorecard.toml").read_text(encoding="utf-8")
    (other / "scorecard.toml").write_text(card.replace("resolution = 1.2", "resolution = 1.1"), encoding="utf-8")
    out = tmp_path / "out.json"
    done = CliRunner().invoke(app, ["validate", "--labels", labels, "--scorer", str(other), "--json", str(out)])
    assert done.exit_code == 0, done.output
    compared = json.loads(out.read_text(encoding="utf-8"))["comparison"]
    assert (compared["baseline"], compared["n"], compared["p"]) == (own, 12, 1)


def test_labels_that_cannot_be_used_are_a_warning_and_none_at_all_a_wrong_setting(tmp_path: Path) -> None:
    path = gold(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "\n{}", encoding="utf-8")
    assert CliRunner().invoke(app, ["validate", "--labels", str(path)]).exit_code == WARNING
    assert CliRunner().invoke(app, ["labels", "agreement", str(path)]).exit_code == WARNING
    done = CliRunner().invoke(app, ["validate"])
    assert done.exit_code == WRONG_USE
    assert "CX_LABELS" in done.output


def test_agreement_is_printed_and_given_as_json(tmp_path: Path) -> None:
    path = str(gold(tmp_path))
    (found,) = json.loads(CliRunner().invoke(app, ["labels", "agreement", path, "--json"]).stdout)
    assert (found["n"], found["reviewers"], found["quadratic_kappa"], found["krippendorff_alpha"]) == (12, 2, 1, 1)
    assert found["people"] == {"human_v_human": 1, "one_v_rest": 1, "half_v_half": None, "ceiling": 1}
    assert "one v. rest" in CliRunner().invoke(app, ["labels", "agreement", path]).stdout


def test_a_version_is_validated_by_a_stored_report_that_passes_and_by_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not scorer_in_use(load_settings()).is_validated
    stored(wrong=60)
    assert not scorer_in_use(load_settings()).is_validated
    monkeypatch.setenv("CX_RELEASE_GATE", "enforce")
    with pytest.raises(SettingError, match=r"CX_RELEASE_GATE: .* fails the gate: negative F1: 0.552"):
        scorer_in_use(load_settings())
    stored()
    assert scorer_in_use(load_settings()).is_validated


def test_thresholds_of_ones_own_decide_without_a_new_report() -> None:
    stored()
    home = load_settings().home
    shipped = Path("scoring_ops/validation/gate.toml").read_text(encoding="utf-8")
    (home / "gate.toml").write_text(shipped.replace("f1_low = 0.75", "f1_low = 1.0"), encoding="utf-8")
    assert scorer_in_use(load_settings()).is_validated  # all are right: the bound is 1
    stored(wrong=2)
    assert not scorer_in_use(load_settings()).is_validated


@pytest.mark.parametrize("content", ["{}", "no json", None])
def test_a_report_that_is_damaged_or_of_another_version_is_refused(content: str | None) -> None:
    settings = load_settings()
    path = report_path(settings.home, scorer_of(settings).scorer_version)
    path.parent.mkdir(parents=True)
    foreign = make_report(good_cases(30), "another").model_dump_json()
    path.write_text(foreign if content is None else content, encoding="utf-8")
    with pytest.raises(SettingError, match=r"no validation report|the report is of scorer version another"):
        scorer_in_use(settings)


def test_the_asset_says_so_where_there_are_no_labels() -> None:
    metadata = validation_report(load_settings()).metadata
    assert metadata is not None
    assert metadata["summary"].value == NO_LABELS


def test_the_asset_stores_what_it_found_and_shows_counts_and_plots(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CX_LABELS", str(gold(tmp_path)))
    settings = load_settings()
    metadata = validation_report(settings).metadata
    assert metadata is not None
    assert (metadata["scored"], metadata["all/n"], metadata["unusable_labels"]) == (12, 12, 0)
    for plot in ("negative_class", "calibration"):
        assert "data:image/svg+xml;base64," in metadata[plot].value
    path = report_path(settings.home, scorer_of(settings).scorer_version)
    assert path.exists()
    assert path.with_suffix(".html").exists()
    assert "terrible" not in path.with_suffix(".html").read_text(encoding="utf-8")


def test_the_check_fails_without_a_passing_report_and_blocks_only_where_the_gate_is_enforced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = release_gate(load_settings())
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "no validation report" in found.metadata["summary"].value
    monkeypatch.setenv("CX_RELEASE_GATE", "enforce")
    assert release_gate(load_settings()).severity == dg.AssetCheckSeverity.ERROR
    stored()
    assert release_gate(load_settings()).passed


def test_the_page_shows_masked_words_escaped_and_loads_nothing_from_anywhere() -> None:
    case = make_case(1, rated(1, 1), 4.0)
    turn = case.transcript.turns[0]._replace(text="<script>alert(1)</script> & my parcel")
    cases = [*good_cases(30), case._replace(transcript=case.transcript._replace(turns=(turn,)))]
    report = make_report(cases)
    page = validation_page(report, gate(report, load_thresholds(Path("none"))))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
