"""Publishing: audited marts copied to where BI reads them, and swapped in at once.

BI never opens the file that dbt writes: an idle reader would block the next build. A reader that has the published
file open keeps its old version; whoever opens it anew sees the new one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import duckdb

MARTS_FILE = "marts.duckdb"
STORAGE_VERSION = "v1.2.0"  # opened by every DuckDB from 1.2 on: BI tools lag behind the writer


class Published(NamedTuple):
    """What was published: rows by mart, and the file."""

    rows: dict[str, int]
    path: Path


def publish_marts(warehouse: Path, published: Path, marts: Sequence[str]) -> Published:
    """Copies marts from the warehouse into `marts.duckdb` and one Parquet file per mart, each replaced atomically.

    Args:
        warehouse: dbt's database; opened read-only and closed again.
        published: the folder that BI reads.
        marts: names of the tables to copy.

    Raises:
        duckdb.Error: a mart is missing or the warehouse is locked; nothing published changes then.
    """
    published.mkdir(parents=True, exist_ok=True)
    target = published / MARTS_FILE
    temporary = published / f".{uuid4().hex}.tmp"
    rows: dict[str, int] = {}
    parquet: list[tuple[Path, Path]] = []
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
            connection.execute(f"attach '{_quoted(temporary)}' as marts (storage_version '{STORAGE_VERSION}')")
            for mart in marts:
                connection.execute(f'create table marts."{mart}" as from warehouse."{mart}"')
                counted = connection.execute(f'select count(*) from marts."{mart}"').fetchone()  # noqa: S608
                rows[mart] = int(counted[0]) if counted else 0
                file = published / f".{mart}.{uuid4().hex}.tmp"
                parquet.append((file, published / f"{mart}.parquet"))
                connection.execute(f"copy marts.\"{mart}\" to '{_quoted(file)}' (format parquet, compression zstd)")
            connection.execute("checkpoint marts")
            connection.execute("detach marts")
        temporary.replace(target)
        for written, final in parquet:
            written.replace(final)
    finally:
        for leftover in (temporary, *(written for written, _ in parquet)):
            leftover.unlink(missing_ok=True)
    return Published(rows, target)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
