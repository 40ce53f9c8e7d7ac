"""Computes the statistics macros on rows of numbers, without a dbt project: they are plain Jinja that writes SQL."""

from collections.abc import Mapping, Sequence

import duckdb
import jinja2
import polars as pl

from tests.dbt.build import PROJECT

Column = Sequence[float | int | str | None]


def computed(template: str, **columns: Column) -> list[float | None]:
    """What a template such as `{{ normal_cdf('x') }}` gives for each row of the columns, in their order."""
    return [row[0] for row in _rows(f"select {template} as answer from given order by row_number", columns)]


def aggregated(template: str, **columns: Column) -> float | None:
    """The one value of a template that aggregates over all rows."""
    ((only,),) = _rows(f"select {template} as answer from given", columns)
    return only


def tabulated(query: str, **columns: Column) -> list[tuple[float | None, ...]]:
    """The rows of a whole query over the relation `given`, which also has the column `row_number`."""
    return _rows(query, columns)


def _rows(query: str, columns: Mapping[str, Column]) -> list[tuple[float | None, ...]]:
    files = [PROJECT / "macros" / "rates.sql", *sorted((PROJECT / "macros" / "statistics").glob("*.sql"))]
    macros = "".join(path.read_text(encoding="utf-8") for path in files)
    sql = jinja2.Environment(autoescape=False).from_string(macros + query).render()
    given = pl.DataFrame(columns).with_row_index("row_number")
    with duckdb.connect() as connection:
        connection.register("given", given.to_arrow())
        return connection.execute(sql).fetchall()
