"""The judgement cache and the call ledger: answers by content key, kept the moment they arrive, never paid twice.

One database behind an SQLAlchemy URL (`cache_tables.py`), shared by any number of processes. Refusals and errors are
never answers. Who may ask about what is `leases.py`; what is committed together is `commits.py`.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from scoring_ops.budget import day_scope, nano_usd, run_scope
from scoring_ops.cache_statements import statements
from scoring_ops.cache_tables import ANSWERS, LEDGER, METADATA, OUTCOMES
from scoring_ops.judges.protocol import FINAL_OUTCOMES, Status

_LOOKUP = 500  # keys a statement; SQLite allows 32,766 variables, 500 is where its speed stops growing


class CacheError(RuntimeError):
    """The cache cannot be opened or written: what is paid for could not be kept, so judging must stop."""


class Call(NamedTuple):
    """One paid attempt to judge a transcript: what it took, whatever came of it."""

    cache_key: str
    judge_version: str
    model: str
    transcript_hash: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    latency_ms: float
    started_at: datetime
    run_id: str


class Attempt(NamedTuple):
    """A line of the ledger: a call and what came of it."""

    call: Call
    status: Status


class CachedAnswer(NamedTuple):
    """An answer as it is kept: the raw JSON of the claims, and the call that was paid for it."""

    call: Call
    claims_json: str
    windows: int


class Outcome(NamedTuple):
    """Why a transcript has no answer."""

    judge_version: str
    transcript_hash: str
    status: Status
    detail: str
    run_id: str


class Settled(NamedTuple):
    """What became of one transcript: an answer or the reason why there is none, and every attempt made for it.

    Without a result its attempts are booked and its lease ends: somebody else is to go on with it.
    """

    judge_version: str
    transcript_hash: str
    result: CachedAnswer | Outcome | None
    attempts: tuple[Attempt, ...] = ()


class Calls(NamedTuple):
    """Calls made and US dollars paid; None where prices are unknown."""

    attempts: int
    cost_usd: float | None


class JudgementCache:
    """The cache behind one SQLAlchemy URL; safe for several threads and processes at once."""

    def __init__(self, url: str) -> None:
        """Opens the cache, and creates its tables where there are none.

        Raises:
            CacheError: the database or its driver is not there.
        """
        with _complaining("opened"):
            self.engine = sa.create_engine(url)
            self.write = statements(self.engine.dialect.name)
            self._prepare()

    def _prepare(self) -> None:
        if self.engine.dialect.name == "sqlite":
            if self.engine.url.database:
                Path(self.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine, "connect", _tune_sqlite)
        try:
            self._create_tables()
        except (IntegrityError, ProgrammingError):  # PostgreSQL: another process created them, and has committed by now
            self._create_tables()

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()

    def answers(self, judge_version: str, transcript_hashes: Iterable[str]) -> Iterator[CachedAnswer]:
        """The answers a judge has already given to these transcripts, in no order."""
        names = (*Call._fields, "claims_json", "windows")
        for row in self._rows(names, ANSWERS, judge_version, transcript_hashes):
            yield CachedAnswer(_in_utc(Call(*row[:-2])), *row[-2:])

    def outcomes(self, judge_version: str, transcript_hashes: Iterable[str]) -> Iterator[Outcome]:
        """What went wrong last for these transcripts."""
        for row in self._rows(Outcome._fields, OUTCOMES, judge_version, transcript_hashes):
            yield Outcome(*row)

    def settled(
        self,
        judge_version: str,
        transcript_hashes: Iterable[str],
        *,
        retry_failed: bool = False,
        connection: sa.Connection | None = None,
    ) -> set[str]:
        """Those of these transcripts that need no call: answered, or refused for good unless that is to be retried."""
        if connection is None:
            with self.engine.connect() as own:
                return self.settled(judge_version, transcript_hashes, retry_failed=retry_failed, connection=own)
        found: set[str] = set()
        for hashes in batched_unique(transcript_hashes):
            queries = [_hashes_of(ANSWERS, judge_version, hashes)]
            if not retry_failed:
                queries.append(_hashes_of(OUTCOMES, judge_version, hashes).where(OUTCOMES.c.status.in_(FINAL_OUTCOMES)))
            for query in queries:
                found.update(str(row[0]) for row in connection.execute(query))
        return found

    def keep(self, group: Sequence[Settled], owner: str | None = None) -> None:
        """Commits what became of some transcripts, with their ledger lines, in one transaction; ends their leases.

        Args:
            group: results, at most one per transcript.
            owner: whose leases end.

        Raises:
            CacheError: nothing of the group could be committed.
        """
        with writing(), self.engine.begin() as connection:
            self.keep_within(connection, group, owner)

    def keep_within(self, connection: sa.Connection, group: Sequence[Settled], owner: str | None) -> None:
        """The same within a transaction of the caller's, which commits."""
        attempts = [attempt for settled in group for attempt in settled.attempts]
        self._book(connection, [attempt.call for attempt in attempts])
        answers = [s.result for s in group if isinstance(s.result, CachedAnswer)]
        outcomes = [s.result for s in group if isinstance(s.result, Outcome)]
        if answers:
            rows = [a.call._asdict() | {"claims_json": a.claims_json, "windows": a.windows} for a in answers]
            connection.execute(self.write.add_answers, rows)
            mended = {(a.call.judge_version, a.call.transcript_hash) for a in answers}
            connection.execute(self.write.end_outcomes, {"keys": list(mended)})
        if outcomes:
            connection.execute(self.write.add_outcomes, [outcome._asdict() for outcome in outcomes])
        if attempts:
            connection.execute(self.write.add_lines, [a.call._asdict() | {"status": a.status} for a in attempts])
        if owner is not None:
            done = {(s.judge_version, s.transcript_hash) for s in group}
            connection.execute(self.write.end_leases, {"done_by": owner, "keys": list(done)})

    def _book(self, connection: sa.Connection, calls: Iterable[Call]) -> None:
        """Adds what calls cost to what was spent. First in its transaction: budgets lock these rows first too."""
        spent: Counter[str] = Counter()
        for call in calls:
            if call.cost_usd:
                for scope in (day_scope(call.started_at), run_scope(call.run_id)):
                    spent[scope] += nano_usd(call.cost_usd)
        if spent:
            self.spend(connection, spent)

    def spend(self, connection: sa.Connection, nano_by_scope: Counter[str]) -> None:
        """Adds money to what scopes have spent, in the order in which every transaction locks them."""
        rows = [{"scope": scope, "settled_nano_usd": nano} for scope, nano in sorted(nano_by_scope.items())]
        connection.execute(self.write.add_spending, rows)

    def spent_usd(self, *, since: datetime | None = None, run_id: str | None = None) -> float:
        """Money in the ledger from a point in time on, or of one run."""
        query = sa.select(sa.func.coalesce(sa.func.sum(LEDGER.c.cost_usd), 0.0))
        if since is not None:
            query = query.where(LEDGER.c.started_at >= since)
        if run_id is not None:
            query = query.where(LEDGER.c.run_id == run_id)
        with self.engine.connect() as connection:
            return float(connection.execute(query).scalar_one())

    def calls_of(self, run_ids: Sequence[str]) -> Calls:
        """How many calls some runs made and what they cost; the cost is None where no price was known."""
        query = sa.select(sa.func.count(), sa.func.sum(LEDGER.c.cost_usd)).where(LEDGER.c.run_id.in_(run_ids))
        with self.engine.connect() as connection:
            attempts, cost = connection.execute(query).one()
        return Calls(int(attempts), (None if attempts else 0.0) if cost is None else float(cost))

    def _create_tables(self) -> None:
        with self.engine.begin() as connection:
            for table in METADATA.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def _rows(
        self,
        columns: Sequence[str],
        table: sa.Table,
        judge_version: str,
        transcript_hashes: Iterable[str],
    ) -> Iterator[tuple[Any, ...]]:
        """Values of these columns, as the tables type them."""
        query = sa.select(*(table.c[name] for name in columns)).where(table.c.judge_version == judge_version)
        with self.engine.connect() as connection:
            for hashes in batched_unique(transcript_hashes):
                yield from connection.execute(query.where(table.c.transcript_hash.in_(hashes)))


