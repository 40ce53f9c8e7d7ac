"""Several endpoints of one model as one: which of them takes a call, when, and what happens where it fails.

A call waits for the limits of the settings, then at the gate of the endpoint that has most room. What passes by itself
is tried again: a refusal for load (429) as often as patience lasts, since it costs nothing; a broken answer a bounded
number of times. An endpoint that only fails rests, longer each time; when none has answered for long, judging stops.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import NamedTuple, Protocol

from scoring_ops.gate import Gate
from scoring_ops.judges.chat import Failure, Reply
from scoring_ops.judges.dialect import Dialect
from scoring_ops.judges.protocol import EndpointRejected, ModelUnavailable
from scoring_ops.pace import Pace
from scoring_ops.throttle import Sent, Throttle

Sleep = Callable[[float], Awaitable[None]]
PATIENCE = 900.0
"""Seconds for which one call waits for an endpoint that refuses for load."""
GIVE_UP = 120.0
"""Seconds without any answer after which an endpoint that fails is taken for gone."""
_PASSING = frozenset({"broken", "overloaded"})
_FAILING = frozenset({"broken", "overloaded", "unreadable"})
_FAILS_BEFORE_REST = 5
_FIRST_REST, _LONGEST_REST = 1.0, 30.0
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.25, 8.0


class Chat(Protocol):
    """What a fleet needs of an endpoint."""

    @property
    def host(self) -> str:
        """Its name, for messages."""
        ...

    async def complete(self, body: bytes) -> Reply | Failure:
        """Sends a request body and reads the answer."""
        ...

    async def aclose(self) -> None:
        """Closes its connections."""
        ...


class Member:
    """An endpoint in the fleet: its gate, what it takes of the API, and how well it is."""

    def __init__(self, chat: Chat, dialect: Dialect, most_in_flight: int, clock: Callable[[], float]) -> None:
        self.chat = chat
        self.dialect = dialect
        self.gate = Gate(Throttle(most_in_flight), clock=clock)
        self.rejected: str | None = None
        self._clock = clock
        self._fails = 0
        self._rests = 0
        self._resting_until = 0.0
        self._failing_since: float | None = None
        self._took_at = -math.inf

    @property
    def ready_in(self) -> float:
        """Seconds until it may be tried again; 0 where it is well."""
        return max(0.0, self._resting_until - self._clock())

    @property
    def is_gone(self) -> bool:
        """True where it has only failed for long."""
        return self._failing_since is not None and self._clock() - self._failing_since > GIVE_UP

    def took_since(self, moment: float) -> bool:
        """True where it has taken a call since then: it refuses some for load, not all."""
        return self._took_at >= moment

    def took(self) -> None:
        """It took a call, whatever it answered."""
        self._took_at = self._clock()

    def answered(self) -> None:
        """It is there, whatever it said."""
        self._fails = self._rests = 0
        self._failing_since = None

    def failed(self) -> None:
        """It broke or was silent; a series of that is a reason to rest."""
        now = self._clock()
        self._failing_since = self._failing_since if self._failing_since is not None else now
        self._fails += 1
        if self._fails >= _FAILS_BEFORE_REST and now >= self._resting_until:
            self._resting_until = now + min(_LONGEST_REST, _FIRST_REST * 2**self._rests)
            self._rests += 1
            self.gate.throttle.restart()


class Answered(NamedTuple):
    """What came of a call, at which endpoint, asked in which dialect."""

    outcome: Reply | Failure
    member: Member
    dialect: Dialect


class Fleet:
    """Sends calls to whichever endpoint is best."""

    def __init__(
        self,
        members: Sequence[tuple[Chat, Dialect]],
        pace: Pace,
        *,
        most_in_flight: int,
        attempts: int = 5,
        patience: float = PATIENCE,
        clock: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Nothing is sent yet.

        Args:
            members: the endpoints, each with the dialect to begin with.
            pace: the limits of the settings, for all endpoints together.
            most_in_flight: the most calls at once at one endpoint.
            attempts: how often a call that breaks is sent in all.
            patience: seconds for which a call that is refused for load goes on trying.
            clock: seconds that only grow.
            sleep: how to wait.
        """
        self.members = [Member(chat, dialect, most_in_flight, clock) for chat, dialect in members]
        self._pace = pace
        self._attempts = attempts
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._chance = random.Random(7)  # noqa: S311  spreads retries, hides nothing

    async def send(self, body_for: Callable[[Dialect], bytes], tokens: int) -> Answered:
        """An answer, or a failure that no other endpoint and no further attempt can mend.

        Args:
            body_for: the request body in the dialect of the endpoint that takes the call.
            tokens: the most the call may consume, for the limit of tokens per minute.

        Raises:
            EndpointRejected: no endpoint takes this key or model, or none has answered for long.
            ModelUnavailable: the call broke too often, or patience ended.
        """
        began, broken = self._clock(), 0
        while True:
            await self._pace.wait(tokens)
            member = await self._best()
            dialect = member.dialect
            outcome = await self._through(member, body_for(dialect))
            if isinstance(outcome, Reply):
                used = outcome.completion.usage
                if used is not None:
                    self._pace.correct(tokens, (used.prompt_tokens or 0) + (used.completion_tokens or 0))
                return Answered(outcome, member, dialect)
            self._pace.correct(tokens, 0)
            if outcome.kind == "rejected":
                member.rejected = outcome.detail
            elif outcome.kind in _PASSING:
                broken += 1
                if broken >= self._attempts:
                    raise ModelUnavailable(outcome.detail)
            elif outcome.kind != "limited":
                return Answered(outcome, member, dialect)
            if self._clock() - began > self._patience:
                detail = f"{outcome.detail}; gave up after {self._patience:g} s"
                raise (ModelUnavailable if member.took_since(began) else EndpointRejected)(detail)
            await self._pause(outcome, broken)

    async def aclose(self) -> None:
        """Closes all connections."""
        for member in self.members:
            await member.chat.aclose()

    async def _best(self) -> Member:
        """The endpoint with most room among those that are well; waits where all of them rest."""
        while True:
            usable = [member for member in self.members if member.rejected is None]
            if not usable:
                raise EndpointRejected("; ".join(sorted({member.rejected or "" for member in self.members})))
            if all(member.is_gone for member in usable):
                hosts = ", ".join(member.chat.host for member in usable)
                raise EndpointRejected(f"{hosts}: no answer for {GIVE_UP:g} s")
            ready = [member for member in usable if member.ready_in == 0]
            if ready:
                return min(ready, key=lambda member: member.gate.load)
            await self._sleep(min(member.ready_in for member in usable))

    async def _through(self, member: Member, body: bytes) -> Reply | Failure:
        """One request through the gate of an endpoint; the gate and the endpoint's health learn from the outcome."""
        sent = await member.gate.enter()
        try:
            outcome = await member.chat.complete(body)
        except BaseException:
            member.gate.failed()
            raise
        _tell(member, sent, outcome)
        return outcome

    async def _pause(self, failure: Failure, broken: int) -> None:
        """Before the same call goes again: as long as the endpoint asked for, else longer each time it broke."""
        if failure.retry_after is not None:
            await self._sleep(min(failure.retry_after, self._patience))
        elif failure.kind in _PASSING:
            longest = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (broken - 1))
            await self._sleep(longest * (0.5 + self._chance.random() / 2))


def _tell(member: Member, sent: Sent, outcome: Reply | Failure) -> None:
    gate = member.gate
    kind = outcome.kind if isinstance(outcome, Failure) else "answered"
    retry_after = outcome.retry_after if isinstance(outcome, Failure) else None
    if kind == "limited":
        gate.refused(sent, retry_after)
    elif kind == "overloaded":
        gate.overloaded(sent, retry_after)
    elif kind in _FAILING:
        gate.failed()
    else:
        gate.accepted(sent)
        member.took()
    if kind in _FAILING:
        member.failed()
    else:
        member.answered()
    if outcome.allowance is not None:
        gate.told(*outcome.allowance)
