"""Runs dbt as its own process, the way the pipeline does, with everything it writes below one folder.

dbt is never imported: it keeps global state, and a test of the warehouse is a test of what `dbt build` leaves there.
"""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MARTS = tuple(sorted(path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")))
Rows = list[dict[str, object]]


class Warehouse:
    """A built warehouse, and what dbt said while it built it."""

    def __init__(self, path: Path, said: str) -> None:
        self.path = path
        self.said = said

    def rows(self, query: str) -> Rows:
        """The rows of a query as dicts."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str) -> dict[str, object]:
        """The one row of a query."""
        (only,) = self.rows(query)
        return only


def dbt_build(home: Path, *options: str) -> Warehouse:
    """The warehouse after `dbt build` over the lake in `home/lake`, with every model and test passed.

    Raises:
        AssertionError: dbt failed; the message is the end of what it printed.
    """
    warehouse = home / "warehouse.duckdb"
    environment = {
        **os.environ,
        "CX_LAKE_URL": str(home / "lake"),
        "CX_WAREHOUSE_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    dbt = Path(sys.executable).with_name("dbt")
    folders = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
    command = [str(dbt), "--no-use-colors", "build", *folders, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return Warehouse(warehouse, done.stdout)
