"""The lake: typed when empty, replaced whole, merged by version, and equal checksums for equal rows."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from expectations.schemas.tables import LAKE_TABLES, polars_schema
from orchestration.lake import Lake, is_run_varying, slug

DAY = date(2026, 3, 2)
KEY = ("workspace_id", "source", "record_ref", "rule")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path / "lake"))
    lake.initialise()
    return lake


def rejected(lake: Lake, *refs: str, workspace: str = "acme", hour: int = 1, detail: str = "x") -> pl.DataFrame:
    seen = datetime(2026, 3, 2, hour, tzinfo=UTC)
    return lake.frame(
        "rejected",
        [
            {
                "workspace_id": workspace,
                "source": "Some Source (1)",
                "record_ref": ref,
                "rule": "not_json",
                "detail": detail,
                "observed_at": seen,
                "extraction_run_id": f"run-{hour}",
            }
            for ref in refs
        ],
    )


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_every_table_is_typed_before_anything_is_written(lake: Lake, table: str) -> None:
    assert lake.read(table).schema == polars_schema(table)  # pyright: ignore[reportArgumentType]
    assert lake.read_day(table, DAY).schema == polars_schema(table)  # pyright: ignore[reportArgumentType]


def test_a_day_is_replaced_whole_and_workspaces_that_vanished_are_emptied(lake: Lake) -> None:
    both = pl.concat([rejected(lake, "a", "b"), rejected(lake, "c", workspace="other")])
    lake.write_day("rejected", DAY, both)
    assert lake.read_day("rejected", DAY).height == 3
    lake.write_day("rejected", DAY, rejected(lake, "a"))
    assert lake.read_day("rejected", DAY)["record_ref"].to_list() == ["a"]
    lake.write_day("rejected", DAY, lake.empty("rejected"))
    assert lake.read_day("rejected", DAY).is_empty()


def test_a_day_of_one_scorer_leaves_the_others_alone(lake: Lake) -> None:
    lake.write_day("rejected", DAY, rejected(lake, "a"), scorer="one")
    lake.write_day("rejected", DAY, rejected(lake, "b"), scorer="two")
    lake.write_day("rejected", DAY, lake.empty("rejected"), scorer="one")
    assert lake.read_day("rejected", DAY, scorer="two")["record_ref"].to_list() == ["b"]
    assert lake.read("rejected").height == 1


def test_merging_a_day_loses_nothing_and_remembers_the_first_sight(lake: Lake) -> None:
    lake.merge_day("rejected", DAY, rejected(lake, "a", "b", hour=1, detail="old"), KEY)
    lake.merge_day("rejected", DAY, rejected(lake, "b", "c", hour=5, detail="new"), KEY)
    rows = lake.read_day("rejected", DAY).sort("record_ref")
    assert rows["record_ref"].to_list() == ["a", "b", "c"]
    assert rows["detail"].to_list() == ["old", "new", "new"]
    assert [seen.hour for seen in rows["observed_at"]] == [1, 1, 5]


def test_no_temporary_file_is_left_behind(lake: Lake) -> None:
    lake.write_day("rejected", DAY, rejected(lake, "a"))
    assert [p.name for p in lake.root.rglob("*") if p.name.endswith(".tmp")] == []


def test_paths_hold_workspace_source_scorer_and_day(lake: Lake) -> None:
    lake.write_day("rejected", DAY, rejected(lake, "a"), scorer="local-lexicon")
    (path,) = (lake.root / "rejected").rglob("2026-03-02.parquet")
    parts = path.relative_to(lake.root / "rejected").parts
    assert parts == (
        "workspace=acme",
        f"source={slug('Some Source (1)')}",
        "scorer=local-lexicon",
        "2026-03-02.parquet",
    )


def test_a_checksum_ignores_what_varies_by_run_and_nothing_else(lake: Lake) -> None:
    lake.write_day("rejected", DAY, rejected(lake, "a", "b", hour=1))
    before = lake.checksum("rejected")
    lake.write_day("rejected", DAY, rejected(lake, "b", "a", hour=9))
    assert lake.checksum("rejected") == before
    lake.write_day("rejected", DAY, rejected(lake, "b", "a", hour=9, detail="other"))
    assert lake.checksum("rejected") != before


@pytest.mark.parametrize("name", ["judging_run_id", "observed_at", "scored_at", "latency_ms", "started_at", "cached"])
def test_run_varying_columns_are_known_by_name(name: str) -> None:
    assert is_run_varying(name)
    assert not is_run_varying("version_at")


def test_names_that_fold_to_the_same_slug_stay_apart() -> None:
    assert slug("plain-1.2_x") == "plain-1.2_x"
    assert len({slug("a b"), slug("a-b"), slug("A B"), slug("a/b"), slug("社区"), slug("")}) == 6
    assert "/" not in slug("../../etc")


def test_the_lake_works_on_any_fsspec_url() -> None:
    lake = Lake("memory://lake-test")
    lake.initialise()
    lake.merge_day("rejected", DAY, rejected(lake, "a"), KEY)
    lake.merge_day("rejected", DAY, rejected(lake, "b"), KEY)
    assert lake.read("rejected").height == 2
