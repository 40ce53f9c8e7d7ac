"""Judging many transcripts: a stream of them through a bounded pool of calls, every answer committed as it arrives.

Here lives what happens between plan and collect. A conversation that cannot be judged is an outcome, not an
exception. A transcript is leased and its money set aside before it is asked about, so that processes on one cache
never pay twice; its call keeps its place in the pool until the answer is committed, so that a killed process pays
again at most for the calls in flight. No more transcripts are held than the pool has places, and one group.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from time import monotonic, perf_counter
from typing import NamedTuple

from scoring_ops.budget import Budget, day_scope, run_scope
from scoring_ops.cache import Attempt, CachedAnswer, CacheError, Call, JudgementCache, Outcome, Settled
from scoring_ops.claims import Claims
from scoring_ops.commits import GroupCommit
from scoring_ops.judges.completion import answer_error
from scoring_ops.judges.protocol import (
    Answer,
    EndpointRejected,
    Judge,
    JudgeError,
    ModelUnavailable,
    SchemaBroken,
    Status,
    Try,
)
from scoring_ops.leases import BEAT_EVERY, Claimed, Leases, Wanted
from scoring_ops.transcript import Transcript

Clock = Callable[[], datetime]
Progress = Callable[[], None]
GROUP = 64  # transcripts leased in one transaction
MOST_POSTPONED = 8 * GROUP  # those that others hold, or that wait for money, before no more are read
LOOK_AGAIN = 0.25  # seconds between looks at what other processes hold, or at money in flight


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Judged(NamedTuple):
    """What became of the transcripts given: how many ended in which status, the calls made and the money spent."""

    statuses: Counter[Status]
    elsewhere: int
    """Settled by another process meanwhile."""
    calls: int
    cost_usd: float | None


class Scorer:
    """Judges transcripts with one judge into one cache, within a budget."""

    def __init__(
        self,
        judge: Judge,
        cache: JudgementCache,
        *,
        budget: Budget,
        run_id: str,
        concurrency: int = 64,
        retry_failed: bool = False,
        clock: Clock = utc_now,
        watch: Callable[[], float] = monotonic,
        progress: Progress = lambda: None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            judge: who is asked.
            cache: where answers are kept; shared with other processes.
            budget: the price and the limits.
            run_id: the run that pays.
            concurrency: the most transcripts in the hands of the judge at once.
            retry_failed: asks again about what was refused for good.
            clock: the time of day, for the ledger alone.
            watch: seconds that only grow, for all waiting.
            progress: told the status of each transcript.
        """
        self._judge = judge
        self._cache = cache
        self._budget = budget
        self._run_id = run_id
        self._concurrency = concurrency
        self._retry_failed = retry_failed
        self._clock = clock
        self._leases = Leases(cache, judge.identity.version, clock=watch)
        self._commits = GroupCommit[Settled](self._commit)
        self._progress = progress
        self._rejected: str | None = None
        self._statuses: Counter[Status] = Counter()
        self._elsewhere = self._calls = 0
        self._cost = 0.0
        self._freed = asyncio.Event()

    async def judge_all(self, transcripts: Iterable[Transcript]) -> Judged:
        """Judges every transcript once; equal ones share a call. The iterable is read as places become free.

        Raises:
            CacheError: answers cannot be kept, so no more are paid for.
        """
        queue: asyncio.Queue[Transcript | None] = asyncio.Queue(self._concurrency)
        with self._leases:
            try:
                async with asyncio.TaskGroup() as group:
                    beating = group.create_task(self._beat())
                    workers = [group.create_task(self._work(queue)) for _ in range(self._concurrency)]
                    await self._feed(_distinct(transcripts), queue)
                    await asyncio.gather(*workers)
                    beating.cancel()
            except* CacheError as errors:
                raise _first(errors) from None
            finally:  # an interrupted run keeps the answers that have arrived
                await self._commits.drain()
        known = self._calls and self._budget.price is None
        return Judged(self._statuses, self._elsewhere, self._calls, None if known else self._cost)

    async def _feed(self, transcripts: Iterator[Transcript], queue: asyncio.Queue[Transcript | None]) -> None:
        """Leases transcripts group by group and hands them to the workers; then waits for what others hold."""
        postponed: deque[Transcript] = deque()
        while group := await asyncio.to_thread(lambda: list(islice(transcripts, GROUP))):
            await self._lease(group, queue, postponed)
            await self._resume(queue, postponed, MOST_POSTPONED)
        await self._resume(queue, postponed, 0)
        for _ in range(self._concurrency):
            await queue.put(None)

    async def _resume(self, queue: asyncio.Queue[Transcript | None], postponed: deque[Transcript], most: int) -> None:
        """Claims postponed transcripts again until at most so many are left."""
        while len(postponed) > most:
            self._freed.clear()
            again = [postponed.popleft() for _ in range(min(GROUP, len(postponed)))]
            if await self._lease(again, queue, postponed) == 0:
                await self._settled_or_later()

    async def _settled_or_later(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._freed.wait()
        except TimeoutError:
            return

    async def _lease(
        self, group: Sequence[Transcript], queue: asyncio.Queue[Transcript | None], postponed: deque[Transcript]
    ) -> int:
        """Claims a group; returns how many of it are off the list, be they leased, settled, stopped or in a batch."""
        claimed = await asyncio.to_thread(self._claim, group)
        for transcript in group:
            name = transcript.transcript_hash
            if name in claimed.mine:
                await queue.put(transcript)
            elif name in claimed.settled:
                self._elsewhere += 1
                self._progress()
            elif name in claimed.batched:  # it may take a day: the next run finds the answer
                self._tell("pending")
            elif name in claimed.unaffordable:
                await self._give_up(transcript, "budget_stopped", "the budget is spent")
            else:
                postponed.append(transcript)
        return len(group) - len(claimed.held) - len(claimed.waiting)

    def _claim(self, group: Sequence[Transcript]) -> Claimed:
        today = self._clock()
        limited = self._budget.is_limited
        wanted = [
            Wanted(t.transcript_hash, self._budget.reserve(self._judge.most_usage(t)) if limited else 0) for t in group
        ]
        claimed = self._leases.claim(
            wanted,
            caps=self._budget.caps(self._run_id, today),
            run_scope=run_scope(self._run_id),
            day_scope=day_scope(today),
            retry_failed=self._retry_failed,
        )
        if claimed.held or claimed.waiting:  # by somebody who may have died
            self._leases.bury_dead(self._leases.others())
        return claimed

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY)
            await asyncio.to_thread(self._leases.beat)

    async def _work(self, queue: asyncio.Queue[Transcript | None]) -> None:
        while (transcript := await queue.get()) is not None:
            if self._rejected is not None:
                await self._give_up(transcript, "model_error", self._rejected)
            else:
                await self._judge_one(transcript)
            self._freed.set()

    async def _give_up(self, transcript: Transcript, status: Status, detail: str) -> None:
        """Settles a transcript without a call."""
        outcome = self._outcome(transcript, status, detail)
        await self._commits.keep(Settled(outcome.judge_version, outcome.transcript_hash, outcome))
        self._tell(status)

    async def _judge_one(self, transcript: Transcript) -> None:
        started_at, started = self._clock(), perf_counter()
        result: Answer | JudgeError
        try:
            result = await self._ask(transcript)
        except JudgeError as error:
            result = error
            if isinstance(error, EndpointRejected):
                self._rejected = str(error)
            if error.status == "pending":  # nobody was asked: there is nothing to keep
                self._tell("pending")
                return
        took_ms = (perf_counter() - started) * 1000
        settled = self._settled(transcript, result, started_at, took_ms)
        await self._commits.keep(settled)
        self._calls += len(settled.attempts)
        self._cost += sum(attempt.call.cost_usd or 0.0 for attempt in settled.attempts)
        self._tell(settled.result.status if isinstance(settled.result, Outcome) else "scored")

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

    def _settled(
        self, transcript: Transcript, result: Answer | JudgeError, started_at: datetime, took_ms: float
    ) -> Settled:
        """What is committed: the result, a ledger line per try, and the whole call behind an answer."""
        status: Status = "scored" if isinstance(result, Answer) else result.status
        tries = result.tries or (Try(result.usage, status, took_ms),)
        key = self._judge.cache_key(transcript)
        lines = tuple(Attempt(self._call(transcript, key, made, started_at), made.status) for made in tries)
        version, name = self._judge.identity.version, transcript.transcript_hash
        if not isinstance(result, Answer):
            return Settled(version, name, self._outcome(transcript, status, str(result)), lines)
        whole = self._call(transcript, key, Try(result.usage, status, took_ms), started_at)
        return Settled(version, name, CachedAnswer(whole, result.claims_json, result.windows), lines)

    def _call(self, transcript: Transcript, cache_key: str, made: Try, started_at: datetime) -> Call:
        return Call(
            cache_key=cache_key,
            judge_version=self._judge.identity.version,
            model=self._judge.identity.model,
            transcript_hash=transcript.transcript_hash,
            input_tokens=made.usage.input_tokens,
            output_tokens=made.usage.output_tokens,
            cost_usd=self._budget.cost(made.usage),
            latency_ms=made.latency_ms,
            started_at=started_at,
            run_id=self._run_id,
        )

    def _outcome(self, transcript: Transcript, status: Status, detail: str) -> Outcome:
        version = self._judge.identity.version
        return Outcome(version, transcript.transcript_hash, status, detail, self._run_id)

    def _commit(self, group: Sequence[Settled]) -> None:
        self._cache.keep(group, self._leases.owner)

    def _tell(self, status: Status) -> None:
        self._statuses[status] += 1
        self._progress()


def _first(errors: BaseExceptionGroup[CacheError]) -> CacheError:
    """One of several processes' worth of the same complaint."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return CacheError(str(error))


def _distinct(transcripts: Iterable[Transcript]) -> Iterator[Transcript]:
    seen: set[bytes] = set()
    for transcript in transcripts:
        name = bytes.fromhex(transcript.transcript_hash)
        if name not in seen:
            seen.add(name)
            yield transcript


def _check(answer: Answer) -> None:
    """A judge that returns broken claims must not poison the cache.

    Raises:
        SchemaBroken: the answer is not valid `Claims`.
    """
    if error := answer_error(answer.claims_json, Claims):
        raise SchemaBroken(error, answer.usage, answer.tries)
