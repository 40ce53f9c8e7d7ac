"""Fitted weights: nearer to the labels, never against the order of the answers, and a file that reads back the same."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.calibration.calibrate import calibrate_card
from scoring_ops.calibration.card import fit_card, head_led, is_monotone
from scoring_ops.calibration.card_file import card_toml
from scoring_ops.calibration.thresholds import best_cut, f1
from scoring_ops.judges.local.judge import claims_about
from scoring_ops.scorecard import Scorecard, default_scorecard, load_scorecard
from scoring_ops.weighing import score_claims
from tests.fakes.labelled import labelled

SHIPPED = default_scorecard()
ANSWERS = [(dimension, value) for dimension, weights in SHIPPED.weights.items() for value in weights]


def read_back(card: Scorecard, folder: Path) -> Scorecard:
    (folder / "scorecard.toml").write_text(card_toml(card, "a comment"), encoding="utf-8")
    return load_scorecard(folder)


def fitted() -> Scorecard:
    rows = labelled(60)
    return calibrate_card([claims_about(r.origin.transcript) for r in rows], rows, "2")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.integers(1, 5)), min_size=1, max_size=40))
def test_no_labels_can_turn_the_order_of_two_answers_round(rows: list) -> None:
    card = fit_card([{answer: 1.0} for answer, _ in rows], np.array([float(n) for _, n in rows]), SHIPPED, "1")
    assert is_monotone(card, SHIPPED)
    assert all(0 < cap < math.inf for cap in card.caps.values())


@pytest.mark.parametrize("make", [lambda: head_led(SHIPPED, "x"), fitted], ids=["head-led", "fitted"])
def test_a_calibrated_card_is_accepted_as_a_scorers_and_reads_back_the_same(make, tmp_path: Path) -> None:
    card = make()
    assert read_back(card, tmp_path) == card


def test_fitted_weights_find_the_unhappy_at_least_as_well_as_the_shipped_ones() -> None:
    rows = labelled(90)
    truth = np.array([r.targets["satisfaction"] < 2.5 for r in rows])

    def reached(card: Scorecard) -> float:
        made = [score_claims(claims_about(r.origin.transcript), r.origin.transcript, "chat", card) for r in rows]
        return f1(np.array([score.score <= 2 for score in made]), truth)

    assert reached(fitted()) >= reached(SHIPPED)


def test_without_a_rating_there_is_nothing_to_fit() -> None:
    rows = [r._replace(targets={"resolution": 2.0}) for r in labelled(6)]
    with pytest.raises(ValueError, match="no labels"):
        calibrate_card([claims_about(r.origin.transcript) for r in rows], rows, "2")


def test_a_cut_parts_what_can_be_parted() -> None:
    values = np.concatenate((np.linspace(0, 1, 50), np.linspace(2, 3, 20)))
    truth = np.arange(70) >= 50
    assert 0.9 < f1(values >= best_cut(values, truth), truth) <= 1