def batched_unique(values: Iterable[str], size: int = _LOOKUP) -> Iterator[Sequence[str]]:
    """Values without repetition, in groups that fit one statement."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def writing() -> AbstractContextManager[None]:
    """Turns what a database says of a failure into a `CacheError`."""
    return _complaining("written")


def complaint(error: SQLAlchemyError | ImportError) -> str:
    """What a database or its missing driver says, in one line, without the statement and its values."""
    if isinstance(error, ImportError):
        return f"{error}; for PostgreSQL install the extra `postgres` and begin the URL with postgresql+pg8000://"
    return " ".join(str(getattr(error, "orig", None) or error).split())[:200]


@contextmanager
def _complaining(done: str) -> Generator[None]:
    try:
        yield
    except (SQLAlchemyError, ImportError) as error:
        raise CacheError(f"the judgement cache cannot be {done}: {complaint(error)}") from None


@contextmanager
def open_cache(url: str) -> Generator[JudgementCache]:
    """A cache that is closed at the end of the block."""
    cache = JudgementCache(url)
    try:
        yield cache
    finally:
        cache.close()


def _hashes_of(table: sa.Table, judge_version: str, hashes: Sequence[str]) -> sa.Select[tuple[str]]:
    return sa.select(table.c.transcript_hash).where(
        table.c.judge_version == judge_version, table.c.transcript_hash.in_(hashes)
    )


def _in_utc(call: Call) -> Call:
    """SQLite keeps times without a zone: they are UTC."""
    return call if call.started_at.tzinfo else call._replace(started_at=call.started_at.replace(tzinfo=UTC))


def _tune_sqlite(connection: sa.PoolProxiedConnection, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
