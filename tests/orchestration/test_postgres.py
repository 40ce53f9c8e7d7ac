"""The lake in PostgreSQL: whole, typed, replaced in one transaction, and never with texts the server cannot hold."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from expectations.schemas.tables import LAKE_TABLES
from orchestration.cli import app
from orchestration.console import FAILED, WRONG_USE
from orchestration.defs.postgres.assets import postgres
from orchestration.lake import Lake
from orchestration.postgres import PostgresError, load_lake
from tests.dbt.lake_builder import LakeBuilder

NOBODY_LISTENS = "postgresql://nobody:planted-secret@127.0.0.1:9/none"


def filled_lake(root: Path, *conversations: str, **columns: Any) -> Lake:
    builder = LakeBuilder(root)
    for name in conversations:
        builder.add("conversations", conversation_id=name, **columns)
        builder.add("messages", conversation_id=name, text=columns.get("subject", "good service"))
    builder.write()
    return Lake(str(root))


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        found = connection.execute(sa.text(query))
        answer = [tuple(row) for row in found] if found.returns_rows else []
    engine.dispose()
    return answer


@pytest.mark.slow
def test_every_lake_table_is_loaded_with_its_types(tmp_path: Path, postgres_url: str) -> None:
    lake = filled_lake(tmp_path, "a", "b", csat_rating=4, vendor_cx_score=3.5)
    loaded = load_lake(lake, libpq(postgres_url), rows_per_copy=1)  # each file is a copy of its own
    assert {table: loaded[table] for table in ("conversations", "messages", "judgements")} == {
        "conversations": 2,
        "messages": 2,
        "judgements": 0,
    }
    tables = rows(postgres_url, "select tablename from pg_tables where schemaname = 'lake'")
    assert {name for (name,) in tables} == set(LAKE_TABLES)
    assert rows(
        postgres_url,
        "select version_at, tags, is_spam, csat_rating, vendor_cx_score, topic from lake.conversations limit 1",
    ) == [(datetime(2026, 1, 5, 12, tzinfo=UTC), ["vip", "eu"], False, 4, 3.5, None)]


@pytest.mark.slow
def test_loading_again_replaces_the_rows_and_keeps_what_stands_on_them(tmp_path: Path, postgres_url: str) -> None:
    load_lake(filled_lake(tmp_path / "old", "a", "b"), libpq(postgres_url))
    rows(postgres_url, "create view staged as select conversation_id from lake.conversations")
    load_lake(filled_lake(tmp_path / "new", "c"), libpq(postgres_url))
    assert rows(postgres_url, "select * from staged") == [("c",)]


@pytest.mark.slow
def test_a_table_of_other_columns_is_made_anew(tmp_path: Path, postgres_url: str) -> None:
    rows(postgres_url, "create schema lake")
    rows(postgres_url, "create table lake.conversations (workspace_id text, gone text)")
    load_lake(filled_lake(tmp_path, "a"), libpq(postgres_url))
    assert rows(postgres_url, "select conversation_id, state from lake.conversations") == [("a", "closed")]


@pytest.mark.slow
def test_a_load_that_fails_leaves_the_old_lake(tmp_path: Path, postgres_url: str) -> None:
    lake = filled_lake(tmp_path, "a")
    load_lake(lake, libpq(postgres_url))
    next((tmp_path / "messages").rglob("*/*.parquet")).write_bytes(b"not a Parquet file")
    for file in (tmp_path / "conversations").rglob("*/*.parquet"):
        file.unlink()
    with pytest.raises(Exception, match="arquet"):
        load_lake(lake, libpq(postgres_url))
    assert rows(postgres_url, "select count(*) from lake.conversations") == [(1,)]


@pytest.mark.slow
def test_a_character_that_the_server_cannot_hold_keeps_its_place(tmp_path: Path, postgres_url: str) -> None:
    load_lake(filled_lake(tmp_path, "a", subject="lost\x00parcel"), libpq(postgres_url))
    assert rows(postgres_url, "select text from lake.messages") == [("lost\N{REPLACEMENT CHARACTER}parcel",)]


def test_an_unreachable_server_is_one_error_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(PostgresError) as error:
        load_lake(filled_lake(tmp_path, "a"), NOBODY_LISTENS)
    assert "planted-secret" not in str(error.value)


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = CliRunner().invoke(app, ["postgres"])
    assert (unset.exit_code, "CX_POSTGRES_URL" in unset.output) == (WRONG_USE, True)
    monkeypatch.setenv("CX_POSTGRES_URL", NOBODY_LISTENS)
    failed = CliRunner().invoke(app, ["postgres", "--no-build"])
    assert (failed.exit_code, "planted-secret" in failed.output) == (FAILED, False)


def test_the_assets_exist_only_where_a_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asset_names() == set()
    monkeypatch.setenv("CX_POSTGRES_URL", NOBODY_LISTENS)
    assert asset_names() == {"postgres_lake", "postgres_marts"}


def asset_names() -> set[str]:
    assets = [asset for asset in postgres().assets or () if isinstance(asset, dg.AssetsDefinition)]
    return {asset.key.to_user_string() for asset in assets}


def libpq(url: str) -> str:
    """The URL without SQLAlchemy's driver."""
    return url.replace("+pg8000", "")
