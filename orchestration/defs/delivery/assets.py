"""Delivery: what leaves the warehouse. Here the published copy of the marts, which BI and reports read."""

from typing import Any

import dagster as dg

from expectations.audit import AUDITED_MARTS
from orchestration.audit_stamp import demand_audits
from orchestration.dbt import ensure_manifest, marts
from orchestration.keys import DBT_TESTS, DELIVERY, PUBLISHED_MARTS, WAREHOUSE_POOL
from orchestration.publish import publish_marts
from orchestration.settings import Settings, load_settings


def published_marts(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[Any]:
    """Copies every mart to CX_PUBLISHED_DIR and swaps it in, if every audit has passed on the warehouse as it is."""
    demand_audits(settings, [DBT_TESTS, *AUDITED_MARTS])
    names = [mart.name for mart in marts(ensure_manifest(settings))]
    published = publish_marts(settings.warehouse_path, settings.published_dir, names)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(published.path),
            "size_bytes": published.path.stat().st_size,
            **{f"rows/{mart}": rows for mart, rows in published.rows.items()},
        }
    )


@dg.definitions
def delivery() -> dg.Definitions:
    """The published marts, downstream of every mart."""
    names = [mart.name for mart in marts(ensure_manifest(load_settings()))]
    decorate = dg.asset(
        key=PUBLISHED_MARTS,
        deps=[dg.AssetKey([name]) for name in names],
        group_name=DELIVERY,
        pool=WAREHOUSE_POOL,
        description="The audited marts, in a file that dbt never touches and that is replaced at once.",
    )
    return dg.Definitions(assets=[decorate(published_marts)])
