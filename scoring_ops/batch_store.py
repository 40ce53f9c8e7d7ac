"""Batches in the cache's database: recorded before anything is sent, settled group by group, ended once.

A batch is `prepared` while its file is made, `sent` from the moment before the provider is told to start it, `open`
once the provider's id is known, and then ends as the provider says, or `abandoned` where nothing was started. Its
transcripts are leased to it all the while. What is sent and read is `batch_submission.py` and `batch_collection.py`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Literal, NamedTuple

import sqlalchemy as sa

from scoring_ops.cache import CacheError, JudgementCache, Settled, batched_unique, writing
from scoring_ops.cache_tables import BATCH_ITEMS, BATCHES, LEASES, OUTCOMES
from scoring_ops.judges.batch import EndStatus
from scoring_ops.judges.protocol import FINAL_OUTCOMES, Status
from scoring_ops.leases import BATCH

State = Literal["prepared", "sent", "open", "abandoned"] | EndStatus


class Batch(NamedTuple):
    """A batch as it is recorded; `requests` and `cost_usd` grow as it is sent and collected."""

    batch_id: str
    state: State
    judge_version: str
    model: str
    price_name: str
    endpoint: str
    run_id: str
    submitter: str
    created_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    file_id: str | None = None
    provider_id: str | None = None
    requests: int = 0
    cost_usd: float | None = None
    detail: str = ""

    @property
    def owner(self) -> str:
        """Who holds the leases of its transcripts."""
        return BATCH + self.batch_id


class Item(NamedTuple):
    """A transcript in a batch, and the key of its answer."""

    transcript_hash: str
    cache_key: str


class Read(NamedTuple):
    """What one result line comes to: what is kept of it, and how it stands in the batch's own list."""

    settled: Settled
    status: Status
    detail: str


def new_batch_id() -> str:
    """An id that no other batch has; with the owner's prefix it fits a lease."""
    return token_hex(12)


