"""Leases: of all processes on one cache, one asks about a transcript, and money is set aside before it does.

A lease is a row; its owner shows that it lives by raising a counter. Whoever waits for a lease watches that counter
with a clock of its own, so no two clocks are ever compared and a jump of one steals nothing. On the same machine a
dead owner is known at once by its process id. Money set aside by an owner that died counts as spent: its calls may
have been paid for, and a budget is a hard stop. A batch at a provider holds leases too: it is no process and lives for
hours, so nobody waits for it, nor for the money it has set aside.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Self
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from scoring_ops.cache import JudgementCache, writing
from scoring_ops.cache_tables import LEASES, OWNERS, SPENDING

BATCH = "batch:"
"""How the owner of a batch's leases begins."""
NOBODY = ""
SILENCE = 30.0  # seconds without a beat after which an owner on another machine is taken for dead
BEAT_EVERY = 3.0


class Wanted(NamedTuple):
    """A transcript somebody wants to ask about, and the money to set aside for it."""

    transcript_hash: str
    reserve_nano_usd: int


class Claimed(NamedTuple):
    """What became of a claim: each wanted transcript is in exactly one of these."""

    mine: frozenset[str]
    settled: frozenset[str]
    """Somebody else has settled it in the meantime."""
    held: Mapping[str, str]
    """Somebody else is asking about it: the owner; `NOBODY` where that has just ended."""
    batched: frozenset[str]
    """It lies in a batch."""
    waiting: frozenset[str]
    """Money would suffice if calls in flight give back what they do not use."""
    unaffordable: frozenset[str]
    """No money is left for it."""


