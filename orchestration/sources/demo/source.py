"""The demo source: an invented helpdesk of three companies, the same for a seed on every machine.

Conversations first close within the demo's weeks (in UTC), `conversations_per_week` in each, so that its days, seen
as daily partitions by update day, hold every one of them; what would change after the last day (late ratings of the
last week) is never emitted. No text is real; what truly happened in each conversation is in `truth()` alone.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from os import PathLike

from orchestration.sources.demo.plan import SERVED, draw_plan
from orchestration.sources.demo.story import tell
from orchestration.sources.demo.timeline import LONGEST_AFTER, LONGEST_BEFORE, Timeline, may_change_on, timeline_of
from orchestration.sources.demo.truth import KnownTruth, truth_of, write_truth
from scoring_ops.conversation import AiResolutionState, AuthorType, Conversation, Message, State

FIRST_MONDAY = date(2026, 3, 2)
_WEEK = timedelta(weeks=1)


class DemoSource:
    """Invented conversations of fixed dates in the past, over the workspaces retail, software and travel."""

    def __init__(
        self,
        workspace_prefix: str = "demo",
        weeks: int = 4,
        seed: int = 7,
        first_monday: date = FIRST_MONDAY,
        conversations_per_week: int = 750,
    ) -> None:
        if first_monday.weekday() != 0:
            raise ValueError(f"first_monday is a {first_monday:%A}: {first_monday}")
        self._prefix = workspace_prefix
        self._weeks = weeks
        self._seed = seed
        self._monday = first_monday
        self._per_week = conversations_per_week
        self._end = datetime.combine(first_monday + weeks * _WEEK, time(), tzinfo=UTC)

    @property
    def name(self) -> str:
        """The setting that chooses this source."""
        return "demo"

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the demo: every version has its update day among them."""
        return tuple(self._monday + timedelta(days=day) for day in range(7 * self._weeks))

    def extract(self, days: frozenset[date]) -> Iterator[Conversation]:
        """Every version whose update day is among `days`, one conversation after the other, its versions in order."""
        wanted = days & frozenset(self.days)
        for timeline in self._timelines(wanted):
            moments = [moment for moment in timeline.versions(self._end) if moment.date() in wanted]
            if moments:
                yield from self._versions(timeline, moments)

    def truth(self) -> Iterator[KnownTruth]:
        """What is true of each conversation as of the end of the last day."""
        for timeline in self._timelines(frozenset(self.days)):
            yield truth_of(timeline, self._workspace_id(timeline), self.name, self._end)

    def write_truth(self, path: str | PathLike[str]) -> None:
        """Writes the truth to a Parquet file, which is not part of the lake."""
        write_truth(self.truth(), path)

    def _timelines(self, days: frozenset[date]) -> Iterator[Timeline]:
        """The timelines of all conversations that may change on one of these days."""
        for week in range(self._weeks):
            monday = self._monday + week * _WEEK
            first, last = monday - LONGEST_BEFORE, monday + _WEEK + LONGEST_AFTER
            if any(first <= day <= last for day in days):
                plans = (
                    draw_plan(self._seed, week, number, self._monday, self._per_week)
                    for number in range(self._per_week)
                )
                yield from (timeline_of(plan) for plan in plans if may_change_on(plan, days))

    def _workspace_id(self, timeline: Timeline) -> str:
        return f"{self._prefix}-{timeline.plan.workspace}"

    def _versions(self, timeline: Timeline, moments: list[datetime]) -> Iterator[Conversation]:
        messages, subject = tell(timeline)
        for moment in moments:
            until_then = tuple(m for m in messages if m.sent_at is not None and m.sent_at <= moment)
            yield _version(
                timeline,
                moment,
                until_then,
                workspace_id=self._workspace_id(timeline),
                source=self.name,
                subject=subject,
            )


def _version(
    timeline: Timeline,
    moment: datetime,
    messages: tuple[Message, ...],
    *,
    workspace_id: str,
    source: str,
    subject: str,
) -> Conversation:
    """The conversation as the helpdesk showed it at `moment`."""
    plan, survey = timeline.plan, timeline.plan.survey
    closes = _moments(messages, "close")
    reopens = _moments(messages, "reopen")
    requests = _moments(messages, "rating_request")
    rated_at = timeline.rated_at if timeline.rated_at and timeline.rated_at <= moment else None
    ai_took_part = any(m.author_type == "ai_agent" for m in messages)
    ai_state = _ai_state(timeline, messages, is_closed=bool(closes))
    return Conversation(
        workspace_id=workspace_id,
        source=source,
        conversation_id=plan.conversation_id,
        version_at=moment,
        created_at=messages[0].sent_at,
        first_closed_at=closes[0] if closes else None,
        last_closed_at=closes[-1] if closes else None,
        state=_state(timeline, len(closes), len(reopens)),
        channel=plan.channel,
        language=plan.customer.language,
        subject=subject if plan.channel == "email" and plan.kind in SERVED | {"open", "merged"} else None,
        topic=plan.topics[0].key if plan.kind not in {"spam", "test", "outbound"} else None,
        team=plan.topics[0].team,
        tags=plan.topics[0].tags[: 1 + len(plan.topics) % 2],
        customer_id=plan.customer.customer_id,
        account_id=plan.customer.account_id,
        reopen_count=len(reopens),
        is_spam=plan.kind == "spam" and bool(closes),
        is_merged=plan.kind == "merged" and bool(closes),
        is_test=plan.kind == "test",
        initiated_by=_initiator(messages),
        ai_agent_participated=ai_took_part,
        ai_resolution_state=ai_state,
        ai_resolution_rescinded_at=reopens[0] if reopens and ai_state in {"assumed", "confirmed"} else None,
        csat_requested_at=requests[0] if requests else None,
        csat_rating=survey.rating if rated_at else None,
        csat_rated_at=rated_at,
        csat_scale="1-5" if requests else None,
        csat_remark=next((m.text for m in messages if m.kind == "rating" and m.text), None),
        ai_csat_rating=survey.ai_rating if closes and ai_took_part else None,
        source_metadata=json.dumps({"platform": "invented", "customer_number": plan.customer.number}),
        messages=messages,
    )


def _moments(messages: tuple[Message, ...], kind: str) -> list[datetime]:
    return [m.sent_at for m in messages if m.kind == kind and m.sent_at is not None]


def _state(timeline: Timeline, closes: int, reopens: int) -> State:
    if closes > reopens:
        return "closed"
    waits_for_customer = timeline.beats[-1].beat.author in {"human_agent", "ai_agent"}
    return "snoozed" if timeline.plan.kind == "open" and waits_for_customer else "open"


def _initiator(messages: tuple[Message, ...]) -> AuthorType:
    """Who wrote first; a bot's greeting and the agent's "how can I help" on the phone begin nothing."""
    if any(m.author_type == "customer" for m in messages):
        return "customer"
    return messages[0].author_type


def _ai_state(timeline: Timeline, messages: tuple[Message, ...], *, is_closed: bool) -> AiResolutionState | None:
    handed_off = any(m.kind == "handoff" for m in messages)
    knows = is_closed or handed_off
    took_part = any(m.author_type == "ai_agent" for m in messages)
    return timeline.plan.ai_state if knows and took_part else None
