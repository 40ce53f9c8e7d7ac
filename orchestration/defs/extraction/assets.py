"""Extraction: one partitioned multi-asset brings conversations, messages and rejected records of each update day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from expectations.schemas.tables import LakeTable
from orchestration.extraction import extract_days
from orchestration.keys import EXTRACTION, lake_key
from orchestration.lake import Lake
from orchestration.partitions import daily_partitions
from orchestration.settings import load_settings
from orchestration.sources.protocol import Source

TABLES: dict[LakeTable, str] = {
    "conversations": "Every version of every conversation, by update day, without its messages.",
    "messages": "Every part of every conversation version, masked, in order.",
    "rejected": "Records that no conversation could be made of, each with its place and the rule it broke.",
}


def extracted_tables(
    context: dg.AssetExecutionContext,
    source: dg.ResourceParam[Source],
    lake: dg.ResourceParam[Lake],
) -> Iterator[dg.MaterializeResult[Any]]:
    """Extracts the run's days in one pass over the source."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    extracted = extract_days(
        source, lake, days, context.run.run_id, told=lambda versions: context.log.info(f"{versions} versions written")
    )
    for day in days:
        context.add_asset_metadata(
            {"versions": lake.day_rows("conversations", day), "run/versions": extracted.versions[day.isoformat()]},
            asset_key=lake_key("conversations"),
            partition_key=day.isoformat(),
        )
    metadata: dict[LakeTable, dict[str, int]] = {
        "conversations": {
            "run/versions": sum(extracted.versions.values()),
            "run/left_out_as_forgotten": extracted.forgotten,
        },
        "messages": {"run/messages": extracted.messages, "run/masked_texts": extracted.masked_texts},
        "rejected": {"run/records": extracted.rejected.total(), **extracted.rejected},
    }
    for name in TABLES:
        yield dg.MaterializeResult(asset_key=lake_key(name), metadata=metadata[name])


@dg.definitions
def extraction() -> dg.Definitions:
    """The extraction assets, partitioned from CX_START_DATE; one run takes up to 31 days."""
    decorate = dg.multi_asset(
        specs=[dg.AssetSpec(lake_key(name), description=text) for name, text in TABLES.items()],
        name="extracted_tables",
        group_name=EXTRACTION,
        partitions_def=daily_partitions(load_settings()),
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=31),
    )
    return dg.Definitions(assets=[decorate(extracted_tables)])
