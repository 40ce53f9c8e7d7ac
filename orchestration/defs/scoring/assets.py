"""Scoring: judgements by the LLM ops, then scores and the call ledger, deterministic and free.

The ops live in `scoring_ops/ops.py`; here they become a daily-partitioned, graph-backed asset. Re-running any of
these assets for a day writes the same rows again.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from expectations.schemas.tables import LakeTable
from orchestration.keys import RESCORE_TAG, SCORING, lake_key
from orchestration.lake import Lake
from orchestration.partitions import DAYS_PER_RUN, daily_partitions
from orchestration.scored_day import ScoredDay
from orchestration.scores import score_day, write_calls
from orchestration.settings import Settings, load_settings
from orchestration.shadows import other_judges, scorers_of
from scoring_ops.ops import judgements

TABLES: dict[LakeTable, str] = {
    "conversation_scores": "The score of every scored version, with its grounds and what would change it.",
    "dimension_scores": "What was found in each dimension and what it contributed.",
    "score_reasons": "Every reason with its signed weight and its verbatim quote.",
    "issues": "Each issue of a customer and whether it was resolved.",
    "feedback_items": "Product and policy feedback, proven by quotes.",
}


def scores(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], lake: dg.ResourceParam[Lake]
) -> Iterator[dg.MaterializeResult[Any]]:
    """Scores every judged version of the run's days from its stored claims; days that are scored already are kept.

    Each workspace's champion and each shadow scores all of them; the metadata are those of the settings' own.
    """
    force = context.run.tags.get(RESCORE_TAG) == "true"
    scorers = scorers_of(settings)
    for key in context.partition_keys:
        day, *_ = [
            score_day(scorer, lake, date.fromisoformat(key), context.run.run_id, force=force) for scorer in scorers
        ]
        context.add_asset_metadata(_metadata(day), asset_key=lake_key("conversation_scores"), partition_key=key)
    yield dg.MaterializeResult(asset_key=lake_key("conversation_scores"))
    for table in list(TABLES)[1:]:
        yield dg.MaterializeResult(asset_key=lake_key(table))


def llm_calls(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult[Any]:
    """The call that produced each answer in use, read from the cache."""
    judges = (settings, *other_judges(settings))
    calls = sum(write_calls(one, lake, date.fromisoformat(key)) for key in context.partition_keys for one in judges)
    return dg.MaterializeResult(metadata={"calls": calls})


@dg.definitions
def scoring() -> dg.Definitions:
    """The scoring assets; one run takes up to a week of days, each written before the next begins."""
    daily = daily_partitions(load_settings())
    backfill_policy = dg.BackfillPolicy.multi_run(max_partitions_per_run=DAYS_PER_RUN)
    judged = dg.AssetsDefinition.from_graph(
        dg.graph(name="judgements", ins={"conversations": dg.GraphIn(), "messages": dg.GraphIn()})(judgements),
        keys_by_input_name={"conversations": lake_key("conversations"), "messages": lake_key("messages")},
        keys_by_output_name={"result": lake_key("judgements")},
        partitions_def=daily,
        group_name=SCORING,
        backfill_policy=backfill_policy,
        descriptions_by_output_name={"result": "The status of every version under the judge, with its raw claims."},
    )
    inputs = [lake_key("judgements"), lake_key("conversations"), lake_key("messages")]
    scored = dg.multi_asset(
        specs=[dg.AssetSpec(lake_key(name), deps=inputs, description=text) for name, text in TABLES.items()],
        name="scores",
        group_name=SCORING,
        partitions_def=daily,
        backfill_policy=backfill_policy,
    )(scores)
    called = dg.asset(
        key=lake_key("llm_calls"),
        deps=[lake_key("judgements")],
        group_name=SCORING,
        partitions_def=daily,
        backfill_policy=backfill_policy,
        description="The call that produced each answer in use: tokens, money, latency.",
    )(llm_calls)
    return dg.Definitions(assets=[judged, scored, called])


def _metadata(day: ScoredDay) -> dict[str, dg.MetadataValue | int | float]:
    """Counts, the distribution of scores as bars, and the share of claims that could be proven."""
    total = day.scores.total()
    bars = "\n".join(
        f"| {score} | {day.scores[score]} | {'█' * round(40 * day.scores[score] / (total or 1))} |"
        for score in range(5, 0, -1)
    )
    return {
        "scored": total,
        "scores": dg.MetadataValue.md(f"| score | versions | |\n| --- | ---: | --- |\n{bars}"),
        "evidence_valid_rate": day.proven / day.claims if day.claims else 1.0,
        "unreadable_claims": day.unreadable,
    }
