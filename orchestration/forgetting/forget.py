"""Removes one person from every place that their words can lie in, and proves it by a search.

The order makes it safe to stop at any point and begin again: who is forgotten is written down first, what the rest is
found by goes last. Marts are built anew from the lake rather than edited.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast
from uuid import uuid4

import duckdb
import polars as pl
import sqlalchemy as sa
from upath import UPath

from expectations.schemas.tables import LAKE_TABLES
from orchestration.forgetting.places import Hit, Text, frames_of, occurring, search, spellings, texts_of, texts_under
from orchestration.forgetting.raw import remove_from_pages
from orchestration.forgetting.removal import Removed, remove_from_lake, rows_left
from orchestration.forgetting.tombstones import Forgotten, remember
from orchestration.forgetting.traces import Person, Traces, traces_of
from orchestration.lake import Lake
from orchestration.parquet_file import batches, is_local
from orchestration.settings import Settings
from scoring_ops.cache import open_cache
from scoring_ops.cache_upkeep import forget as forget_answers

Told = Callable[[str], None]


class UnknownPerson(LookupError):
    """Nobody of this id is in the lake, nor was forgotten before."""


class Forgetting(NamedTuple):
    """What was removed, and what a search of every place still found.

    `rows` are counted by lake table, `pages` are raw pages changed, `answers` are those of the cache. `looked_for` is
    the number of strings that were this person's alone, `left` where one was found, `rows_left` what the lake still
    has of their conversations. `failures` are those of building the marts.
    """

    traces: Traces
    rows: dict[str, int]
    pages: int
    answers: int
    looked_for: int
    rows_left: int
    left: tuple[Hit, ...]
    failures: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """True where nothing failed and nothing was found."""
        return not (self.rows_left or self.left or self.failures)


def forget(
    settings: Settings, person: Person, at: datetime, build: Callable[[], tuple[str, ...]], told: Told = lambda _: None
) -> Forgetting:
    """Forgets a person: lake, private zone, raw pages, cache, warehouse, published marts, PostgreSQL.

    Args:
        settings: say where everything lies.
        person: whom.
        at: now; their later conversations are not concerned.
        build: builds and publishes the marts, where there are any, and returns what failed.
        told: hears what begins.

    Raises:
        UnknownPerson: nobody of this id is there.
        CacheError: the cache cannot be written; the command can be given again.
    """
    lake = Lake(settings.lake_url)
    told("finding their conversations")
    forgotten = Forgotten(lake)
    traces = traces_of(lake, person, forgotten.has)
    if traces.conversations.is_empty() and not forgotten.knows(person):
        raise UnknownPerson(f"no conversation of customer {person.customer_id} is in the lake")
    remember(lake, person, traces, at)
    ids = frozenset({person.customer_id, *traces.conversations["conversation_id"]})
    pages = answers = 0

    def between() -> None:
        nonlocal pages, answers
        told("removing raw pages and answers")
        for folder in (lake.raw(*place) for place in _places(lake, person)):
            pages += remove_from_pages(folder, ids)
        with open_cache(settings.cache_url) as cache:
            answers = forget_answers(cache, traces.hashes)

    told("removing their rows from the lake")
    removed = remove_from_lake(lake, traces, between)
    told("building the marts without them")
    failures = build()
    if settings.warehouse_path.exists():
        compact(settings.warehouse_path)
    needles = _theirs_alone(lake, removed, ids)
    told(f"searching every place for {len(needles):,} strings")
    left = search(_everything(settings), needles)
    return Forgetting(
        traces, removed.rows, pages, answers, len(needles), rows_left(lake, traces), tuple(left), failures
    )


def compact(warehouse: Path) -> None:
    """Rewrites a DuckDB file: tables that were replaced leave their rows in its free blocks."""
    fresh = warehouse.with_name(f".{warehouse.name}.{uuid4().hex}.tmp")
    try:
        with duckdb.connect(":memory:") as connection:
            old, new = (str(path).replace("'", "''") for path in (warehouse, fresh))
            connection.execute(f"attach '{old}' as old (read_only)")
            connection.execute(f"attach '{new}' as new")
            connection.execute("copy from database old to new")
            connection.execute("detach new")
        fresh.replace(warehouse)
    finally:
        fresh.unlink(missing_ok=True)


def _places(lake: Lake, person: Person) -> Iterator[tuple[str, str]]:
    """Workspaces and sources whose raw pages may hold the person."""
    found = set[tuple[str, str]]()
    for path in lake.files("conversations"):
        for frame in batches(path, ("workspace_id", "source")):
            found.update(frame.unique().iter_rows())
    return (place for place in sorted(found) if person.is_at(*place))


def _theirs_alone(lake: Lake, removed: Removed, ids: frozenset[str]) -> set[str]:
    """The strings removed that nobody's remaining rows hold: "Thank you very much" proves nothing.

    Ids are looked for between quotes, as JSON writes a whole value.
    """
    needles = set(removed.words) | {f'"{one}"' for one in ids}
    spelled = sorted({form for needle in needles for form in spellings(needle)})
    theirs_too = set[str]()
    for table in LAKE_TABLES:
        for path in lake.files(table):
            for text in _texts_of_rows(path):
                theirs_too |= occurring(text, spelled)
    return {needle for needle in needles if not {form.lower() for form in spellings(needle)} & theirs_too}


def _texts_of_rows(path: UPath) -> Iterator[str]:
    """The text columns of a lake file as JSON, batch by batch."""
    for frame in batches(path, rows=50_000):
        strings = frame.select(pl.col(pl.String), pl.col(pl.List(pl.String)))
        yield strings.write_json()


def _everything(settings: Settings) -> Iterator[Text]:
    """Every file below the home, and whatever of ours lies elsewhere."""
    home = settings.home
    yield from texts_under(home)
    elsewhere = [settings.warehouse_path, settings.published_dir, settings.dagster_home]
    lake = Lake(settings.lake_url).root
    if is_local(lake):
        elsewhere.append(Path(str(lake)))
    for path in elsewhere:
        if path.exists() and not path.is_relative_to(home):
            yield from texts_under(path) if path.is_dir() else texts_of(path, str(path))
    yield from _cache_texts(settings.cache_url, home)
    if settings.postgres_url is not None:
        yield from _postgres_texts(settings.postgres_url.get_secret_value())


def _cache_texts(url: str, home: Path) -> Iterator[Text]:
    database = sa.make_url(url)
    if database.get_backend_name() == "sqlite" and Path(database.database or "").is_relative_to(home):
        return
    with open_cache(url) as cache, cache.engine.connect() as connection:
        for table in sa.inspect(cache.engine).get_table_names():
            rows = connection.execution_options(yield_per=10_000).execute(sa.select(sa.table(table, sa.column("*"))))
            for some in rows.partitions():
                yield Text(f"cache#{table}", "\n".join(str(value) for row in some for value in row).encode())


def _postgres_texts(url: str) -> Iterator[Text]:
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415  an extra

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema not in ('pg_catalog', 'information_schema')"
        )
        for schema, name in cast("list[tuple[str, str]]", cursor.fetchall()):
            cursor.execute(f'select * from "{schema}"."{name}"')  # noqa: S608  names that the server gives
            for frame in frames_of(cursor.fetch_record_batch()):  # pyright: ignore[reportUnknownArgumentType]
                yield Text(f"postgres#{schema}.{name}", frame.select(pl.col(pl.String)).write_json().encode())
