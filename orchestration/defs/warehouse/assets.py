"""The warehouse: every dbt model as an asset, built by one `dbt build`, the only writer of the database."""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.audit_stamp import forget_audits, stamp_audit
from orchestration.dbt import CxDbtTranslator, dbt_environment, ensure_manifest, prepare_lake
from orchestration.environment import environment
from orchestration.keys import DBT_TESTS, WAREHOUSE_POOL
from orchestration.lake import Lake
from orchestration.settings import Settings, load_settings


def warehouse_models(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    settings: dg.ResourceParam[Settings],
    lake: dg.ResourceParam[Lake],
) -> Iterator[object]:
    """Builds and tests the models from the whole lake; late data needs no special case."""
    forget_audits(settings)
    prepare_lake(settings, lake)
    # Unit tests prove the models, not the data: they belong to the project's tests, and cost as much as all others.
    build = ["build", "--exclude-resource-type", "unit_test"]
    with environment(dbt_environment(settings)):  # dbt's process takes a copy as it starts
        invocation = dbt.cli(build, context=context, target_path=settings.dbt_dir / "target" / "build")
    yield from invocation.stream()
    stamp_audit(settings, DBT_TESTS)


@dg.definitions
def warehouse() -> dg.Definitions:
    """The dbt assets, from a manifest that is built here when it is older than the models."""
    decorate = dbt_assets(
        manifest=ensure_manifest(load_settings()),
        name="warehouse_models",
        dagster_dbt_translator=CxDbtTranslator(),
        pool=WAREHOUSE_POOL,
    )
    return dg.Definitions(assets=[decorate(warehouse_models)])
