"""What is written to the judgement cache, in the words of its database: each statement built once, not at each commit.

SQLAlchemy spends more on building a statement than SQLite on running it: commits of one answer took 2.0 ms of CPU with
statements built anew, and are most commits at a low rate.
"""

from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scoring_ops.cache_tables import ANSWERS, LEASES, LEDGER, OUTCOMES, OWNERS, SPENDING


class Statements(NamedTuple):
    """Each takes rows of its table by column name, but for those that name other parameters."""

    add_answers: sa.Executable
    """Where there is one already, that one stays."""
    add_outcomes: sa.Executable
    """The last one stays."""
    add_lines: sa.Executable
    """To the ledger."""
    add_spending: sa.Executable
    add_leases: sa.Executable
    """Where there is one already, that one stays."""
    beat: sa.Executable
    """Of an owner; the first adds it."""
    end_outcomes: sa.Executable
    """Of `keys`: pairs of a judge version and a transcript hash."""
    end_leases: sa.Executable
    """Of `done_by`, an owner, and `keys`."""


@cache
def statements(dialect: str) -> Statements:
    """The statements for `sqlite` or `postgresql`, which know what to do on conflict in different words."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    outcome, spending, owner = insert(OUTCOMES), insert(SPENDING), insert(OWNERS)
    return Statements(
        add_answers=insert(ANSWERS).on_conflict_do_nothing(),
        add_outcomes=outcome.on_conflict_do_update(
            index_elements=["judge_version", "transcript_hash"],
            set_={name: outcome.excluded[name] for name in ("status", "detail", "run_id")},
        ),
        add_lines=sa.insert(LEDGER),
        add_spending=spending.on_conflict_do_update(
            index_elements=["scope"],
            set_={"settled_nano_usd": SPENDING.c.settled_nano_usd + spending.excluded.settled_nano_usd},
        ),
        add_leases=insert(LEASES).on_conflict_do_nothing(),
        beat=owner.on_conflict_do_update(index_elements=["owner"], set_={"beat": OWNERS.c.beat + 1}),
        end_outcomes=sa.delete(OUTCOMES).where(_is_one_of_keys(OUTCOMES)),
        end_leases=sa.delete(LEASES).where(LEASES.c.owner == sa.bindparam("done_by"), _is_one_of_keys(LEASES)),
    )


def _is_one_of_keys(table: sa.Table) -> sa.ColumnElement[bool]:
    key = sa.tuple_(table.c.judge_version, table.c.transcript_hash)
    return key.in_(sa.bindparam("keys", expanding=True))
