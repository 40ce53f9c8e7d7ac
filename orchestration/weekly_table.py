"""The weekly table that a command prints: what the published marts say, week by week, with what drives the score."""

from pathlib import Path
from typing import NamedTuple

import duckdb
from rich.box import SIMPLE_HEAD
from rich.table import Table

from orchestration.publish import MARTS_FILE

_WEEKS = """
select
    week_start,
    workspace_id,
    conversations,
    cx_coverage,
    cx_score,
    csat_coverage,
    csat_score
from rpt_cx_weekly
where conversations > 0
order by week_start, workspace_id
"""
_DRIVERS = """
select
    week_start,
    workspace_id,
    dimension,
    points
from rpt_score_drivers_weekly
where points is not null
qualify row_number() over (partition by week_start, workspace_id, sign order by abs(points) desc, dimension)
    <= if(sign = 'positive', 1, 2)
order by points > 0 desc, abs(points) desc
"""


class Driver(NamedTuple):
    """A dimension and the mean points by which it moves the scores of a week."""

    dimension: str
    points: float

    def __str__(self) -> str:
        return f"{self.points:+.2f} {self.dimension.replace('_', ' ')}"


def weekly_table(published: Path) -> Table:
    """The weekly table of every workspace from the published marts."""
    with duckdb.connect(str(published / MARTS_FILE), read_only=True) as connection:
        weeks = connection.execute(_WEEKS).fetchall()
        drivers: dict[tuple[object, object], list[Driver]] = {}
        for week, workspace, dimension, points in connection.execute(_DRIVERS).fetchall():
            drivers.setdefault((week, workspace), []).append(Driver(dimension, points))
    table = Table(
        title="Customer experience by week of first close", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for name in ("week", "workspace"):
        table.add_column(name, no_wrap=True)
    for name in ("conver-\nsations", "CX\ncoverage", "CX\nscore %", "CSAT\ncoverage", "CSAT\n%"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("top drivers\n(mean points per conversation)", ratio=1)
    for week, workspace, conversations, cx_coverage, cx_score, csat_coverage, csat_score in weeks:
        table.add_row(
            str(week),
            str(workspace),
            f"{conversations:,}",
            *(_percent(rate) for rate in (cx_coverage, cx_score, csat_coverage, csat_score)),
            ", ".join(map(str, drivers.get((week, workspace), []))),
        )
    return table


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"
