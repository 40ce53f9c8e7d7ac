"""One endpoint of a fleet: its gate, the dialect it takes, and how well it is, learnt from what comes back.

Which endpoint a call goes to, and how often, is `fleet.py`. An endpoint that only fails rests, longer each time, and
then one call asks whether it is back; so does an endpoint that only refuses, by its gate. One that has done nothing
else for long is gone: nobody waits for it any more, though a later call may find it back.
"""

import math
from collections.abc import Callable
from typing import Protocol

from scoring_ops.gate import Gate
from scoring_ops.judges.chat import Failure, Reply
from scoring_ops.judges.dialect import Dialect
from scoring_ops.throttle import Sent, Throttle

GIVE_UP = 120.0
"""Seconds without any answer after which an endpoint that fails is taken for gone."""
FAILING = frozenset({"broken", "overloaded", "unreadable"})
_FAILS_BEFORE_REST = 5
_FIRST_REST, _LONGEST_REST = 1.0, 30.0


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


class _Series:
    """Trouble without a break, and the moment at which it has lasted too long.

    A time in which nothing was sent is no part of it: a failure last night and one this morning are two series.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._last = 0.0
        self.too_long_at = math.inf

    def goes_on(self, sent_at: float, now: float) -> None:
        if self.too_long_at == math.inf or sent_at - self._last > self._most:
            self.too_long_at = now + self._most
        self._last = now

    def ends(self) -> None:
        self.too_long_at = math.inf


class Member:
    """An endpoint in the fleet."""

    def __init__(
        self, chat: Chat, dialect: Dialect, most_in_flight: int, patience: float, clock: Callable[[], float]
    ) -> None:
        self.chat = chat
        self.dialect = dialect
        self.gate = Gate(Throttle(most_in_flight), clock=clock)
        self.rejected: str | None = None
        self._clock = clock
        self._fails = 0
        self._rests = 0
        self._resting_until = 0.0
        self._failing, self._refusing = _Series(GIVE_UP), _Series(patience)
        self._took_at = -math.inf

    @property
    def ready_in(self) -> float:
        """Seconds until it may be tried again; 0 where it is well."""
        return max(0.0, self._resting_until - self._clock())

    @property
    def is_open(self) -> bool:
        """True where a call may go now, or soon, and is likely to be taken."""
        return self.rejected is None and self.ready_in == 0 and not self.gate.is_closed

    @property
    def is_down(self) -> bool:
        """True where it has rested and nothing says yet that it is back: what breaks now is the endpoint's doing."""
        return self._rests > 0

    @property
    def is_gone(self) -> bool:
        """True where it has only failed, or has taken no call, for long."""
        return self._clock() > min(self._failing.too_long_at, self._refusing.too_long_at)

    def took_since(self, moment: float) -> bool:
        """True where it has taken a call since then: it refuses some for load, not all."""
        return self._took_at >= moment

    def learn(self, sent: Sent, outcome: Reply | Failure) -> None:
        """Tells the gate what came of a call that it let through, and keeps what that says of the endpoint."""
        kind = outcome.kind if isinstance(outcome, Failure) else "answered"
        retry_after = outcome.retry_after if isinstance(outcome, Failure) else None
        if kind in FAILING:
            self._failed(sent)
        else:
            self._answered(sent, refused=kind == "limited")
        if kind == "limited":
            self.gate.refused(sent, retry_after)
        elif kind == "overloaded":
            self.gate.overloaded(sent, retry_after)
        elif kind in FAILING:
            self.gate.failed()
        else:
            self.gate.accepted(sent)
        if outcome.allowance is not None:
            self.gate.told(*outcome.allowance)

    def _answered(self, sent: Sent, *, refused: bool) -> None:
        """It is there, whatever it said; a series of refusals ends where it takes a call."""
        self._fails = self._rests = 0
        self._failing.ends()
        if refused:
            self._refusing.goes_on(sent.at, self._clock())
        else:
            self._refusing.ends()
            self._took_at = self._clock()

    def _failed(self, sent: Sent) -> None:
        """It broke or was silent; a series of that is a reason to rest."""
        now = self._clock()
        self._failing.goes_on(sent.at, now)
        self._fails += 1
        if self._fails >= _FAILS_BEFORE_REST and now >= self._resting_until:
            self._resting_until = now + min(_LONGEST_REST, _FIRST_REST * 2**self._rests)
            self._rests += 1
            self.gate.throttle.restart()
