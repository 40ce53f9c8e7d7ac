import itertools
import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops import claims as c
from scoring_ops.evidence import Evidence, ProvenFinding, verify
from scoring_ops.rubric.dimensions import DIMENSIONS
from scoring_ops.score import POSITIVE_FROM
from scoring_ops.scorecard import default_scorecard
from scoring_ops.weighing import label, raw_score, score_claims, to_score, weigh
from tests.builders import cite, make_claims, make_issue, make_sentiment, make_transcript

CARD = default_scorecard()
TRANSCRIPT = make_transcript()
FAST = settings(derandomize=True, max_examples=100, deadline=None)
WANT = cite(1, "I want my money back.")
DONE = cite(2, "I have refunded you today.")
MADE_UP = cite(1, "words that nobody ever said")


def score(**dimensions):
    return score_claims(make_claims(**dimensions), TRANSCRIPT, None, CARD)


def proven(dimension, *values):
    place = Evidence("m0", 1, "customer", 0, 4, "quote", "exact")
    return tuple(
        ProvenFinding(c.Finding(f"{dimension}.{n}", dimension, value, ()), (place,)) for n, value in enumerate(values)
    )


def emotion(sign, name, evidence=WANT):
    return {"sign": sign, "emotion": name, "evidence": evidence}


@st.composite
def any_claims(draw):
    """Claims about the default conversation, some proven and some made up."""
    evidence = st.sampled_from([WANT, DONE, MADE_UP, ()])
    some = {"max_size": 3}
    kinds = {
        "service_quality": {"aspect": c.Aspect, "rating": range(1, 6)},
        "strong_emotion": {"sign": c.Sign, "emotion": c.Emotion},
        "process_fault": {"kind": c.FaultKind},
        "risk": {"kind": c.RiskKind},
    }
    lists = {
        name: draw(
            st.lists(
                st.fixed_dictionaries(
                    {k: st.sampled_from(v if isinstance(v, range) else get_args(v)) for k, v in fields.items()}
                    | {"evidence": evidence}
                ),
                **some,
            )
        )
        for name, fields in kinds.items()
    }
    issues = draw(st.lists(st.sampled_from(get_args(c.Resolution)), **some))
    end = draw(st.sampled_from(get_args(c.Sentiment)))
    return make_claims(issues=[make_issue(status) for status in issues], sentiment=make_sentiment(end), **lists)


@FAST
@given(any_claims())
def test_any_score_is_closed_under_its_own_arithmetic(claims):
    found = score_claims(claims, TRANSCRIPT, "chat", CARD)
    assert found.raw_score == round(3 + math.fsum(reason.weight for reason in found.reasons), 6)
    assert math.isclose(found.raw_score - 3, math.fsum(d.contribution for d in found.dimensions), abs_tol=1e-5)
    assert found.score == to_score(found.raw_score)
    assert 0 <= found.confidence <= 1
    assert found.claims_proven == len(found.reasons)
    assert found.claims_total == len(found.reasons) + len(found.rejected) >= found.claims_proven
    assert [abs(r.weight) for r in found.reasons] == sorted((abs(r.weight) for r in found.reasons), reverse=True)
    assert all((r.weight > 0) - (r.weight < 0) == {"positive": 1, "negative": -1}.get(r.sign, 0) for r in found.reasons)
    for dimension in found.dimensions:
        assert abs(dimension.contribution) <= CARD.caps[dimension.dimension] + 1e-5


@FAST
@given(any_claims())
def test_the_same_claims_always_score_the_same(claims):
    assert score_claims(claims, TRANSCRIPT, None, CARD) == score_claims(claims, TRANSCRIPT, None, CARD)


@pytest.mark.parametrize(
    ("raw", "whole"),
    [(3, 3), (3.5, 3), (3.500001, 4), (2.5, 3), (2.499999, 2), (4.5, 4), (4.500001, 5), (1.5, 2), (1.499999, 1)],
)
def test_a_raw_score_is_rounded_with_ties_toward_3(raw, whole):
    assert to_score(raw) == whole


@pytest.mark.parametrize(("raw", "whole"), [(-2.5, 1), (0.4, 1), (5.6, 5), (9.9, 5)])
def test_a_score_is_clamped_to_1_to_5(raw, whole):
    assert to_score(raw) == whole


