"""Asset keys, groups and pools that are used in more than one place."""

import dagster as dg

from expectations.schemas.tables import LakeTable

WAREHOUSE_POOL = "warehouse"

EXTRACTION, SCORING, DELIVERY, POSTGRES = "extraction", "scoring", "delivery", "postgres"
VALIDATION = "validation"

LAKE_DAYS_JOB, RESCORE_JOB, MARTS_JOB = "lake_days", "rescored_days", "marts"
RESCORE_TAG = "cx/rescore"
"""On a run: score tables are made anew even where nothing they depend on has changed."""

DBT_TESTS = "dbt tests"

VALIDATION_REPORT = dg.AssetKey("validation_report")
PUBLISHED_MARTS = dg.AssetKey("published_marts")
POSTGRES_LAKE, POSTGRES_MARTS = dg.AssetKey("postgres_lake"), dg.AssetKey("postgres_marts")


def lake_key(table: LakeTable) -> dg.AssetKey:
    """The asset key of a lake table."""
    return dg.AssetKey(["lake", table])
