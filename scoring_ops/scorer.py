"""Judging many transcripts: a bounded pool of calls over an iterator, every answer committed as it arrives.

Here lives what happens between plan and collect. A conversation that cannot be judged is an outcome, not an
exception; a call keeps its place in the pool until its answer is in the cache, so that a killed process pays again
at most for the calls in flight.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple

from pydantic import ValidationError

from scoring_ops.budget import Budget
from scoring_ops.cache import CachedAnswer, Call, JudgementCache, Outcome
from scoring_ops.claims import Claims
from scoring_ops.judges.protocol import (
    Answer,
    EndpointRejected,
    Judge,
    JudgeError,
    ModelUnavailable,
    SchemaBroken,
    Status,
    Usage,
)
from scoring_ops.pace import Pace
from scoring_ops.transcript import Transcript

Clock = Callable[[], datetime]
Progress = Callable[[Status], None]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Judged(NamedTuple):
    """What became of the transcripts given: how many ended in which status, the calls made and the money spent."""

    statuses: Counter[Status]
    calls: int
    cost_usd: float | None


class Scorer:
    """Judges transcripts with one judge into one cache, within a pace and a budget."""

    def __init__(
        self,
        judge: Judge,
        cache: JudgementCache,
        *,
        budget: Budget,
        pace: Pace,
        run_id: str,
        clock: Clock = utc_now,
        progress: Progress = lambda _: None,
    ) -> None:
        self._judge = judge
        self._cache = cache
        self._budget = budget
        self._pace = pace
        self._run_id = run_id
        self._clock = clock
        self._progress = progress
        self._rejected: str | None = None
        self._settled = asyncio.Event()

    async def judge_all(self, transcripts: Iterable[Transcript]) -> Judged:
        """Judges every transcript once; equal ones share a call. The iterable is read as places become free."""
        statuses: Counter[Status] = Counter()
        calls: list[Call] = []
        pending = iter(_distinct(transcripts))

        async def work() -> None:
            for transcript in pending:
                status, call = await self._judge_one(transcript)
                statuses[status] += 1
                if call is not None:
                    calls.append(call)
                self._progress(status)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._pace.limits.max_concurrency):
                group.create_task(work())
        costs = [call.cost_usd for call in calls if call.cost_usd is not None]
        return Judged(statuses, len(calls), sum(costs) if costs or self._budget.price is not None else None)

    async def _judge_one(self, transcript: Transcript) -> tuple[Status, Call | None]:
        if self._rejected is not None:
            self._cache.keep_failure(self._outcome(transcript, "model_error", self._rejected), None)
            return "model_error", None
        most = self._judge.most_usage(transcript)
        reserved = await self._reserve(most)
        if reserved is None:
            self._cache.keep_failure(self._outcome(transcript, "budget_stopped", "the budget is spent"), None)
            return "budget_stopped", None
        await self._pace.wait((most.input_tokens or 0) + (most.output_tokens or 0))
        status, call = await self._call(transcript, reserved)
        self._settled.set()
        return status, call

    async def _reserve(self, most: Usage) -> float | None:
        """Money for a call; waits while calls in flight hold some of it, None when there is none left."""
        while (reserved := self._budget.reserve(most)) is None and self._budget.is_waiting:
            self._settled.clear()
            await self._settled.wait()
        return reserved

    async def _call(self, transcript: Transcript, reserved: float) -> tuple[Status, Call | None]:
        started_at, started = self._clock(), perf_counter()
        try:
            answer = await self._ask(transcript)
        except JudgeError as error:
            usage, status, detail, answer = error.usage, error.status, str(error), None
            if isinstance(error, EndpointRejected):
                self._rejected = detail
        else:
            usage, status, detail = answer.usage, "scored", ""
        call = Call(
            cache_key=self._judge.cache_key(transcript),
            judge_version=self._judge.identity.version,
            model=self._judge.identity.model,
            transcript_hash=transcript.transcript_hash,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=self._budget.settle(reserved, usage),
            latency_ms=(perf_counter() - started) * 1000,
            started_at=started_at,
            run_id=self._run_id,
        )
        if status == "pending":
            return status, None
        if answer is None:
            self._cache.keep_failure(self._outcome(transcript, status, detail), call)
        else:
            self._cache.keep_answer(CachedAnswer(call, answer.claims_json, answer.windows))
        return status, call

    async def _ask(self, transcript: Transcript) -> Answer:
        """The judge's answer, checked; a defect in a judge is this conversation's error and no other's."""
        try:
            answer = await self._judge.judge(transcript)
        except JudgeError:
            raise
        except Exception as error:
            # The type alone: a message could hold the customer's words.
            raise ModelUnavailable(f"the judge failed with {type(error).__name__}") from error
        _check(answer)
        return answer

    def _outcome(self, transcript: Transcript, status: Status, detail: str) -> Outcome:
        version = self._judge.identity.version
        return Outcome(version, transcript.transcript_hash, status, detail, self._run_id)


def _distinct(transcripts: Iterable[Transcript]) -> Iterable[Transcript]:
    seen: set[str] = set()
    for transcript in transcripts:
        if transcript.transcript_hash not in seen:
            seen.add(transcript.transcript_hash)
            yield transcript


def _check(answer: Answer) -> None:
    """A judge that returns broken claims must not poison the cache.

    Raises:
        SchemaBroken: the answer is not valid `Claims`.
    """
    try:
        Claims.model_validate_json(answer.claims_json)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise SchemaBroken(detail, answer.usage) from error