@FAST
@given(st.floats(-3, 9))
def test_scores_are_symmetric_about_3_and_never_fall_as_raw_rises(raw):
    assert to_score(raw) + to_score(6 - raw) == 6 or abs(raw % 1 - 0.5) < 1e-9
    assert to_score(raw + 0.1) >= to_score(raw)


def test_a_resolved_conversation_with_a_happy_end_is_positive():
    found = score(issues=(make_issue(),), sentiment=make_sentiment("positive"))
    assert (found.raw_score, found.score, found.grounds_code) == (4.3, 4, "positive")
    assert found.reasons[0].evidence.quote == "I have refunded you today."


def test_an_unresolved_conversation_with_an_angry_end_is_negative():
    angry = (emotion("negative", "anger"),)
    found = score(issues=(make_issue("unresolved"),), sentiment=make_sentiment("very_negative"), strong_emotion=angry)
    assert (found.raw_score, found.score, found.grounds_code) == (0.4, 1, "negative")


def test_two_issues_meet_in_the_middle():
    found = score(issues=(make_issue("resolved"), make_issue("unresolved")))
    assert found.raw_score == 2.9
    assert (found.score, found.grounds_code) == (3, "mixed")
    assert [issue.status for issue in found.issues] == ["resolved", "unresolved"]


def test_nothing_claimed_is_weak_evidence():
    found = score()
    assert (found.score, found.raw_score, found.grounds_code, found.confidence) == (3, 3, "weak_evidence", 0)
    assert (found.reasons, found.dimensions, found.what_would_change_it) == ((), (), None)


def test_claims_that_nobody_said_move_nothing_and_are_kept():
    found = score(issues=(make_issue(quote="words that nobody ever said"),), risk=({"kind": "churn", "evidence": ()},))
    assert (found.score, found.grounds_code, found.confidence) == (3, "weak_evidence", 0)
    assert [(r.claim, r.quote) for r in found.rejected] == [
        ("issues.0", "words that nobody ever said"),
        ("risk.0", ""),
    ]
    assert (found.claims_total, found.claims_proven, found.issues) == (2, 0, ())
    assert [(d.dimension, d.claims, d.proven) for d in found.dimensions] == [("resolution", 1, 0), ("risk", 1, 0)]


def test_proven_claims_without_weight_are_neutral_ground():
    found = score(issues=(make_issue("unclear"),))
    assert (found.score, found.grounds_code, found.reasons[0].sign) == (3, "neutral", "neutral")


def test_the_judges_own_rating_never_becomes_the_score():
    found = score(judge_rating=5, issues=(make_issue("unresolved"),))
    assert (found.judge_rating, found.score) == (5, 2)


def test_a_dimension_over_its_cap_is_scaled_down_to_it():
    reasons = weigh(proven("strong_emotion", "negative:anger", "negative:frustration", "negative:disappointment"), CARD)
    assert math.isclose(sum(r.weight for r in reasons), -CARD.caps["strong_emotion"], abs_tol=1e-5)
    assert [r.weight for r in reasons] == [-0.257143, -0.171429, -0.171429]


def test_a_dimension_within_its_cap_is_left_alone():
    reasons = weigh(proven("strong_emotion", "negative:anger", "positive:relief"), CARD)
    assert {r.value: r.weight for r in reasons} == {"negative:anger": -0.6, "positive:relief": 0.3}


def test_a_value_without_a_weight_moves_nothing():
    assert raw_score(weigh(proven("risk", "unheard of"), CARD)) == 3


def test_claims_that_nobody_said_lower_the_confidence_by_their_share():
    made_up = ({"kind": "churn", "evidence": MADE_UP}, {"kind": "legal", "evidence": MADE_UP})
    all_true = score(issues=(make_issue(), make_issue()))
    half_true = score(issues=(make_issue(), make_issue()), risk=made_up)
    assert (half_true.claims_proven, half_true.claims_total) == (2, 4)
    assert half_true.confidence == pytest.approx(all_true.confidence / 2, abs=1e-6)


def test_confidence_is_lowest_at_the_line_between_two_scores():
    at_line = score(strong_emotion=(emotion("positive", "delight"),), issues=())
    assert at_line.raw_score == 3.4
    assert at_line.confidence == 0.6
    assert score(sentiment=make_sentiment("positive")).confidence == 0.5


