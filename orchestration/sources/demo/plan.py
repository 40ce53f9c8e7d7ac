"""The plan of a conversation: everything that is decided about it before a word is written.

A plan is cheap, so that extraction can plan some weeks of conversations to find the few hundred of one day. Each is
drawn from its own seed (seed, week, number): none depends on another. It is anchored at its first close, which lies
in its week; what comes before and after is counted from there.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from orchestration.sources.demo.chance import graded, happens, stream, weighted
from orchestration.sources.demo.facts import Facts, draw_facts
from orchestration.sources.demo.odds import (
    CASUAL_RATE,
    CHANNELS,
    CLOSE_WEEKDAYS,
    DECLINE_LIMIT,
    DECLINE_PER_WEEK,
    DECLINE_TOPIC,
    EXPERIENCE,
    KINDS,
    LANGUAGES,
    LONG_NUMBERS,
    REDACTED_NUMBER,
    REOPEN_RATE,
    SECOND_ISSUE_RATE,
    SERVICE,
    SPIKE_FACTOR,
    SPIKE_TOPIC,
    SPIKE_WEEK,
    WORKSPACES,
    Channel,
    Kind,
    Language,
    Service,
    Workspace,
)
from orchestration.sources.demo.survey import Survey, draw_survey
from orchestration.sources.demo.topics import LONG_TOPICS, TOPICS, Topic, topic_named
from scoring_ops.conversation import AiResolutionState

_HOUR_WEIGHTS = (2, 4, 8, 10, 11, 10, 8, 9, 10, 10, 8, 6, 4, 3, 2, 1)  # from 6 to 21 UTC
FIRST_HOUR = 6
_CONFIRMING = frozenset({"delight", "gratitude", "relief", "thanks"})
SATISFIED_FROM = 4  # experiences of customers who come back with something else, not with the same
COLLEAGUES = 6  # customers of one account of the software company
SERVED: frozenset[Kind] = frozenset({"regular", "redacted"})
SURVEYED: frozenset[Kind] = frozenset({*SERVED, "too_short", "no_reply"})


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone who writes, perhaps more than once, always in the same language."""

    number: int
    customer_id: str
    account_id: str | None
    language: Language


@dataclass(frozen=True, slots=True)
class Plan:
    """One conversation, decided. `facts` and `experience` are None where nobody was served to the end."""

    key: str
    conversation_id: str
    kind: Kind
    workspace: Workspace
    customer: Customer
    channel: Channel
    service: Service
    topics: tuple[Topic, ...]
    facts: Facts
    closed_at: datetime
    survey: Survey
    is_short: bool
    is_long: bool
    is_casual: bool
    reopened_after: int | None
    reopened_to_person: bool
    ai_state: AiResolutionState | None

    @property
    def experience(self) -> int | None:
        """The true experience from 1 to 5; None where there was none to speak of."""
        return self.facts.experience if self.kind in SERVED else None


def draw_plan(seed: int, week: int, number: int, monday: date, per_week: int) -> Plan:
    """The plan of a conversation by its place: week from 0, number within the week from 0."""
    key = f"{seed}:{week}:{number}"
    rng = stream(key, "plan")
    workspace = weighted(rng, WORKSPACES)
    customer = _customer(rng, seed, workspace, week, per_week)
    is_long = number in LONG_NUMBERS and customer.language == "en"
    kind: Kind = "redacted" if number == REDACTED_NUMBER else weighted(rng, KINDS)
    topic = _topic(rng, workspace, week)
    if is_long:
        kind, topic = "regular", topic_named(workspace, LONG_TOPICS[workspace])
    channel = weighted(rng, CHANNELS)
    if channel == "phone" and (is_long or kind != "regular"):
        channel = "chat"
    service = weighted(rng, SERVICE[topic.difficulty])
    if channel == "phone" or is_long:
        service = "human_only"
    topics = _topics(rng, workspace, topic, is_long=is_long)
    experience = _experience(rng, topic, week)
    facts = draw_facts(rng, min(experience, 4) if is_long else experience, topic, service, len(topics))
    if is_long:
        facts = replace(facts, effort="high")
    closed_at, weekday = _close(rng, monday + timedelta(weeks=week))
    reopens = happens(rng, REOPEN_RATE) and kind == "regular" and weekday < 4 and not is_long
    reopened_after = rng.randrange(2 * 3600, 40 * 3600) if reopens else None
    if reopens and facts.experience >= SATISFIED_FROM and len(topics) == 1:
        topics, facts = _with_second_issue(rng, workspace, topic, facts)
    if reopens and facts.experience < SATISFIED_FROM and facts.effort == "low":
        facts = replace(facts, effort="moderate")
    surveyed = kind in SURVEYED
    return Plan(
        key=key,
        conversation_id=_conversation_id(monday + timedelta(weeks=week), number),
        kind=kind,
        workspace=workspace,
        customer=customer,
        channel=channel,
        service=service,
        topics=topics,
        facts=facts,
        closed_at=closed_at,
        survey=draw_survey(rng, facts.experience if kind in SERVED else None, service) if surveyed else Survey(),
        is_short=_is_short(rng, facts, topics, channel) and not reopens and service != "mixed",
        is_long=is_long,
        is_casual=channel == "chat" and happens(rng, CASUAL_RATE),
        reopened_after=reopened_after,
        reopened_to_person=happens(rng, 0.5),
        ai_state=_ai_state(rng, facts, service),
    )


