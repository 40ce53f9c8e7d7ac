"""Publishing: swapped in at once, under open readers, and never half."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publish import MARTS_FILE, publish_marts

READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("select max(n) from mart").fetchone()[0], flush=True)
sys.stdin.readline()
print(connection.execute("select max(n) from mart").fetchone()[0], flush=True)
"""


def warehouse_with(path: Path, number: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create or replace table mart as select {number} as n")
        connection.execute("create or replace table other as select 'x' as name from range(3)")
    return path


def published_number(folder: Path) -> int:
    with duckdb.connect(str(folder / MARTS_FILE), read_only=True) as connection:
        row = connection.execute("select n from mart").fetchone()
    assert row is not None
    return int(row[0])


def test_marts_are_published_as_one_database_and_as_parquet(tmp_path: Path) -> None:
    warehouse = warehouse_with(tmp_path / "warehouse.duckdb", 1)
    published = publish_marts(warehouse, tmp_path / "published", ["mart", "other"])
    assert published.rows == {"mart": 1, "other": 3}
    assert published_number(tmp_path / "published") == 1
    assert sorted(p.name for p in (tmp_path / "published").iterdir()) == ["mart.parquet", MARTS_FILE, "other.parquet"]
    assert duckdb.sql(f"select count(*) from '{tmp_path}/published/other.parquet'").fetchall() == [(3,)]


def test_a_reader_in_another_process_blocks_neither_dbt_nor_publishing(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "warehouse.duckdb", tmp_path / "published"
    publish_marts(warehouse_with(warehouse, 1), published, ["mart"])
    reader = [sys.executable, "-c", READER, str(published / MARTS_FILE)]
    with subprocess.Popen(reader, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "1\n"
        publish_marts(warehouse_with(warehouse, 2), published, ["mart"])
        assert published_number(published) == 2
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "1\n"  # an open reader keeps the version it opened
    assert process.returncode == 0


def test_a_missing_mart_leaves_the_published_version_as_it_is(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "warehouse.duckdb", tmp_path / "published"
    publish_marts(warehouse_with(warehouse, 1), published, ["mart"])
    warehouse_with(warehouse, 2)
    with pytest.raises(duckdb.Error):
        publish_marts(warehouse, published, ["mart", "no_such_mart"])
    assert published_number(published) == 1
    assert sorted(p.name for p in published.iterdir()) == ["mart.parquet", MARTS_FILE]


def test_the_published_file_has_a_storage_version_that_older_readers_open(tmp_path: Path) -> None:
    publish_marts(warehouse_with(tmp_path / "warehouse.duckdb", 1), tmp_path / "published", ["mart"])
    # Bytes 12-20 of a DuckDB file are its storage version: 65 is that of 1.2, 64 of all before.
    header = (tmp_path / "published" / MARTS_FILE).read_bytes()[8:20]
    assert header[:4] == b"DUCK"
    assert int.from_bytes(header[4:12], "little") <= 65
