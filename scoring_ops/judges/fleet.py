"""Several endpoints of one model as one: which of them takes a call, when, and what happens where it fails.

A call waits for the limits of the settings, then at the gate of the endpoint that has most room. What passes by itself
is tried again: a refusal for load (429) as often as patience lasts, since it costs nothing; a broken answer a bounded
number of times, but for those of an endpoint that is down altogether. How well one is, is `member.py`; when all of them
are gone, judging stops.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import NamedTuple

from scoring_ops.judges.chat import Failure, Reply
from scoring_ops.judges.dialect import Dialect
from scoring_ops.judges.member import Chat, Member
from scoring_ops.judges.protocol import EndpointRejected, ModelUnavailable
from scoring_ops.pace import Pace
from scoring_ops.throttle import Sent

Sleep = Callable[[float], Awaitable[None]]
PATIENCE = 900.0
"""Seconds for which one call waits for an endpoint that refuses for load."""
LOOK_AGAIN = 30.0
"""Seconds at the gate of one endpoint after which a call looks for a better one."""
_PASSING = frozenset({"broken", "overloaded"})
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.25, 8.0


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
        self.members = [Member(chat, dialect, most_in_flight, patience, clock) for chat, dialect in members]
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
        began: float | None = None
        left: Member | None = None
        broken = 0
        while True:
            await self._pace.wait(tokens)
            member, sent = await self._place(left)
            dialect, was_down = member.dialect, member.is_down
            outcome = await self._complete(member, sent, body_for(dialect))
            if isinstance(outcome, Reply):
                used = outcome.completion.usage
                if used is not None:
                    self._pace.correct(tokens, (used.prompt_tokens or 0) + (used.completion_tokens or 0))
                return Answered(outcome, member, dialect)
            self._pace.correct(tokens, 0)
            if outcome.kind == "rejected":
                member.rejected = outcome.detail
            elif outcome.kind in _PASSING:
                broken += not was_down
                if broken >= self._attempts:
                    raise ModelUnavailable(outcome.detail)
            elif outcome.kind != "limited":
                return Answered(outcome, member, dialect)
            began = self._clock() if began is None else began
            if self._clock() - began > self._patience:
                detail = f"{outcome.detail}; gave up after {self._patience:g} s"
                took = any(member.took_since(began) for member in self.members)
                raise (ModelUnavailable if took else EndpointRejected)(detail)
            left = member
            await self._pause(member, outcome, broken)

    async def aclose(self) -> None:
        """Closes all connections."""
        for member in self.members:
            await member.chat.aclose()

    async def _best(self, left: Member | None) -> Member:
        """The endpoint with most room among those that are well, another than `left` if it can be; waits for one."""
        while True:
            usable = [member for member in self.members if member.rejected is None]
            if not usable:
                raise EndpointRejected("; ".join(sorted({member.rejected or "" for member in self.members})))
            opened = [member for member in usable if member.is_open]
            if not opened and all(member.is_gone for member in usable):
                hosts = ", ".join(sorted({member.chat.host for member in usable}))
                raise EndpointRejected(f"{hosts}: no call was taken for too long")
            if ready := [member for member in usable if member.ready_in == 0]:
                better = [member for member in opened if member is not left] or opened
                return min(better or ready, key=lambda member: member.gate.load)
            await self._sleep(min(member.ready_in for member in usable))

    async def _place(self, left: Member | None) -> tuple[Member, Sent]:
        """A place at the best endpoint; one that fails or stays closed while the call waits is left for another."""
        while True:
            member = await self._best(left)
            try:
                async with asyncio.timeout(min(LOOK_AGAIN, self._patience)):
                    sent = await member.gate.enter()
            except TimeoutError:
                continue
            if sent is None:
                continue
            if member.ready_in == 0 and member.rejected is None:
                return member, sent
            member.gate.failed()

    async def _complete(self, member: Member, sent: Sent, body: bytes) -> Reply | Failure:
        """What came of a request; the endpoint learns from it."""
        try:
            outcome = await member.chat.complete(body)
        except BaseException:
            member.gate.failed()
            raise
        member.learn(sent, outcome)
        if not member.is_open and self._is_another_open(member):
            member.gate.turn_away()
        return outcome

    def _is_another_open(self, member: Member) -> bool:
        return any(other.is_open for other in self.members if other is not member)

    async def _pause(self, member: Member, failure: Failure, broken: int) -> None:
        """Before the same call goes to the same endpoint again: as it asked for, else longer each time it broke."""
        if self._is_another_open(member):
            return
        if failure.retry_after is not None:
            await self._sleep(min(failure.retry_after, self._patience))
        elif failure.kind in _PASSING:
            longest = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** max(0, broken - 1))
            await self._sleep(longest * (0.5 + self._chance.random() / 2))
