"""The demo as a source: versions by day, the same on every run, with every kind of conversation a helpdesk has."""

import hashlib
import json
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from orchestration.sources.demo.odds import LANGUAGES, WORKSPACES
from orchestration.sources.demo.source import FIRST_MONDAY, DemoSource
from orchestration.sources.demo.topics import TOPICS
from scoring_ops.conversation import Conversation
from scoring_ops.eligibility import failed_rules
from scoring_ops.transcript import transcribe


@cache
def all_versions() -> tuple[Conversation, ...]:
    demo = DemoSource()
    return tuple(demo.extract(frozenset(demo.days)))


@cache
def histories() -> dict[str, list[Conversation]]:
    found: dict[str, list[Conversation]] = {}
    for version in all_versions():
        found.setdefault(version.conversation_id, []).append(version)
    return found


def last_versions() -> list[Conversation]:
    return [versions[-1] for versions in histories().values()]


def digest(versions: list[Conversation]) -> str:
    lines = sorted(version.model_dump_json() for version in versions)
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def test_four_weeks_hold_about_3000_conversations_over_three_workspaces() -> None:
    assert 2_900 <= len(histories()) <= 3_100
    assert {c.workspace_id for c in all_versions()} == {f"demo-{name}" for name in WORKSPACES}
    assert {c.source for c in all_versions()} == {DemoSource().name} == {"demo"}


def test_every_conversation_has_its_first_close_or_last_change_within_its_own_week() -> None:
    for versions in histories().values():
        closed_at = versions[-1].first_closed_at or versions[-1].version_at
        year, week, _ = closed_at.isocalendar()
        assert versions[-1].conversation_id.startswith(f"{year}{week:02d}-")


def test_the_same_seed_gives_the_same_conversations_and_another_gives_others() -> None:
    first, again, other = (DemoSource(weeks=1, conversations_per_week=60, seed=seed) for seed in (3, 3, 4))
    assert digest(list(first.extract(frozenset(first.days)))) == digest(list(again.extract(frozenset(again.days))))
    assert digest(list(first.extract(frozenset(first.days)))) != digest(list(other.extract(frozenset(other.days))))


def test_day_by_day_yields_exactly_what_all_days_at_once_yield() -> None:
    demo = DemoSource(conversations_per_week=40)
    by_day = [version for day in demo.days for version in demo.extract(frozenset({day}))]
    assert digest(by_day) == digest(list(demo.extract(frozenset(demo.days))))
    assert all(version.update_day in demo.days for version in by_day)


def test_a_longer_demo_begins_like_a_shorter_one() -> None:
    short, long = DemoSource(weeks=2, conversations_per_week=40), DemoSource(weeks=6, conversations_per_week=40)
    days = frozenset(short.days[:7])
    assert digest(list(short.extract(days))) == digest(list(long.extract(days)))


def test_days_outside_the_demo_are_empty() -> None:
    demo = DemoSource(conversations_per_week=20)
    outside = {FIRST_MONDAY - timedelta(days=1), demo.days[-1] + timedelta(days=1), date(2031, 1, 1)}
    assert list(demo.extract(frozenset(outside))) == []


def test_a_demo_must_begin_on_a_monday() -> None:
    with pytest.raises(ValueError, match="Tuesday"):
        DemoSource(first_monday=FIRST_MONDAY + timedelta(days=1))


def test_one_version_per_conversation_and_day_each_growing_from_the_one_before() -> None:
    for versions in histories().values():
        assert len({v.update_day for v in versions}) == len(versions)
        for before, after in pairwise(versions):
            assert before.version_at < after.version_at
            assert after.messages[: len(before.messages)] == before.messages
            assert len(after.messages) > len(before.messages)


def test_the_times_of_a_version_are_in_order() -> None:
    for version in all_versions():
        sent = [m.sent_at for m in version.messages]
        assert all(at is not None for at in sent)
        assert sent == sorted(sent)
        assert [m.position for m in version.messages] == list(range(len(sent)))
        assert version.created_at == sent[0]
        assert sent[-1] <= version.version_at
        times = (version.created_at, version.first_closed_at, version.last_closed_at)
        known = [at for at in times if at is not None]
        assert known == sorted(known)
        assert (version.first_closed_at is None) <= (version.state != "closed")
        if version.csat_rated_at:
            assert version.first_closed_at < version.csat_requested_at < version.csat_rated_at


