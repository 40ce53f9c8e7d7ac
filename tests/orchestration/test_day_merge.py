"""Merging into a file of the lake: the same rows as merging in memory, whatever the sizes, and one batch at a time."""

import random
from pathlib import Path

import polars as pl
import pytest
from upath import UPath

from orchestration import day_merge
from orchestration.day_merge import merge_into
from orchestration.parquet_file import write_whole

KEY = ("name", "version")


@pytest.fixture
def path(tmp_path: Path) -> UPath:
    return UPath(tmp_path / "day.parquet")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_merge, "ROW_GROUP", 3)


def parts(*keys: tuple[str, int], count: int = 2, text: str = "x") -> pl.DataFrame:
    rows = [(name, version, position, text) for name, version in keys for position in range(count)]
    return pl.DataFrame(rows, schema=["name", "version", "position", "text"], orient="row")


def seen(*keys: tuple[str, int], at: int) -> pl.DataFrame:
    return pl.DataFrame([(*key, at) for key in keys], schema=[*KEY, "observed_at"], orient="row")


def test_a_key_that_comes_again_takes_all_its_new_rows_and_others_keep_theirs(path: UPath) -> None:
    merge_into(path, parts(("b", 1), ("a", 1), ("c", 1), count=4), KEY, ("position",))
    merge_into(path, parts(("b", 1), ("d", 1), count=1, text="new"), KEY, ("position",))
    stored = pl.read_parquet(path.read_bytes())
    assert stored.group_by("name", maintain_order=True).len().rows() == [("a", 4), ("b", 1), ("c", 4), ("d", 1)]
    assert stored.filter(text="new")["name"].to_list() == ["b", "d"]


@pytest.mark.parametrize("seed", range(20))
def test_any_number_of_merges_is_the_last_of_each_key_in_order(path: UPath, seed: int) -> None:
    chance = random.Random(seed)
    expected: dict[tuple[str, int], str] = {}
    for pass_number in range(5):
        keys = {(chance.choice("abcdefgh"), chance.randrange(4)) for _ in range(chance.randrange(1, 12))}
        merge_into(path, parts(*keys, count=3, text=str(pass_number)), KEY, ("position",))
        expected |= dict.fromkeys(keys, str(pass_number))
    stored = pl.read_parquet(path.read_bytes()).rows()
    assert stored == [(*key, position, expected[key]) for key in sorted(expected) for position in range(3)]


def test_the_first_sight_of_a_key_is_remembered(path: UPath) -> None:
    merge_into(path, seen(("a", 1), ("b", 1), ("c", 1), ("d", 1), at=5), KEY)
    merge_into(path, seen(("b", 1), ("d", 1), ("e", 1), at=9), KEY)
    merge_into(path, seen(("a", 1), at=2), KEY)
    assert pl.read_parquet(path.read_bytes()).rows() == [
        ("a", 1, 2), ("b", 1, 5), ("c", 1, 5), ("d", 1, 5), ("e", 1, 9)
    ]  # fmt: skip


@pytest.mark.parametrize("broken", [(2, 0, 1, 3, 4, 5), (0, 1, 2, 4, 3, 5), (3, 4, 5, 0, 1, 2)])
def test_a_file_out_of_order_is_put_in_order(path: UPath, broken: tuple[int, ...]) -> None:
    write_whole(path, seen(*(("abcdef"[n], 1) for n in broken), at=5))
    merge_into(path, seen(("c", 1), at=9), KEY)
    assert pl.read_parquet(path.read_bytes()).rows() == [(name, 1, 5) for name in "abcdef"]


def test_an_empty_file_takes_rows(path: UPath) -> None:
    write_whole(path, seen(at=5).clear().cast({"name": pl.String, "version": pl.Int64, "observed_at": pl.Int64}))
    merge_into(path, seen(("a", 1), at=9), KEY)
    assert pl.read_parquet(path.read_bytes()).rows() == [("a", 1, 9)]
