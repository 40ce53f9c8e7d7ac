"""Blocking schema checks of everything that scoring writes."""

import dagster as dg

from orchestration.checks import pandera_check
from orchestration.defs.scoring.assets import TABLES
from orchestration.partitions import daily_partitions
from orchestration.settings import load_settings


@dg.definitions
def scoring_checks() -> dg.Definitions:
    """One check per table."""
    daily = daily_partitions(load_settings())
    return dg.Definitions(asset_checks=[pandera_check(table, daily) for table in ("judgements", *TABLES, "llm_calls")])
