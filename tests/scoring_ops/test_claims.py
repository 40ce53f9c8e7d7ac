import pytest
from pydantic import ValidationError

from scoring_ops.claims import Claims, findings
from scoring_ops.rubric.dimensions import DIMENSIONS
from tests.builders import cite, make_claims, make_issue, make_sentiment

QUOTE = cite(1, "some words")
FULL = make_claims(
    issues=(make_issue(), make_issue("unresolved")),
    sentiment=make_sentiment("positive", start="negative"),
    service_quality=tuple(
        {"aspect": a, "rating": n, "evidence": QUOTE} for n, a in enumerate(("tone", "knowledge", "timeliness"), 3)
    ),
    answer_quality_ai={"rating": 2, "faults": ("unclear",), "evidence": QUOTE},
    answer_quality_human={"rating": 5, "faults": (), "evidence": QUOTE},
    customer_effort={"level": "high", "drivers": ("chasing",), "evidence": QUOTE},
    strong_emotion=({"sign": "negative", "emotion": "anger", "evidence": QUOTE},) * 2,
    product_feedback=(
        {
            "sign": "positive",
            "kind": "feature",
            "area": "app",
            "statement": "Nice.",
            "severity": "low",
            "evidence": QUOTE,
        },
    ),
    policy_feedback=(
        {"sign": "negative", "policy": "refund", "statement": "Slow.", "severity": "high", "evidence": QUOTE},
    ),
    process_fault=({"kind": "lost_context", "evidence": QUOTE},),
    risk=({"kind": "churn", "evidence": QUOTE}, {"kind": "legal", "evidence": QUOTE}),
)


def test_findings_cover_each_dimension():
    assert {found.dimension for found in findings(FULL)} == set(DIMENSIONS)


def test_findings_come_in_one_fixed_order():
    order = [found.dimension for found in findings(FULL)]
    assert sorted(order, key=DIMENSIONS.index) == order
    assert findings(FULL) == findings(Claims.model_validate_json(FULL.model_dump_json()))


def test_claim_names_are_unique():
    names = [found.claim for found in findings(FULL)]
    assert len(set(names)) == len(names) == 17


def test_values_name_what_the_scorecard_weighs():
    values = {found.claim: found.value for found in findings(FULL)}
    assert values["issues.1"] == "unresolved"
    assert (values["sentiment.start"], values["sentiment.end"]) == ("start:negative", "end:positive")
    assert values["service_quality.2"] == "timeliness:5"
    assert values["answer_quality_ai"] == "2"
    assert values["strong_emotion.1"] == "negative:anger"
    assert values["policy_feedback.0"] == "negative:high"
    assert values["risk.1"] == "legal"


def test_issues_share_their_weight_and_all_else_counts_whole():
    shares = {found.claim: found.share for found in findings(FULL)}
    assert (shares.pop("issues.0"), shares.pop("issues.1")) == (0.5, 0.5)
    assert set(shares.values()) == {1.0}


def test_no_claims_are_no_findings():
    assert findings(make_claims()) == ()


def test_a_sentiment_that_cannot_be_told_claims_nothing():
    claims = make_claims(sentiment=make_sentiment("positive", start="not_detectable"))
    assert [found.claim for found in findings(claims)] == ["sentiment.end"]
    assert findings(make_claims(sentiment=make_sentiment("not_detectable", start="not_detectable"))) == ()


@pytest.mark.parametrize("name", Claims.model_fields)
def test_every_field_is_required(name):
    payload = FULL.model_dump(mode="json")
    del payload[name]
    with pytest.raises(ValidationError, match=name):
        Claims.model_validate(payload)


def test_nothing_else_is_allowed():
    with pytest.raises(ValidationError, match="score"):
        Claims.model_validate({**FULL.model_dump(mode="json"), "score": 5})


@pytest.mark.parametrize("rating", [0, 6])
def test_ratings_lie_between_1_and_5(rating):
    with pytest.raises(ValidationError, match="judge_rating"):
        make_claims(judge_rating=rating)


def test_claims_have_a_field_for_each_dimension():
    holders = {"resolution": "issues"}
    assert {holders.get(dimension, dimension) for dimension in DIMENSIONS} <= set(Claims.model_fields)


def test_every_object_of_the_wire_schema_is_strict():
    schema = Claims.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])


def test_dimensions_are_eleven_and_distinct():
    assert len(set(DIMENSIONS)) == len(DIMENSIONS) == 11
