"""Loading the lake into PostgreSQL, where dbt's target `postgres` builds the marts from it.

Only the lake's tables are loaded, never its private zone. Files go from Parquet to PostgreSQL's binary COPY as Arrow
(ADBC), a few at a time. What dbt builds from the tables is decided by the models, not here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from expectations.schemas.tables import LAKE_TABLES, LakeTable
from orchestration.lake import Lake

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

LAKE_SCHEMA = "lake"
ROWS_PER_COPY = 200_000
_TYPES: dict[pl.DataType, str] = {
    pl.String(): "text",
    pl.Int64(): "bigint",
    pl.Float64(): "double precision",
    pl.Boolean(): "boolean",
    pl.Datetime("us", "UTC"): "timestamp with time zone",
    pl.Date(): "date",
    pl.List(pl.String()): "text[]",
}


class PostgresError(Exception):
    """The lake could not be loaded: no driver, no server, or a refusal. The message holds no password."""


def load_lake(
    lake: Lake, url: str, on_table: Callable[[str], None] = lambda _: None, rows_per_copy: int = ROWS_PER_COPY
) -> dict[LakeTable, int]:
    """Replaces the tables of the schema `lake` in one transaction: readers see the old lake or the new one.

    Args:
        lake: what to load; all of it.
        url: a libpq URL such as postgresql://user:password@host:5432/database.
        on_table: told what is being loaded, table by table.
        rows_per_copy: files are gathered until they hold this many rows; bounds the memory.

    Returns:
        The rows of each table.

    Raises:
        PostgresError: the driver is missing, the server cannot be reached or refuses; the old tables stand then.
    """
    try:
        from adbc_driver_manager import Error  # noqa: PLC0415  an extra
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415
    except ImportError as error:
        raise PostgresError("PostgreSQL needs the extra postgres: pip install 'cx-score[postgres]'") from error
    rows: dict[LakeTable, int] = {}
    try:
        with dbapi.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(f"create schema if not exists {LAKE_SCHEMA}")
            for table in LAKE_TABLES:
                on_table(f"loading {table}")
                _stand_empty(cursor, table, lake.empty(table).schema)
                rows[table] = sum(_copied(cursor, table, frame) for frame in lake.frames(table, rows_per_copy))
                cursor.execute(f"analyze {LAKE_SCHEMA}.{table}")
            connection.commit()
    except Error as error:
        raise PostgresError(str(error)) from error
    return rows


def _stand_empty(cursor: "Cursor", table: LakeTable, schema: pl.Schema) -> None:
    """The table without rows. One of other columns is dropped with the staging views on it, which dbt makes anew."""
    wanted = [(name, _TYPES[kind]) for name, kind in schema.items()]
    columns_there = f"""
        select attname, format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = to_regclass('{LAKE_SCHEMA}.{table}') and attnum > 0 and not attisdropped
        order by attnum
    """  # noqa: S608  names of ours
    cursor.execute(columns_there)
    if cursor.fetchall() == wanted:
        cursor.execute(f"truncate {LAKE_SCHEMA}.{table}")
        return
    columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted)
    cursor.execute(f"drop table if exists {LAKE_SCHEMA}.{table} cascade")
    cursor.execute(f"create table {LAKE_SCHEMA}.{table} ({columns})")


def _copied(cursor: "Cursor", table: LakeTable, frame: pl.DataFrame) -> int:
    arrow = _storable(frame).to_arrow(compat_level=pl.CompatLevel.oldest())  # pyright: ignore[reportUnknownVariableType]
    cursor.adbc_ingest(table, arrow, mode="append", db_schema_name=LAKE_SCHEMA)  # pyright: ignore[reportUnknownArgumentType]
    return frame.height


def _storable(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without the character NUL, which PostgreSQL cannot hold: U+FFFD stands in, and offsets stay true."""
    return frame.with_columns(pl.col(pl.String).str.replace_all("\x00", "\N{REPLACEMENT CHARACTER}", literal=True))
