"""Looking after the judgement cache: what is in it, and removing the answers of judges that nobody uses any more.

The ledger is never pruned: it is the account of what was paid.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from scoring_ops.cache import JudgementCache, batched_unique
from scoring_ops.cache_tables import ANSWERS, BATCH_ITEMS, LEASES, LEDGER, OUTCOMES


class JudgeStats(NamedTuple):
    """What the cache holds of one judge; money is None where no price was known."""

    judge_version: str
    answers: int
    outcomes: dict[str, int]
    attempts: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    first_at: datetime | None
    last_at: datetime | None
    leased: int


class Pruned(NamedTuple):
    """What pruning removes, or would remove: answers and outcomes."""

    answers: int
    outcomes: int


def stats(cache: JudgementCache) -> list[JudgeStats]:
    """What the cache holds, judge by judge, the one used last first."""
    ledger = sa.select(
        LEDGER.c.judge_version,
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(LEDGER.c.input_tokens), 0),
        sa.func.coalesce(sa.func.sum(LEDGER.c.output_tokens), 0),
        sa.func.sum(LEDGER.c.cost_usd),
        sa.func.min(LEDGER.c.started_at),
        sa.func.max(LEDGER.c.started_at),
    ).group_by(LEDGER.c.judge_version)
    failed = sa.select(OUTCOMES.c.judge_version, OUTCOMES.c.status, sa.func.count()).group_by(
        OUTCOMES.c.judge_version, OUTCOMES.c.status
    )
    with cache.engine.connect() as connection:
        answers, leased = (_counted(connection, table) for table in (ANSWERS, LEASES))
        paid = {str(row[0]): row[1:] for row in connection.execute(ledger)}
        outcomes: dict[str, dict[str, int]] = {}
        for version, status, number in connection.execute(failed):
            outcomes.setdefault(version, {})[status] = number
    nothing = (0, 0, 0, None, None, None)
    found = [
        _judge_stats(version, answers[version], outcomes.get(version, {}), paid.get(version, nothing), leased[version])
        for version in {*answers, *outcomes, *paid, *leased}
    ]
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda judge: (judge.last_at or long_ago, judge.judge_version), reverse=True)


def prune(
    cache: JudgementCache,
    *,
    judge_version: str | None = None,
    but: str | None = None,
    before: datetime | None = None,
    apply: bool = False,
) -> Pruned:
    """Removes answers, and outcomes, of judges; what is removed is paid again when it is asked for again.

    Args:
        cache: the cache.
        judge_version: only of this judge.
        but: of all judges but this one.
        before: only answers from before this moment (outcomes carry no time: they stay where this is given).
        apply: False only counts.
    """
    chosen = [
        sa.true() if judge_version is None else ANSWERS.c.judge_version == judge_version,
        sa.true() if but is None else ANSWERS.c.judge_version != but,
        sa.true() if before is None else ANSWERS.c.started_at < before,
    ]
    failed = [
        sa.true() if judge_version is None else OUTCOMES.c.judge_version == judge_version,
        sa.true() if but is None else OUTCOMES.c.judge_version != but,
        sa.true() if before is None else sa.false(),
    ]
    with cache.engine.begin() as connection:
        counts = [
            int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())
            for table, where in ((ANSWERS, chosen), (OUTCOMES, failed))
        ]
        if apply:
            connection.execute(sa.delete(ANSWERS).where(*chosen))
            connection.execute(sa.delete(OUTCOMES).where(*failed))
    if apply:
        _vacuum(cache)  # else the file keeps its size
    return Pruned(*counts)


def forget(cache: JudgementCache, transcript_hashes: Iterable[str]) -> int:
    """Removes all that any judge has said of these transcripts; nothing of it stays in the database's free pages.

    Returns the number of answers. The ledger stays: it holds hashes, tokens and money, and no word.
    """
    answers = 0
    with cache.engine.begin() as connection:
        for hashes in batched_unique(transcript_hashes):
            for table in (ANSWERS, OUTCOMES, BATCH_ITEMS, LEASES):
                gone = connection.execute(sa.delete(table).where(table.c.transcript_hash.in_(hashes))).rowcount
                answers += gone if table is ANSWERS else 0
    _vacuum(cache)
    return answers


def _vacuum(cache: JudgementCache) -> None:
    with cache.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if cache.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("vacuum")
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        else:
            for table in (ANSWERS, OUTCOMES, BATCH_ITEMS, LEASES):
                connection.exec_driver_sql(f"vacuum {table.name}")


def _counted(connection: sa.Connection, table: sa.Table) -> Counter[str]:
    query = sa.select(table.c.judge_version, sa.func.count()).group_by(table.c.judge_version)
    return Counter({str(version): int(number) for version, number in connection.execute(query)})


def _judge_stats(version: str, answers: int, outcomes: dict[str, int], paid: Sequence[Any], leased: int) -> JudgeStats:
    attempts, tokens_in, tokens_out, cost, first, last = paid
    return JudgeStats(
        version, answers, outcomes, attempts, tokens_in, tokens_out, cost, _aware(first), _aware(last), leased
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