def _conversation_id(monday: date, number: int) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}{week:02d}-{number:05d}"


def _customer(rng: Random, seed: int, workspace: Workspace, week: int, per_week: int) -> Customer:
    """Mostly anyone of a pool that drifts by a tenth each week, sometimes one of those who always write."""
    pool = max(20, per_week * WORKSPACES[workspace] * 22 // 1000)
    skewed = happens(rng, 0.12)
    place = rng.random()
    number = week * pool // 10 + int(pool * (place * place if skewed else place))
    language = weighted(stream(seed, workspace, "customer", number), LANGUAGES)
    account = f"acct-{number // COLLEAGUES:04d}" if workspace == "software" else None
    return Customer(number, f"{workspace[0]}-cust-{number:05d}", account, language)


def _topic(rng: Random, workspace: Workspace, week: int) -> Topic:
    def weight(topic: Topic) -> float:
        return topic.weight * (SPIKE_FACTOR if topic.key == SPIKE_TOPIC and week == SPIKE_WEEK else 1.0)

    return weighted(rng, {topic: weight(topic) for topic in TOPICS[workspace]})


def _topics(rng: Random, workspace: Workspace, topic: Topic, *, is_long: bool) -> tuple[Topic, ...]:
    others = [other for other in TOPICS[workspace] if other != topic]
    second = happens(rng, SECOND_ISSUE_RATE)
    if is_long:
        return (topic, *others[:3])
    return (topic, rng.choice(others)) if second else (topic,)


def _with_second_issue(
    rng: Random, workspace: Workspace, topic: Topic, facts: Facts
) -> tuple[tuple[Topic, ...], Facts]:
    """A satisfied customer comes back with something else, which is then solved too."""
    other = rng.choice([other for other in TOPICS[workspace] if other != topic])
    return (topic, other), replace(facts, resolutions=(*facts.resolutions, "resolved"))


def _experience(rng: Random, topic: Topic, week: int) -> int:
    experience = graded(rng, EXPERIENCE[topic.difficulty])
    worse = happens(rng, min(week * DECLINE_PER_WEEK, DECLINE_LIMIT))
    return max(experience - 1, 1) if worse and topic.key == DECLINE_TOPIC else experience


def _close(rng: Random, monday: date) -> tuple[datetime, int]:
    weekday = graded(rng, CLOSE_WEEKDAYS) - 1
    hour = FIRST_HOUR + graded(rng, _HOUR_WEIGHTS) - 1
    at = time(hour, rng.randrange(60), rng.randrange(60), tzinfo=UTC)
    return datetime.combine(monday + timedelta(days=weekday), at), weekday


def _is_short(rng: Random, facts: Facts, topics: tuple[Topic, ...], channel: Channel) -> bool:
    chance = 0.45 if topics[0].difficulty == "easy" else 0.22
    plain = facts.effort == "low" and not facts.faults and len(topics) == 1
    return happens(rng, chance) and plain and channel != "phone"


def _ai_state(rng: Random, facts: Facts, service: Service) -> AiResolutionState | None:
    """What the helpdesk makes of the AI agent's work: silence counts as resolved, which is often wrong."""
    said_no = happens(rng, 0.4)
    escalated = happens(rng, 0.35)
    if service == "human_only":
        return None
    if service == "mixed":
        return "escalated" if escalated else "handoff"
    if facts.ending in _CONFIRMING and facts.resolutions[0] == "resolved":
        return "confirmed"
    return "negative_feedback" if said_no and facts.experience <= 2 else "assumed"