def test_feedback_is_kept_with_its_quote_and_only_where_proven():
    product = {"sign": "negative", "kind": "bug", "area": "app", "statement": "It fails.", "severity": "high"}
    found = score(product_feedback=({**product, "evidence": WANT}, {**product, "evidence": MADE_UP}))
    assert [(f.claim, f.kind, f.severity, f.evidence.quote) for f in found.feedback] == [
        ("product_feedback.0", "bug", "high", "I want my money back.")
    ]


def test_the_grounds_name_the_strongest_reasons_of_each_sign():
    found = score(issues=(make_issue("unresolved"),), strong_emotion=(emotion("positive", "gratitude"),))
    assert found.grounds == (
        "Raised by strong emotion positive gratitude (+0.30); lowered by resolution unresolved (-1.00)."
    )


def test_a_slow_answer_and_a_last_question_are_reasons_too():
    asked = make_transcript(("human_agent", "Hello."), ("customer", "Where is it?"))
    found = score_claims(make_claims(), asked, None, CARD)
    assert [(r.claim, r.weight) for r in found.reasons] == [("timing.silence", -0.5)]


def _applied(found, claims):
    """The scores that the single changes of value named by `what_would_change_it` lead to."""
    proof = verify(c.findings(claims), TRANSCRIPT).proven
    results = set()
    for n, item in enumerate(proof):
        dimension, value = item.finding.dimension, item.finding.value
        for other in CARD.weights[dimension]:
            if found.what_would_change_it.startswith(f"{label(dimension, value)} -> {label('', other).strip()} ("):
                changed = item._replace(finding=item.finding._replace(value=other))
                results.add(to_score(raw_score(weigh((*proof[:n], changed, *proof[n + 1 :]), CARD))))
    return results


@pytest.mark.parametrize(
    ("status", "end", "effort"),
    list(itertools.product(get_args(c.Resolution), get_args(c.Sentiment), get_args(c.EffortLevel))),
)
def test_what_would_change_it_truly_crosses_the_line_when_applied(status, end, effort):
    claims = make_claims(
        issues=(make_issue(status),),
        sentiment=make_sentiment(end),
        customer_effort={"level": effort, "drivers": (), "evidence": WANT},
    )
    found = score_claims(claims, TRANSCRIPT, None, CARD)
    if found.what_would_change_it is None:
        assert abs(found.raw_score - 3.5) > 0.5
        return
    told = int(found.what_would_change_it[-1])
    assert (told >= POSITIVE_FROM) != (found.score >= POSITIVE_FROM)
    assert told in _applied(found, claims)


@FAST
@given(any_claims())
def test_the_change_told_is_the_smallest_of_all_weighed_as_a_whole(claims):
    found = score_claims(claims, TRANSCRIPT, None, CARD)
    proof = verify(c.findings(claims), TRANSCRIPT).proven
    crossing = []
    for n, item in enumerate(proof):
        dimension, value = item.finding.dimension, item.finding.value
        for other in CARD.weights[dimension]:
            if other.rpartition(":")[0] == value.rpartition(":")[0] and other != value:
                changed = item._replace(finding=item.finding._replace(value=other))
                raw = raw_score(weigh((*proof[:n], changed, *proof[n + 1 :]), CARD))
                if (to_score(raw) >= POSITIVE_FROM) != (found.score >= POSITIVE_FROM):
                    step = raw - found.raw_score
                    text = f"{label(dimension, value)} -> {label('', other).strip()} ({step:+.2f})"
                    crossing.append((abs(round(step, 6)), f"{text} would make it {to_score(raw)}"))
    assert found.what_would_change_it == (min(crossing)[1] if crossing else None)


def test_the_smallest_change_is_the_one_that_is_told():
    effort = {"level": "moderate", "drivers": (), "evidence": WANT}
    found = score(issues=(make_issue(),), customer_effort=effort)
    assert found.raw_score == 3.6
    assert found.what_would_change_it == "customer effort moderate -> high (-0.30) would make it 3"


def test_reasons_of_equal_weight_come_in_the_order_of_the_rubric():
    reasons = weigh((*proven("risk", "churn"), *proven("strong_emotion", "negative:frustration")), CARD)
    assert [r.dimension for r in reasons] == ["strong_emotion", "risk"]
    assert DIMENSIONS.index("strong_emotion") < DIMENSIONS.index("risk")
