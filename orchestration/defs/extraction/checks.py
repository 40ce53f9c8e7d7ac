"""Blocking schema checks of the extracted tables: a bad day stops before anything is paid for it."""

import dagster as dg

from orchestration.checks import pandera_check
from orchestration.defs.extraction.assets import TABLES
from orchestration.partitions import daily_partitions
from orchestration.settings import load_settings


@dg.definitions
def extraction_checks() -> dg.Definitions:
    """One check per extracted table."""
    daily = daily_partitions(load_settings())
    return dg.Definitions(asset_checks=[pandera_check(table, daily) for table in TABLES])