class Leases:
    """The leases of one process on one judge, within one run."""

    def __init__(self, store: JudgementCache, judge_version: str, *, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._version = judge_version
        self._clock = clock
        self._seen: dict[str, tuple[int, float]] = {}
        self.owner = uuid4().hex

    def __enter__(self) -> Self:
        self.beat()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(SQLAlchemyError), self._store.engine.begin() as connection:  # else others bury us in time
            connection.execute(sa.delete(LEASES).where(LEASES.c.owner == self.owner))
            connection.execute(sa.delete(OWNERS).where(OWNERS.c.owner == self.owner))

    def beat(self) -> None:
        """Shows that this owner lives; a beat that cannot be written is left out, and the next commit says why."""
        with suppress(SQLAlchemyError), self._store.engine.begin() as connection:
            self._beat(connection)

    def claim(
        self,
        wanted: Sequence[Wanted],
        *,
        caps: Mapping[str, int],
        run_scope: str,
        day_scope: str,
        retry_failed: bool = False,
        batch: str | None = None,
    ) -> Claimed:
        """Takes the leases of those transcripts that nobody holds or has settled and that the budget affords.

        Args:
            wanted: distinct transcripts.
            caps: the limit of each budget scope in billionths of a dollar; empty for no budget.
            run_scope: the scope of this run.
            day_scope: the scope of today.
            retry_failed: final outcomes do not count as settled.
            batch: the owner of a batch, whose leases they become: they do not end with this process.

        Raises:
            CacheError: the cache cannot be written.
        """
        with writing():
            return self._claim(wanted, caps, (batch or self.owner, run_scope, day_scope), retry_failed=retry_failed)

    def _claim(
        self, wanted: Sequence[Wanted], caps: Mapping[str, int], held_by: tuple[str, str, str], *, retry_failed: bool
    ) -> Claimed:
        owner, run_scope, day_scope = held_by
        hashes = [w.transcript_hash for w in wanted]
        with self._store.engine.begin() as connection:
            self._beat(connection)  # the first statement writes: SQLite then locks at once instead of failing later
            spent = self._locked_spending(connection, caps)
            rows = [
                {
                    "judge_version": self._version,
                    "transcript_hash": w.transcript_hash,
                    "owner": owner,
                    "run_scope": run_scope,
                    "day_scope": day_scope,
                    "reserved_nano_usd": w.reserve_nano_usd,
                }
                for w in sorted(wanted)
            ]
            connection.execute(self._store.write.add_leases, rows)
            # Read after our leases stand: whoever held one before has committed its answer together with its end.
            # A lease that stood in our way may have ended before we look: it is nobody's then, and claimed again.
            owners = dict.fromkeys(hashes, NOBODY) | self._owners(connection, hashes)
            settled = self._settled(connection, hashes, retry_failed=retry_failed)
            mine = [w for w in wanted if owners[w.transcript_hash] == owner and w.transcript_hash not in settled]
            waiting, unaffordable = self._over_budget(connection, mine, caps, spent, owner)
            given_up = settled | waiting | unaffordable
            if given_up:
                own = sa.and_(LEASES.c.owner == owner, LEASES.c.transcript_hash.in_(given_up))
                connection.execute(sa.delete(LEASES).where(own, LEASES.c.judge_version == self._version))
        ours = frozenset(w.transcript_hash for w in mine) - waiting - unaffordable
        others = {h: other for h, other in owners.items() if other != owner and h not in settled}
        batched = frozenset(h for h, other in others.items() if other.startswith(BATCH))
        held = {h: other for h, other in others.items() if h not in batched}
        return Claimed(ours, frozenset(settled), held, batched, frozenset(waiting), frozenset(unaffordable))

    def others(self) -> list[str]:
        """Every other owner that holds a lease, or money; batches are no owners that die."""
        holds = sa.select(LEASES.c.owner).where(LEASES.c.owner != self.owner, sa.not_(LEASES.c.owner.startswith(BATCH)))
        with self._store.engine.connect() as connection:
            return list(connection.execute(holds.distinct()).scalars())

    def bury_dead(self, owners: Sequence[str]) -> int:
        """Ends the leases of those of these owners that are dead; returns how many owners that were."""
        query = sa.select(OWNERS.c.owner, OWNERS.c.machine, OWNERS.c.pid, OWNERS.c.beat)
        with self._store.engine.connect() as connection:
            found = {row.owner: row for row in connection.execute(query.where(OWNERS.c.owner.in_(set(owners))))}
        dead = [
            (owner, found[owner].beat if owner in found else None)
            for owner in set(owners)
            if owner not in found or self._is_dead(owner, found[owner].machine, found[owner].pid, found[owner].beat)
        ]
        return sum(self._bury(owner, beat) for owner, beat in dead)

    def _is_dead(self, owner: str, machine: str, pid: int, beat: int) -> bool:
        if machine == this_machine() and not _process_lives(pid):
            return True
        seen, since = self._seen.get(owner, (None, 0.0))
        if seen != beat:
            self._seen[owner] = (beat, self._clock())
            return False
        return self._clock() - since > SILENCE

    def _bury(self, owner: str, beat: int | None) -> bool:
        with self._store.engine.begin() as connection:
            if beat is not None:  # it may have come back, or somebody else may be burying it
                last = sa.delete(OWNERS).where(OWNERS.c.owner == owner, OWNERS.c.beat == beat)
                if connection.execute(last).rowcount == 0:
                    return False
            left = sa.select(LEASES.c.run_scope, LEASES.c.day_scope, LEASES.c.reserved_nano_usd)
            lost: Counter[str] = Counter()
            for run, day, reserved in connection.execute(left.where(LEASES.c.owner == owner)):
                lost.update({run: reserved, day: reserved} if reserved else {})
            if lost:
                self._store.spend(connection, lost)
            connection.execute(sa.delete(LEASES).where(LEASES.c.owner == owner))
        self._seen.pop(owner, None)
        return True

    def _beat(self, connection: sa.Connection) -> None:
        row = {"owner": self.owner, "machine": this_machine(), "pid": os.getpid(), "beat": 1}
        connection.execute(self._store.write.beat, row)

    def _locked_spending(self, connection: sa.Connection, caps: Mapping[str, int]) -> dict[str, int]:
        """What was spent by scope; the rows stay locked, so that two claims cannot both take the last dollar."""
        if not caps:
            return {}
        self._store.spend(connection, Counter(dict.fromkeys(caps, 0)))
        query = sa.select(SPENDING.c.scope, SPENDING.c.settled_nano_usd).where(SPENDING.c.scope.in_(list(caps)))
        return dict(connection.execute(query).all())

    def _over_budget(
        self,
        connection: sa.Connection,
        mine: Sequence[Wanted],
        caps: Mapping[str, int],
        spent: Mapping[str, int],
        owner: str,
    ) -> tuple[set[str], set[str]]:
        """Those that must wait for money in flight, and those for which there is none; the first ones go first."""
        waiting: set[str] = set()
        unaffordable: set[str] = set()
        if not caps:
            return waiting, unaffordable
        new = sa.and_(LEASES.c.owner == owner, LEASES.c.transcript_hash.in_({w.transcript_hash for w in mine}))
        batched = LEASES.c.owner.startswith(BATCH)
        left = {scope: cap - spent[scope] - _reserved(connection, scope, sa.not_(new)) for scope, cap in caps.items()}
        free = {
            scope: cap - spent[scope] - _reserved(connection, scope, batched, sa.not_(new))
            for scope, cap in caps.items()
        }
        for want in mine:
            if all(want.reserve_nano_usd <= amount for amount in left.values()):
                left = {scope: amount - want.reserve_nano_usd for scope, amount in left.items()}
            elif all(want.reserve_nano_usd <= amount for amount in free.values()):
                waiting.add(want.transcript_hash)
            else:
                unaffordable.add(want.transcript_hash)
        return waiting, unaffordable

    def _owners(self, connection: sa.Connection, hashes: Sequence[str]) -> dict[str, str]:
        query = sa.select(LEASES.c.transcript_hash, LEASES.c.owner)
        wanted = query.where(LEASES.c.judge_version == self._version, LEASES.c.transcript_hash.in_(hashes))
        return dict(connection.execute(wanted).all())

    def _settled(self, connection: sa.Connection, hashes: Sequence[str], *, retry_failed: bool) -> set[str]:
        return self._store.settled(self._version, hashes, retry_failed=retry_failed, connection=connection)


def _reserved(connection: sa.Connection, scope: str, *which: sa.ColumnElement[bool]) -> int:
    """Money set aside in a scope by some leases."""
    total = sa.select(sa.func.coalesce(sa.func.sum(LEASES.c.reserved_nano_usd), 0))
    in_scope = sa.or_(LEASES.c.run_scope == scope, LEASES.c.day_scope == scope)
    return int(connection.execute(total.where(in_scope, *which)).scalar_one())


@cache
def this_machine() -> str:
    """Where a process id means something: the host, its boot, and the namespace of process ids (containers)."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        place = Path(path)
        if place.is_symlink():
            parts.append(str(place.readlink()))
        elif place.exists():
            parts.append(place.read_text(encoding="ascii").strip())
    return "/".join(parts)


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