class BatchStore:
    """The batches of one cache."""

    def __init__(self, cache: JudgementCache) -> None:
        self.cache = cache

    def record(self, batch: Batch) -> None:
        """Writes a batch that has just been begun."""
        with writing(), self.cache.engine.begin() as connection:
            connection.execute(sa.insert(BATCHES), [batch._asdict()])

    def forget(self, batch: Batch) -> None:
        """Removes a batch that holds nothing."""
        with writing(), self.cache.engine.begin() as connection:
            connection.execute(sa.delete(BATCHES).where(BATCHES.c.batch_id == batch.batch_id))

    def add(self, batch: Batch, items: Sequence[Item]) -> None:
        """Adds leased transcripts; what went wrong with them in earlier runs is no longer how they stand."""
        with writing(), self.cache.engine.begin() as connection:
            rows = [item._asdict() | {"batch_id": batch.batch_id, "detail": ""} for item in items]
            connection.execute(sa.insert(BATCH_ITEMS), rows)
            hashes = [item.transcript_hash for item in items]
            stale = sa.delete(OUTCOMES).where(OUTCOMES.c.judge_version == batch.judge_version)
            passing = OUTCOMES.c.status.not_in(FINAL_OUTCOMES)
            connection.execute(stale.where(OUTCOMES.c.transcript_hash.in_(hashes), passing))

    def change(self, batch: Batch, **values: object) -> Batch:
        """The batch with these values, which are recorded.

        Raises:
            CacheError: another process has taken the batch over.
        """
        own = _this(sa.update(BATCHES), batch).where(BATCHES.c.submitter == batch.submitter)
        with writing(), self.cache.engine.begin() as connection:
            if connection.execute(own.values(**values)).rowcount == 0:
                raise CacheError(f"batch {batch.batch_id} was taken over by another process")
        return batch._replace(**values)  # pyright: ignore[reportArgumentType]  # names of the same fields

    def take_over(self, batch: Batch, submitter: str) -> bool:
        """True where this submitter now answers for the batch; of several only one gets it."""
        mine = _this(sa.update(BATCHES), batch).where(BATCHES.c.submitter == batch.submitter)
        with writing(), self.cache.engine.begin() as connection:
            return connection.execute(mine.values(submitter=submitter)).rowcount == 1

    def batches(self, *states: State, endpoint: str | None = None) -> list[Batch]:
        """Batches in these states, or all, oldest first."""
        query = sa.select(*(BATCHES.c[name] for name in Batch._fields)).order_by(BATCHES.c.created_at)
        if states:
            query = query.where(BATCHES.c.state.in_(states))
        if endpoint is not None:
            query = query.where(BATCHES.c.endpoint == endpoint)
        with self.cache.engine.connect() as connection:
            return [_in_utc(Batch(*row)) for row in connection.execute(query)]

    def items(self, batch: Batch, hashes: Sequence[str]) -> dict[str, str]:
        """The cache keys of those of these transcripts that the batch holds."""
        query = sa.select(BATCH_ITEMS.c.transcript_hash, BATCH_ITEMS.c.cache_key)
        wanted = query.where(BATCH_ITEMS.c.batch_id == batch.batch_id, BATCH_ITEMS.c.transcript_hash.in_(hashes))
        with self.cache.engine.connect() as connection:
            return dict(connection.execute(wanted).all())

    def statuses(self, batch: Batch) -> Counter[str]:
        """How many of a batch's transcripts ended how; "" for those without a result."""
        query = sa.select(BATCH_ITEMS.c.status, sa.func.count()).where(BATCH_ITEMS.c.batch_id == batch.batch_id)
        with self.cache.engine.connect() as connection:
            found = connection.execute(query.group_by(BATCH_ITEMS.c.status)).all()
        return Counter({status or "": number for status, number in found})

    def leased(self, judge_version: str, hashes: Sequence[str]) -> set[str]:
        """Those of these transcripts that lie in a batch."""
        query = sa.select(LEASES.c.transcript_hash).where(
            LEASES.c.judge_version == judge_version, LEASES.c.owner.startswith(BATCH)
        )
        with self.cache.engine.connect() as connection:
            found = (connection.execute(query.where(LEASES.c.transcript_hash.in_(part))) for part in _parts(hashes))
            return {str(row[0]) for rows in found for row in rows}

    def settle(self, batch: Batch, read: Sequence[Read]) -> None:
        """Keeps results with their ledger lines and ends their leases, in one transaction; what is kept stays as it is.

        So two collectors, or one that was killed and begins again, book every line once.
        """
        hashes = [one.settled.transcript_hash for one in read]
        with writing(), self.cache.engine.begin() as connection:
            # The first statement writes: collectors of one batch come one after the other.
            connection.execute(_this(sa.update(BATCHES), batch).values(state=BATCHES.c.state))
            left = sa.select(BATCH_ITEMS.c.transcript_hash).where(
                BATCH_ITEMS.c.batch_id == batch.batch_id,
                BATCH_ITEMS.c.transcript_hash.in_(hashes),
                BATCH_ITEMS.c.status.is_(None),
            )
            new = {str(row[0]) for row in connection.execute(left)}
            fresh = {one.settled.transcript_hash: one for one in read if one.settled.transcript_hash in new}
            if not fresh:
                return
            self.cache.keep_within(connection, [one.settled for one in fresh.values()], batch.owner)
            self._mark(connection, batch, list(fresh.values()))

    def end(self, batch: Batch, state: State, detail: str, at: datetime, *, paid: bool = False) -> None:
        """Ends a batch and the leases of all that has no result.

        Args:
            batch: the batch.
            state: how it ended.
            detail: what the provider says of it.
            at: when.
            paid: money set aside for what has no result counts as spent, because it may have been.
        """
        with writing(), self.cache.engine.begin() as connection:
            running = _this(sa.update(BATCHES), batch).where(BATCHES.c.ended_at.is_(None))
            if connection.execute(running.values(state=state, detail=detail, ended_at=at)).rowcount == 0:
                return
            if paid:
                self._spend_reserved(connection, batch)
            connection.execute(sa.delete(LEASES).where(LEASES.c.owner == batch.owner))
            if state == "abandoned":
                connection.execute(sa.delete(BATCH_ITEMS).where(BATCH_ITEMS.c.batch_id == batch.batch_id))

    def _mark(self, connection: sa.Connection, batch: Batch, read: Sequence[Read]) -> None:
        item = sa.update(BATCH_ITEMS).where(
            BATCH_ITEMS.c.batch_id == batch.batch_id, BATCH_ITEMS.c.transcript_hash == sa.bindparam("item")
        )
        rows = [{"item": r.settled.transcript_hash, "came_to": r.status, "said": r.detail} for r in read]
        connection.execute(item.values(status=sa.bindparam("came_to"), detail=sa.bindparam("said")), rows)
        costs = [a.call.cost_usd for r in read for a in r.settled.attempts if a.call.cost_usd is not None]
        if costs:
            so_far = sa.func.coalesce(BATCHES.c.cost_usd, 0.0)
            connection.execute(_this(sa.update(BATCHES), batch).values(cost_usd=so_far + sum(costs)))

    def _spend_reserved(self, connection: sa.Connection, batch: Batch) -> None:
        spent: Counter[str] = Counter()
        query = sa.select(LEASES.c.run_scope, LEASES.c.day_scope, LEASES.c.reserved_nano_usd)
        for run, day, reserved in connection.execute(query.where(LEASES.c.owner == batch.owner)):
            spent.update({run: reserved, day: reserved} if reserved else {})
        if spent:
            self.cache.spend(connection, spent)


def _this(statement: sa.Update, batch: Batch) -> sa.Update:
    return statement.where(BATCHES.c.batch_id == batch.batch_id)


def _parts(hashes: Sequence[str]) -> list[Sequence[str]]:
    return list(batched_unique(hashes))


def _in_utc(batch: Batch) -> Batch:
    """SQLite keeps times without a zone: they are UTC."""
    times = {name: getattr(batch, name) for name in ("created_at", "sent_at", "ended_at")}
    return batch._replace(**{n: t.replace(tzinfo=UTC) for n, t in times.items() if t is not None and t.tzinfo is None})
