"""PostgreSQL beside DuckDB: the lake loaded there and the same models built from it, where CX_POSTGRES_URL names one.

Nothing here is audited or published: DuckDB is what this project publishes. These assets serve readers that want
the marts in a database server; dbt's contracts and data tests run there as well.
"""

from typing import Any

import dagster as dg

from expectations.schemas.tables import LAKE_TABLES
from orchestration.dbt import build_in_postgres, prepare_lake
from orchestration.keys import POSTGRES, POSTGRES_LAKE, POSTGRES_MARTS, lake_key
from orchestration.lake import Lake
from orchestration.postgres import load_lake
from orchestration.settings import Settings, load_settings


def postgres_lake(settings: dg.ResourceParam[Settings], lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult[Any]:
    """Replaces the schema `lake` by the lake as it is, in one transaction."""
    assert settings.postgres_url is not None, "the asset exists only where CX_POSTGRES_URL is set"
    prepare_lake(settings, lake)
    rows = load_lake(lake, settings.postgres_url.get_secret_value())
    return dg.MaterializeResult(metadata={f"rows/{table}": count for table, count in rows.items()})


def postgres_marts(settings: dg.ResourceParam[Settings]) -> None:
    """Builds every model in the schema `cx_score` and runs its data tests; a failed test fails the asset."""
    build_in_postgres(settings)


@dg.definitions
def postgres() -> dg.Definitions:
    """Both assets where CX_POSTGRES_URL is set, else none: nobody is shown an asset that cannot run."""
    if load_settings().postgres_url is None:
        return dg.Definitions()
    deps = [lake_key(table) for table in LAKE_TABLES]
    loaded = dg.asset(key=POSTGRES_LAKE, deps=deps, group_name=POSTGRES, pool=POSTGRES)(postgres_lake)
    built = dg.asset(key=POSTGRES_MARTS, deps=[POSTGRES_LAKE], group_name=POSTGRES, pool=POSTGRES)(postgres_marts)
    return dg.Definitions(assets=[loaded, built])
