"""The report of a scorer: who is in it, what is beside what, and what is kept without words."""

import json

import pytest

from scoring_ops.validation.comparison import compared, predictions, rerun_of
from scoring_ops.validation.labels import Verdict
from scoring_ops.validation.report import ValidationReport
from tests.scoring_ops.validation.report_builder import good_cases, make_case, make_report, rated


def test_all_and_clear_have_the_shape_that_others_read() -> None:
    cases = [*good_cases(30), make_case(90, rated(2, 3), 3.0), make_case(91, rated(2, 3, adjudicated=2), 1.4)]
    read = json.loads(make_report(cases).model_dump_json())
    assert (read["all"]["n"], read["clear"]["n"]) == (32, 30)
    for part in (read["all"], read["clear"]):
        assert {"precision", "recall", "f1", "low", "high", "n"} <= part["negative"].keys()
        assert {"positive", "macro_f1", "kappa", "spearman", "slices"} <= part.keys()
        for one in part["slices"]:
            assert {"kind", "value", "n", "negative"} <= one.keys()
    assert read["all"]["negative"]["n"] == 11


def test_a_report_that_was_written_is_read_back_the_same() -> None:
    report = make_report(good_cases(30, wrong=2), rerun=rerun_of([3, 4], [4, 4]))
    assert ValidationReport.model_validate_json(report.model_dump_json()) == report


def test_every_conversation_is_in_one_slice_of_each_kind() -> None:
    cases = [make_case(n, rated(2, 2), 2.0, language=("en", "de", None)[n % 3], ai=n % 2 == 0) for n in range(30)]
    report = make_report(cases)
    assert report.all is not None
    for kind in ("language", "channel", "agent", "length"):
        assert sum(one.n for one in report.all.slices if one.kind == kind) == 30, kind
    assert next(one.value for one in report.all.slices if one.kind == "length") == "shortest quarter"
    assert {one.value for one in report.all.slices if one.kind == "agent"} == {"ai_only", "human_only"}


def test_dimensions_are_measured_where_people_answered_them_and_the_whole_only_where_it_was_labelled() -> None:
    resolved = {"resolution": Verdict(outcome_is_negative=False)}
    not_so = {"resolution": Verdict(outcome_is_negative=True)}
    report = make_report([make_case(1, resolved, 3.0), make_case(2, not_so, 3.0)])
    assert (report.all, report.clear, report.predictions) == (None, None, ())
    found = report.dimensions["resolution"]
    assert (found.n, found.negative.recall, found.accuracy) == (2, 0, 0.5)


def test_the_worst_disagreements_are_of_both_kinds_with_words_and_quotes() -> None:
    cases = [
        *(make_case(n, rated(1, 1), 3.0 + n / 100) for n in range(20)),
        *(make_case(50 + n, rated(5, 5), 1.5) for n in range(20)),
        make_case(99, rated(1, 1), 1.0),
    ]
    found = make_report(cases).disagreements
    assert [one.kind for one in found].count("missed") == 5
    assert len(found) == 10
    assert found[0].people == 5
    assert found[0].turns[0].text.startswith("My parcel")
    assert found[0].reasons[0].quote == "I have refunded you today."


def test_what_is_stored_holds_no_word_of_a_conversation() -> None:
    report = make_report(good_cases(30, wrong=3))
    assert "parcel" in report.model_dump_json()
    assert "parcel" not in report.without_texts().model_dump_json()
    assert "refunded" not in report.without_texts().model_dump_json()


def test_two_versions_are_compared_on_the_conversations_they_share() -> None:
    better, worse = predictions(good_cases(90)), predictions(good_cases(60, wrong=10))
    found = compared(better, worse, "old")
    assert (found.n, found.only_this_right, found.only_baseline_right) == (60, 20, 0)
    assert found.p == pytest.approx(2 * 0.5**20)
    assert found.low is not None
    assert found.low > 0


def test_a_flip_is_a_score_on_the_other_side_of_three_and_four() -> None:
    found = rerun_of([3, 4, 1, 5], [4, 3, 2, 5])
    assert (found.n, found.changed, found.flipped, found.flip_rate) == (4, 3, 2, 0.5)


def test_calibration_weighs_how_far_confidence_is_from_being_right() -> None:
    right, wrong = make_case(1, rated(5, 5), 4.4), make_case(2, rated(1, 1), 4.4)
    sure = [case._replace(score=case.score._replace(confidence=0.9)) for case in (right, wrong)]
    found = make_report(sure).calibration
    assert found.ece == pytest.approx(0.4)
    assert [(b.n, b.confidence, b.right) for b in found.curve] == [(2, pytest.approx(0.9), 0.5)]
    assert [(b.score, b.n, b.negative_share, b.people_mean) for b in found.by_score] == [(4, 2, 0.5, 3.0)]


def test_the_counts_for_the_corrected_score_are_of_positive_and_not() -> None:
    seed = make_report(good_cases(30)).seed
    assert (seed.gold_positive, seed.true_positive, seed.gold_negative, seed.true_negative) == (10, 10, 20, 20)