def test_a_late_rating_is_a_new_version_with_the_same_transcript() -> None:
    late = 0
    for versions in histories().values():
        for before, after in pairwise(versions):
            if after.csat_rating and not before.csat_rating and len(after.spoken) == len(before.spoken):
                assert transcribe(after).transcript_hash == transcribe(before).transcript_hash
                assert before.state == "closed"
                late += 1
    assert late >= 40


def test_a_reopened_conversation_has_another_transcript_and_a_second_close() -> None:
    reopened = [versions for versions in histories().values() if versions[-1].reopen_count]
    assert len(reopened) >= 60
    for versions in reopened:
        last = versions[-1]
        assert last.first_closed_at < last.last_closed_at
        assert last.state == "closed"
        closed_once = [v for v in versions if v.state == "closed" and not v.reopen_count]
        for version in closed_once:
            assert transcribe(version).transcript_hash != transcribe(last).transcript_hash


def test_a_resolution_by_the_ai_is_rescinded_when_the_customer_comes_back() -> None:
    rescinded = [c for c in last_versions() if c.ai_resolution_rescinded_at]
    assert len(rescinded) >= 10
    assert all(c.ai_resolution_state in {"assumed", "confirmed"} and c.reopen_count for c in rescinded)
    states = {c.ai_resolution_state for c in last_versions()}
    assert states == {None, "assumed", "confirmed", "escalated", "negative_feedback", "handoff"}


def test_languages_channels_mixes_and_topics_are_all_there_in_their_shares() -> None:
    count = len(last_versions())
    languages = Counter(c.language for c in last_versions())
    for language, share in LANGUAGES.items():
        assert abs(languages[language] / count - share / 100) < 0.03
    assert {c.channel for c in last_versions()} == {"chat", "email", "phone"}
    mixes = Counter(c.agent_mix for c in last_versions())
    assert min(mixes["human_only"], mixes["ai_only"], mixes["mixed"]) > 0.12 * count
    assert {c.topic for c in last_versions()} - {None} == {t.key for topics in TOPICS.values() for t in topics}


def test_every_reason_not_to_score_occurs() -> None:
    broken = Counter(rule for c in last_versions() for rule in failed_rules(c))
    expected = {
        "not_closed", "spam", "merged", "test", "fully_redacted", "outbound_without_customer_reply",
        "no_customer_message", "no_agent_reply", "too_few_words",
    }  # fmt: skip
    assert set(broken) == expected
    assert sum(1 for c in last_versions() if not failed_rules(c)) > 0.9 * len(last_versions())


def test_some_are_very_short_and_a_few_run_over_a_hundred_messages() -> None:
    lengths = [len(c.spoken) for c in last_versions()]
    assert sum(length == 3 for length in lengths) >= 30
    assert 2 <= sum(length > 100 for length in lengths) <= 20


def test_customers_come_back_always_in_the_same_language() -> None:
    languages: dict[str | None, set[str | None]] = {}
    for conversation in last_versions():
        languages.setdefault(conversation.customer_id, set()).add(conversation.language)
    assert all(len(spoken) == 1 for spoken in languages.values())
    assert len(languages) < 0.75 * len(last_versions())
    assert any(c.account_id for c in last_versions())


def test_there_is_something_to_mask_and_something_hard_to_render() -> None:
    texts = "\n".join(m.text for c in last_versions() for m in c.spoken)
    assert re.search(r"\w@example\.com", texts)
    assert re.search(r"\+1 202-555-01\d\d|\+44 20 7946 0\d{3}|\+49 \D*30 23125 \d{3}", texts)
    cards = re.findall(r"\b(?:\d[ ]?){13,16}\b", texts)
    assert cards
    assert all(valid_by_luhn(re.sub(r"\D", "", card)) for card in cards)
    assert re.search("[\u0590-\u06ff]", texts)
    assert re.search("[\U0001f300-\U0001faff]", texts)
    assert not re.search(r"[{}]| \|\| |^\d+> ", texts, re.MULTILINE)


def valid_by_luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_only_the_survey_knows_what_the_customer_felt() -> None:
    tags = {tag for topics in TOPICS.values() for topic in topics for tag in topic.tags}
    for version in all_versions():
        assert set(json.loads(version.source_metadata or "{}")) == {"platform", "customer_number"}
        assert set(version.tags) <= tags
        assert version.vendor_cx_score is None
