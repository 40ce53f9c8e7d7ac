"""The scorecard that ships, and what happens to a calibrated scorer's folder that cannot be used."""

from importlib.resources import files
from itertools import pairwise
from typing import get_args

import pytest

from scoring_ops import claims as c
from scoring_ops.rubric.dimensions import DIMENSIONS
from scoring_ops.scorecard import ScorecardError, default_scorecard, load_scorecard

CARD = default_scorecard()
SHIPPED = (files("scoring_ops") / "scorecard.toml").read_text(encoding="utf-8")
RATINGS = [str(n) for n in range(1, 6)]
SENTIMENTS = [s for s in get_args(c.Sentiment) if s != "not_detectable"]
FEEDBACK = [
    *(f"negative:{s}" for s in reversed(get_args(c.Severity))),
    *(f"positive:{s}" for s in get_args(c.Severity)),
]
BAD_TO_GOOD = {
    "resolution": [["unresolved", "unclear", "resolved"], ["unresolved", "partly_resolved", "resolved"]],
    "sentiment": [[f"{moment}:{s}" for s in SENTIMENTS] for moment in ("start", "end")],
    "service_quality": [[f"{aspect}:{n}" for n in RATINGS] for aspect in get_args(c.Aspect)],
    "answer_quality_ai": [RATINGS],
    "answer_quality_human": [RATINGS],
    "customer_effort": [["high", "moderate", "low"]],
    "product_feedback": [FEEDBACK],
    "policy_feedback": [FEEDBACK],
}


@pytest.mark.parametrize(("dimension", "orders"), BAD_TO_GOOD.items(), ids=BAD_TO_GOOD)
def test_weights_never_fall_from_bad_to_good(dimension, orders):
    for order in orders:
        weights = [CARD.weights[dimension][value] for value in order]
        assert all(worse <= better for worse, better in pairwise(weights)), dict(zip(order, weights, strict=True))


@pytest.mark.parametrize("dimension", ["strong_emotion", "product_feedback", "policy_feedback"])
def test_a_sign_is_the_sign_of_its_weight(dimension):
    for value, weight in CARD.weights[dimension].items():
        assert (weight > 0) == value.startswith("positive:")
        assert weight != 0


@pytest.mark.parametrize("dimension", ["process_fault", "risk"])
def test_faults_and_risks_never_raise_a_score(dimension):
    assert max(CARD.weights[dimension].values()) <= 0


def test_every_value_a_judge_can_claim_has_a_weight_and_no_other():
    known = {
        **{dimension: {value for order in orders for value in order} for dimension, orders in BAD_TO_GOOD.items()},
        "process_fault": set(get_args(c.FaultKind)),
        "risk": set(get_args(c.RiskKind)),
    }
    for dimension, values in known.items():
        assert set(CARD.weights[dimension]) == values
    named = {value.partition(":")[2] for value in CARD.weights["strong_emotion"]}
    assert named == set(get_args(c.Emotion))


def test_no_single_claim_exceeds_the_cap_of_its_dimension():
    for dimension in DIMENSIONS:
        assert max(abs(weight) for weight in CARD.weights[dimension].values()) <= CARD.caps[dimension]


def test_slow_comes_before_very_slow_in_every_channel():
    assert all(0 < slow < very_slow for slow, very_slow in CARD.waits.values())


def load(folder, text):
    (folder / "scorecard.toml").write_text(text, encoding="utf-8")
    return load_scorecard(folder)


def test_a_folder_with_a_whole_scorecard_loads(tmp_path):
    assert load(tmp_path, SHIPPED) == CARD
    assert load(tmp_path, SHIPPED.replace('version = "1"', 'version = "7"')).version == "7"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("version = ", "not a TOML file"),
        ("", "version"),
        ("surprise = 1\n" + SHIPPED, "surprise"),
        (SHIPPED.replace("resolution = 1.2", "resolution = 'much'"), "caps.resolution"),
        (SHIPPED.replace("resolution = 1.2", ""), "resolution"),
        (SHIPPED.replace("[weights.risk]", "[weights.danger]"), "weights.danger"),
        (SHIPPED.replace("resolved = 0.8", "resolved = 'good'", 1), "weights.resolution.resolved"),
        (SHIPPED.replace("default = [480, 2880]", ""), "default"),
        (SHIPPED.replace("chat = [10, 60]", "chat = [10]"), "waits.chat"),
    ],
    ids=[
        "torn",
        "empty",
        "unknown",
        "text_cap",
        "no_cap",
        "strange_dimension",
        "text_weight",
        "no_default",
        "one_wait",
    ],
)
def test_a_broken_scorecard_names_the_file_and_the_rule(tmp_path, text, rule):
    with pytest.raises(ScorecardError) as broken:
        load(tmp_path, text)
    assert str(tmp_path / "scorecard.toml") in str(broken.value)
    assert rule in str(broken.value)


def test_a_missing_scorecard_names_the_file(tmp_path):
    with pytest.raises(ScorecardError, match="cannot be read") as broken:
        load_scorecard(tmp_path / "nowhere")
    assert "scorecard.toml" in str(broken.value)


def test_a_scorecard_in_no_known_encoding_names_the_file(tmp_path):
    (tmp_path / "scorecard.toml").write_bytes(b"version = \xff\xfe")
    with pytest.raises(ScorecardError, match=r"scorecard\.toml: not a TOML file"):
        load_scorecard(tmp_path)
