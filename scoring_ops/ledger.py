"""The ledger by day: what was asked of which judge, and what it took; the account behind every report of cost."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import LEDGER


class LedgerDay(NamedTuple):
    """The attempts of a UTC day at one judge that ended alike; sums leave out what was not told (`unpriced` calls)."""

    called_on: date
    judge_version: str
    model: str
    status: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced: int


def ledger_days(cache: JudgementCache) -> Iterator[LedgerDay]:
    """All days of the ledger in order, judge by judge and status by status; grouped by the database."""
    moment = LEDGER.c.started_at
    if cache.engine.dialect.name == "postgresql":
        # Else its day is that of the session's time zone. A literal, since grouping by a parameter is no grouping.
        moment = sa.func.timezone(sa.literal_column("'UTC'"), moment)
    day = sa.func.date(moment)
    key = (day, LEDGER.c.judge_version, LEDGER.c.model, LEDGER.c.status)
    query = sa.select(
        *key,
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(LEDGER.c.input_tokens), 0),
        sa.func.coalesce(sa.func.sum(LEDGER.c.output_tokens), 0),
        sa.func.coalesce(sa.func.sum(LEDGER.c.cost_usd), 0.0),
        sa.func.count() - sa.func.count(LEDGER.c.cost_usd),
    )
    with cache.engine.connect() as connection:
        for row in connection.execute(query.group_by(*key).order_by(*key)):
            called_on, *values = cast("Sequence[Any]", row)
            yield LedgerDay(called_on if isinstance(called_on, date) else date.fromisoformat(called_on), *values)
