"""When things happen: the time of every beat, and the versions that a daily extraction sees.

A conversation is anchored at its first close. A helpdesk shows the present only, so that of all changes of one UTC
day the last is what is extracted: there is one version per conversation and day on which anything changed.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orchestration.sources.demo.beats import Beat
from orchestration.sources.demo.odd import script_of
from orchestration.sources.demo.plan import Plan

LONGEST_BEFORE = timedelta(days=8)
"""No conversation begins earlier than this before its first close; slower ones are quickened."""

LONGEST_AFTER = timedelta(days=7)
"""Nothing happens later than this after the first close: late ratings, reopenings."""

_LONGEST_TALK = timedelta(days=1)
_LONGEST_SECOND_PART = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class TimedBeat:
    """A beat and when it happens."""

    beat: Beat
    at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that happens in a conversation, in order, and the moments that its fields speak of."""

    plan: Plan
    beats: tuple[TimedBeat, ...]
    rated_at: datetime | None

    def versions(self, end: datetime) -> Iterator[datetime]:
        """The last change of each day on which something changed before `end`, in order."""
        last: dict[date, datetime] = {}
        for timed in self.beats:
            if timed.at < end:
                last[timed.at.date()] = timed.at
        yield from last.values()


def may_change_on(plan: Plan, days: Collection[date]) -> bool:
    """False where the plan alone tells that nothing happens on these days; spares writing its script."""
    before = _longest_before(plan)
    reopened = plan.reopened_after + _LONGEST_SECOND_PART.total_seconds() if plan.reopened_after else 0
    after = timedelta(seconds=max(reopened, plan.survey.answered_after or plan.survey.asked_after or 0))
    first, last = (plan.closed_at - before).date(), (plan.closed_at + after).date()
    return any(first <= day <= last for day in days)


def timeline_of(plan: Plan) -> Timeline:
    """The timeline of a plan: its script around its first close, and its survey."""
    beats = script_of(plan)
    closes = [number for number, beat in enumerate(beats) if beat.kind == "close"]
    first_close = closes[0] if closes else len(beats) - 1
    timed = [*_before(plan, beats[: first_close + 1]), *_after(plan, beats[first_close + 1 :])]
    survey, rated_at = plan.survey, None
    if survey.asked_after is not None:
        at = plan.closed_at + timedelta(seconds=survey.asked_after)
        timed.append(TimedBeat(Beat("system", "rating_request", ("automatic.rating_request",), 0), at))
    if survey.answered_after is not None:
        rated_at = plan.closed_at + timedelta(seconds=survey.answered_after)
        timed.append(TimedBeat(Beat("customer", "rating", _remark(plan), 0), rated_at))
    return Timeline(plan, tuple(sorted(timed, key=lambda timed: timed.at)), rated_at)


def _longest_before(plan: Plan) -> timedelta:
    return LONGEST_BEFORE if plan.channel == "email" or plan.is_long else _LONGEST_TALK


def _before(plan: Plan, beats: list[Beat]) -> list[TimedBeat]:
    total = sum(beat.wait for beat in beats)
    longest = int(_longest_before(plan).total_seconds())
    return _timed(beats, plan.closed_at - timedelta(seconds=min(total, longest)), total, longest)


def _after(plan: Plan, beats: list[Beat]) -> list[TimedBeat]:
    if not beats:
        return []
    start = plan.closed_at + timedelta(seconds=plan.reopened_after or 0)
    total = sum(beat.wait for beat in beats)
    return _timed(beats, start, total, int(_LONGEST_SECOND_PART.total_seconds()))


def _timed(beats: list[Beat], start: datetime, total: int, longest: int) -> list[TimedBeat]:
    """The beats from `start` on, their waits shortened alike where they take longer than `longest` seconds."""
    timed: list[TimedBeat] = []
    passed = 0
    for beat in beats:
        passed += beat.wait
        seconds = passed if total <= longest else passed * longest // total
        timed.append(TimedBeat(beat, start + timedelta(seconds=seconds)))
    return timed


def _remark(plan: Plan) -> tuple[str, ...]:
    rating = plan.survey.rating
    if not plan.survey.remark or rating is None:
        return ()
    return ("remark.low" if rating <= 2 else "remark.middle" if rating == 3 else "remark.high",)
