"""The judgement cache and the call ledger: answers by content key, kept the moment they arrive, never paid twice.

One database behind an SQLAlchemy URL holds three tables: `answers` (raw claims and what they took), `outcomes`
(what went wrong last, per judge and transcript) and `ledger` (every paid attempt, failed ones too). Refusals and
errors are never answers. Transcripts and prompts are not stored.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from scoring_ops.judges.protocol import Status

_METADATA = sa.MetaData()
_ANSWERS = sa.Table(
    "answers",
    _METADATA,
    sa.Column("cache_key", sa.String(64), primary_key=True),
    sa.Column("judge_version", sa.String, nullable=False),
    sa.Column("transcript_hash", sa.String(64), nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("claims_json", sa.Text, nullable=False),
    sa.Column("windows", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost_usd", sa.Float),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Index("answers_by_transcript", "judge_version", "transcript_hash"),
)
_OUTCOMES = sa.Table(
    "outcomes",
    _METADATA,
    sa.Column("judge_version", sa.String, primary_key=True),
    sa.Column("transcript_hash", sa.String(64), primary_key=True),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
)
_LEDGER = sa.Table(
    "ledger",
    _METADATA,
    sa.Column("attempt_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("cache_key", sa.String(64), nullable=False),
    sa.Column("judge_version", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("transcript_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost_usd", sa.Float),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Index("ledger_by_time", "started_at"),
)
_LOOKUP = 500  # keys a statement; SQLite allows 32,766 variables, 500 is where its speed stops growing


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


class Calls(NamedTuple):
    """Calls made and US dollars paid; None where prices are unknown."""

    attempts: int
    cost_usd: float | None


class JudgementCache:
    """The cache behind one SQLAlchemy URL; safe for several processes at once."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _tune_sqlite)
        try:
            _METADATA.create_all(self._engine)
        except OperationalError:  # another process created the tables between our look and our try
            _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    def answers(self, judge_version: str, transcript_hashes: Iterable[str]) -> Iterator[CachedAnswer]:
        """The answers a judge has already given to these transcripts, in no order."""
        with self._engine.connect() as connection:
            for hashes in batched_unique(transcript_hashes):
                query = sa.select(_ANSWERS).where(
                    _ANSWERS.c.judge_version == judge_version, _ANSWERS.c.transcript_hash.in_(hashes)
                )
                for row in connection.execute(query).mappings():
                    call = Call(**{name: row[name] for name in Call._fields})
                    yield CachedAnswer(call, row["claims_json"], row["windows"])

    def outcomes(self, judge_version: str, transcript_hashes: Iterable[str]) -> Iterator[Outcome]:
        """What went wrong last for these transcripts."""
        with self._engine.connect() as connection:
            for hashes in batched_unique(transcript_hashes):
                query = sa.select(_OUTCOMES).where(
                    _OUTCOMES.c.judge_version == judge_version, _OUTCOMES.c.transcript_hash.in_(hashes)
                )
                for row in connection.execute(query).mappings():
                    yield Outcome(**row)

    def keep_answer(self, answer: CachedAnswer) -> None:
        """Commits an answer with its ledger line and forgets what went wrong before, in one transaction."""
        call = answer.call
        values = call._asdict() | {"claims_json": answer.claims_json, "windows": answer.windows}
        with self._engine.begin() as connection:
            connection.execute(self._insert(_ANSWERS).on_conflict_do_nothing(), values)
            connection.execute(sa.insert(_LEDGER), call._asdict() | {"status": "scored"})
            connection.execute(
                sa.delete(_OUTCOMES).where(
                    _OUTCOMES.c.judge_version == call.judge_version,
                    _OUTCOMES.c.transcript_hash == call.transcript_hash,
                )
            )

    def keep_failure(self, outcome: Outcome, call: Call | None) -> None:
        """Commits why there is no answer, and the call where one was made."""
        insert = self._insert(_OUTCOMES)
        changed = {name: insert.excluded[name] for name in ("status", "detail", "run_id")}
        upsert = insert.on_conflict_do_update(index_elements=["judge_version", "transcript_hash"], set_=changed)
        with self._engine.begin() as connection:
            connection.execute(upsert, outcome._asdict())
            if call is not None:
                connection.execute(sa.insert(_LEDGER), call._asdict() | {"status": outcome.status})

    def spent_usd(self, *, since: datetime | None = None, run_id: str | None = None) -> float:
        """Money in the ledger from a point in time on, or of one run."""
        query = sa.select(sa.func.coalesce(sa.func.sum(_LEDGER.c.cost_usd), 0.0))
        if since is not None:
            query = query.where(_LEDGER.c.started_at >= since)
        if run_id is not None:
            query = query.where(_LEDGER.c.run_id == run_id)
        with self._engine.connect() as connection:
            return float(connection.execute(query).scalar_one())

    def calls_of(self, run_ids: Sequence[str]) -> Calls:
        """How many calls some runs made and what they cost; the cost is None where no price was known."""
        query = sa.select(sa.func.count(), sa.func.sum(_LEDGER.c.cost_usd)).where(_LEDGER.c.run_id.in_(run_ids))
        with self._engine.connect() as connection:
            attempts, cost = connection.execute(query).one()
        return Calls(int(attempts), None if cost is None else float(cost))

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self._engine.dialect.name == "sqlite" else postgresql.insert(table)


def batched_unique(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Values without repetition, in groups that fit one statement."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _LOOKUP):
        yield distinct[start : start + _LOOKUP]


@contextmanager
def open_cache(url: str) -> Generator[JudgementCache]:
    """A cache that is closed at the end of the block."""
    cache = JudgementCache(url)
    try:
        yield cache
    finally:
        cache.close()


def _tune_sqlite(connection: sa.PoolProxiedConnection, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
