"""A day written group by group: whole or not at all, in row groups of one size, wherever the lake is."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from orchestration.lake import Lake
from orchestration.parquet_file import BATCH, ROW_GROUP, batches, inputs_of, row_count

DAY = date(2026, 3, 2)
SEEN = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(params=["folder", "object store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path) if request.param == "folder" else f"memory://{tmp_path.name}")
    lake.initialise()
    return lake


def rows(lake: Lake, *refs: str, workspace: str = "acme") -> pl.DataFrame:
    return lake.frame("rejected", [(workspace, "files", ref, None, "not_json", "x", SEEN, "run") for ref in refs])


def refs(lake: Lake) -> list[str]:
    return lake.read_day("rejected", DAY)["record_ref"].to_list()


def leftovers(lake: Lake) -> list[str]:
    return [path.name for path in lake.root.rglob("*") if path.name.endswith(".tmp")]


def test_a_day_written_in_parts_reads_as_one_in_order(lake: Lake) -> None:
    with lake.day_writer("rejected", DAY) as day:
        day.write(rows(lake, "b", "a"))
        day.write(pl.concat([rows(lake, "c"), rows(lake, "x", workspace="other")]))
        day.write(rows(lake, "y", workspace="other"))
    assert refs(lake) == ["b", "a", "c", "x", "y"]
    assert leftovers(lake) == []


def test_row_groups_have_one_size_whatever_the_sizes_of_the_parts(lake: Lake, tmp_path: Path) -> None:
    names = [f"{n:05}" for n in range(2 * ROW_GROUP + 10)]
    with lake.day_writer("rejected", DAY) as day:
        for at in range(0, len(names), 700):
            day.write(rows(lake, *names[at : at + 700]))
    (path,) = lake.day_paths("rejected", DAY).values()
    with path.open("rb") as content:
        metadata = pq.read_metadata(content)
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [ROW_GROUP, ROW_GROUP, 10]
    in_parts = path.read_bytes()
    lake.write_day("rejected", DAY, rows(lake, *names))
    assert path.read_bytes() == in_parts
    assert [batch.height for batch in batches(path, rows=ROW_GROUP)] == [ROW_GROUP, ROW_GROUP, 10]
    assert max(batch.height for batch in batches(path)) == BATCH
    assert row_count(path) == len(names)


def test_an_exception_leaves_the_old_day_untouched(lake: Lake) -> None:
    lake.write_day("rejected", DAY, pl.concat([rows(lake, "old"), rows(lake, "other", workspace="other")]))
    with pytest.raises(RuntimeError, match="midway"), lake.day_writer("rejected", DAY) as day:
        day.write(rows(lake, *(f"new {n}" for n in range(ROW_GROUP))))
        day.write(rows(lake, "new", workspace="other"))
        raise RuntimeError("midway")
    assert refs(lake) == ["old", "other"]
    assert leftovers(lake) == []


def test_nothing_is_seen_of_a_day_until_it_is_whole(lake: Lake) -> None:
    with lake.day_writer("rejected", DAY) as day:
        day.write(rows(lake, "a"))
        day.write(rows(lake, "x", workspace="other"))
        assert refs(lake) == []
    assert refs(lake) == ["a", "x"]


def test_files_that_got_no_rows_are_emptied_and_say_what_they_were_made_from(lake: Lake) -> None:
    lake.write_day("rejected", DAY, pl.concat([rows(lake, "a"), rows(lake, "x", workspace="other")]))
    with lake.day_writer("rejected", DAY, inputs="digest") as day:
        day.write(rows(lake, "b"))
        day.begin("third", "files")
    assert refs(lake) == ["b"]
    paths = lake.day_paths("rejected", DAY)
    assert [folder.split("/")[0] for folder in paths] == ["workspace=acme", "workspace=other", "workspace=third"]
    assert {inputs_of(path) for path in paths.values()} == {"digest"}


def test_rows_of_a_file_come_one_after_the_other(lake: Lake) -> None:
    with pytest.raises(ValueError, match="two parts"), lake.day_writer("rejected", DAY) as day:
        day.write(rows(lake, "a"))
        day.write(rows(lake, "x", workspace="other"))
        day.write(rows(lake, "b"))
    assert refs(lake) == []


def test_a_file_that_is_damaged_missing_or_says_nothing_was_made_from_nothing_known(lake: Lake) -> None:
    with lake.day_writer("rejected", DAY, inputs="digest") as day:
        day.write(rows(lake, "a"))
    (path,) = lake.day_paths("rejected", DAY).values()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert inputs_of(path) is None
    path.unlink()
    assert inputs_of(path) is None
    lake.write_day("rejected", DAY, rows(lake, "a"))
    assert inputs_of(path) is None
