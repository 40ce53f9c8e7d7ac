"""The known truth of the demo, and the biases that are built into it: measured, not trusted."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from random import Random

import polars as pl
import pytest

from orchestration.sources.demo.odd import script_of
from orchestration.sources.demo.odds import (
    DECLINE_TOPIC,
    LATE_RATING_SHARE,
    RESPONSE_ODDS,
    SPIKE_TOPIC,
    SPIKE_WEEK,
    SURVEY_REQUEST_RATE,
)
from orchestration.sources.demo.plan import draw_plan
from orchestration.sources.demo.source import FIRST_MONDAY, DemoSource
from orchestration.sources.demo.survey import draw_survey
from orchestration.sources.demo.topics import TOPICS
from orchestration.sources.demo.truth import KnownTruth

pytestmark = pytest.mark.slow

SATISFIED = 4


@cache
def truths() -> tuple[KnownTruth, ...]:
    return tuple(DemoSource(conversations_per_week=2_000).truth())


def served() -> list[KnownTruth]:
    return [truth for truth in truths() if truth.kind == "regular"]


def satisfied_share(of: list[KnownTruth]) -> float:
    known = [truth.experience for truth in of if truth.experience is not None]
    return sum(experience >= SATISFIED for experience in known) / len(known)


def test_the_truth_covers_every_conversation_once_and_agrees_with_what_is_emitted() -> None:
    demo = DemoSource(conversations_per_week=60)
    last = {version.conversation_id: version for version in demo.extract(frozenset(demo.days))}
    known = {truth.conversation_id: truth for truth in demo.truth()}
    assert set(known) == set(last)
    assert len(list(demo.truth())) == len(known)
    for conversation_id, truth in known.items():
        version = last[conversation_id]
        assert (truth.workspace_id, truth.source) == (version.workspace_id, version.source)
        assert truth.rating == version.csat_rating
        assert truth.asked == (version.csat_requested_at is not None)
        assert truth.answered == (version.csat_rated_at is not None)
        assert truth.reopened == bool(version.reopen_count)
        if truth.kind not in {"redacted", "open"}:
            assert truth.agent_mix == version.agent_mix


def test_a_conversation_without_service_has_no_experience() -> None:
    for truth in truths():
        assert (truth.experience is None) == (truth.kind not in {"regular", "redacted"})
        assert bool(truth.resolutions) == (truth.experience is not None)


def test_surveys_are_sent_at_39_percent_whatever_the_experience() -> None:
    asked = [truth.asked for truth in served()]
    assert sum(asked) / len(asked) == pytest.approx(SURVEY_REQUEST_RATE, abs=0.015)
    by_experience = defaultdict[int | None, list[bool]](list)
    for truth in served():
        by_experience[truth.experience].append(truth.asked)
    for of_one in by_experience.values():
        assert sum(of_one) / len(of_one) == pytest.approx(SURVEY_REQUEST_RATE, abs=0.05)


def test_about_21_percent_of_those_asked_answer() -> None:
    asked = [truth for truth in truths() if truth.asked]
    assert sum(truth.answered for truth in asked) / len(asked) == pytest.approx(0.21, abs=0.025)


def test_the_very_satisfied_and_the_very_angry_answer_more() -> None:
    answered = defaultdict[int | None, list[bool]](list)
    for truth in served():
        if truth.asked:
            answered[truth.experience].append(truth.answered)
    rate = {experience: sum(of_one) / len(of_one) for experience, of_one in answered.items()}
    assert min(rate[1], rate[5]) > rate[4] > max(rate[2], rate[3])


def test_each_experience_answers_with_its_own_odds() -> None:
    for experience, odds in RESPONSE_ODDS.items():
        surveys = [draw_survey(Random(f"{experience}:{n}"), experience, "mixed") for n in range(6_000)]
        asked = [survey for survey in surveys if survey.asked_after is not None]
        answers = sum(survey.answered_after is not None for survey in asked) / len(asked)
        assert answers == pytest.approx(odds, abs=0.03)


def test_those_who_answer_were_better_served_than_the_others() -> None:
    responders = [truth for truth in served() if truth.answered]
    others = [truth for truth in served() if not truth.answered]
    assert satisfied_share(responders) > satisfied_share(others) + 0.05


def test_a_rating_follows_the_experience_but_not_exactly() -> None:
    rated = [truth for truth in truths() if truth.rating is not None and truth.experience is not None]
    equal = sum(truth.rating == truth.experience for truth in rated) / len(rated)
    assert 0.4 < equal < 0.75
    means = {
        experience: pl.Series([t.rating for t in rated if t.experience == experience]).mean()
        for experience in (1, 3, 5)
    }
    assert means[1] < 2 < means[3] < 4 < means[5]


def test_the_ai_looks_better_only_because_it_gets_the_easier_topics() -> None:
    alone = {mix: [t for t in served() if t.agent_mix == mix] for mix in ("human_only", "ai_only")}
    assert satisfied_share(alone["ai_only"]) > satisfied_share(alone["human_only"]) + 0.05
    weighted_gap, weight = 0.0, 0
    for topics in TOPICS.values():
        for topic in topics:
            ai, human = ([t for t in alone[mix] if t.topic == topic.key] for mix in ("ai_only", "human_only"))
            smaller = min(len(ai), len(human))
            weighted_gap += smaller * (satisfied_share(ai) - satisfied_share(human))
            weight += smaller
    assert abs(weighted_gap / weight) < 0.05


def test_the_bad_release_of_the_third_week_shows() -> None:
    weeks = defaultdict[str, int](int)
    for truth in truths():
        weeks[truth.conversation_id[:6]] += truth.topic == SPIKE_TOPIC
    counts = [weeks[week] for week in sorted(weeks)]
    assert counts[SPIKE_WEEK] > 1.5 * max(counts[:SPIKE_WEEK])


def test_returns_get_slowly_worse_over_half_a_year() -> None:
    means = [
        pl.Series([p.facts.experience for p in plans if p.topics[0].key == DECLINE_TOPIC]).mean()
        for plans in ([draw_plan(7, week, number, FIRST_MONDAY, 4_000) for number in range(4_000)] for week in (0, 25))
    ]
    assert means[1] < means[0] - 0.2


def test_a_plan_is_the_same_on_every_machine() -> None:
    plan = draw_plan(7, 0, 0, FIRST_MONDAY, 750)
    assert (plan.workspace, plan.topics[0].key, plan.channel, plan.service) == (
        "travel",
        "cancellation",
        "chat",
        "human_only",
    )
    assert plan.closed_at.isoformat() == "2026-03-08T12:35:17+00:00"


def test_faults_feedback_and_risks_of_the_truth_are_acted_out() -> None:
    shown_by = {
        "lost_context": "agent.lost_reply",
        "repeated_explanation": "repeat_reply",
        "contradiction": "agent.retract_reply",
        "unanswered": "end.unanswered",
    }
    for number in range(1_500):
        plan = draw_plan(5, 0, number, FIRST_MONDAY, 1_500)
        if plan.kind != "regular":
            continue
        parts = [part for beat in script_of(plan) for part in beat.parts]
        for fault, shown in shown_by.items():
            assert (fault in plan.facts.faults) == any(part.endswith(shown) for part in parts), (number, fault)
        assert {part for part in parts if part.startswith("risk.")} == {f"risk.{risk}" for risk in plan.facts.risks}
        assert (plan.facts.product is not None) == any(part.endswith((".gripe", ".praise")) for part in parts)
        assert (plan.facts.policy is not None) == any(part.startswith("policy_") for part in parts)


def test_every_dimension_of_the_truth_has_both_its_sides() -> None:
    assert {t.sentiment_end for t in served()} == {
        "very_negative", "negative", "neutral", "positive", "very_positive", "not_detectable",
    }  # fmt: skip
    assert {status for t in served() for status in t.resolutions} == {
        "resolved", "partly_resolved", "unresolved", "unclear",
    }  # fmt: skip
    assert {fault for t in served() for fault in t.faults} == {
        "lost_context", "repeated_explanation", "contradiction", "unanswered",
    }  # fmt: skip
    assert {risk for t in served() for risk in t.risks} == {
        "churn", "competitor", "legal", "privacy", "vulnerable", "abusive",
    }  # fmt: skip
    assert (
        {t.product_feedback for t in served()}
        == {t.policy_feedback for t in served()}
        == {None, "positive", "negative"}
    )
    assert all((t.product_feedback is None) == (t.product_area is None) for t in truths())


def test_the_truth_is_written_with_lists_as_lists(tmp_path: Path) -> None:
    demo = DemoSource(weeks=1, conversations_per_week=50)
    demo.write_truth(tmp_path / "aside" / "truth.parquet")
    frame = pl.read_parquet(tmp_path / "aside" / "truth.parquet")
    assert frame.height == 50
    assert frame.schema["resolutions"] == pl.List(pl.String)
    assert frame.schema["experience"] == pl.Int64
    first = next(iter(demo.truth()))
    assert frame.row(0, named=True)["resolutions"] == list(first.resolutions)


def test_late_ratings_are_as_frequent_as_stated() -> None:
    plans = [draw_plan(7, 0, number, FIRST_MONDAY, 3_000) for number in range(3_000)]
    delays = [p.survey.answered_after for p in plans if p.survey.answered_after is not None]
    late = sum(delay > 86_400 for delay in delays)
    assert late / len(delays) == pytest.approx(LATE_RATING_SHARE, abs=0.1)
