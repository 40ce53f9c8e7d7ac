"""A project on its first day: typed files without a row, and every mart there with all its columns."""

import re
from pathlib import Path

import pytest

from tests.dbt.build import MARTS, Warehouse, dbt_build
from tests.dbt.lake_builder import LakeBuilder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home: Path = tmp_path_factory.mktemp("o'brien's first day")  # a quote in a path must not end the SQL string
    LakeBuilder(home / "lake").write()
    return dbt_build(home, "--exclude-resource-type", "unit_test")  # they run with the tiny lake


@pytest.mark.parametrize("mart", MARTS)
def test_an_empty_lake_builds_the_mart_without_a_row(mart: str, warehouse: Warehouse):
    assert warehouse.row(f"select count(*) as n from {mart}") == {"n": 0}


def test_nothing_warns_and_nothing_is_skipped(warehouse: Warehouse):
    assert re.search(r"WARN=0 ERROR=0 SKIP=0", warehouse.said)
    assert "[WARNING]" not in warehouse.said
