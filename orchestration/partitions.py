"""The one partitioning of the platform: UTC days by update time, from the start date of the settings.

Both helpdesk APIs filter by update time, so a day can be fetched again and again; weeks are made later, in dbt.
"""

import dagster as dg

from orchestration.settings import Settings

DAYS_PER_RUN = 7
"""Days that one run judges, by backfill policy and from the command line alike."""


def daily_partitions(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Daily partitions in UTC from CX_START_DATE; yesterday is the last one."""
    return dg.DailyPartitionsDefinition(start_date=settings.start_date.isoformat(), timezone="UTC")
