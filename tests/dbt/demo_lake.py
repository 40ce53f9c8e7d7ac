"""The demo helpdesk's lake, filled by the functions that the assets call: in a third of the time of runs in Dagster."""

from datetime import timedelta

from orchestration.dbt import prepare_lake
from orchestration.extraction import extract_days
from orchestration.frames import VERSION
from orchestration.lake import Lake
from orchestration.scores import score_day, write_calls
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import Settings
from orchestration.shadows import scorers_of
from orchestration.sources.demo.source import FIRST_MONDAY, DemoSource
from scoring_ops.ops import Chunk

RUN = "run"
REVIEWED = 40


def demo_lake(settings: Settings, weeks: int) -> Lake:
    """A lake of `weeks` weeks, extracted, judged by the local judge and scored."""
    lake = Lake(settings.lake_url)
    lake.initialise()
    days = [FIRST_MONDAY + timedelta(days=n) for n in range(7 * weeks)]
    extract_days(DemoSource(settings.workspace_id, weeks=weeks), lake, days, RUN)
    with LakeScoringDesk(settings, lake) as desk:
        for day in days:
            desk.judge(Chunk(day.isoformat(), 0, 1), RUN, retry_failed=False)
            desk.write_judgements(day, RUN)
            for scorer in scorers_of(settings):
                score_day(scorer, lake, day, RUN)
            write_calls(settings, lake, day)
    prepare_lake(settings, lake)
    return lake


def add_reviews(lake: Lake) -> None:
    """Two people on conversations of the demo's first day, at odds on every third; each checks a claim."""
    scores = lake.read_day("conversation_scores", FIRST_MONDAY).head(REVIEWED).to_dicts()
    said = [
        {
            **row,
            "reviewer": reviewer,
            "role": "reviewer",
            "score": row["score"] if n % 3 or reviewer == "ana" else 3,
            "comment": "Ärger über die Rückgabe" if n % 5 == 0 else None,
            "drawn_by": "random_control" if n % 2 else "low_confidence",
            "saw_score": n % 2 == 0,
            "reviewed_at": row["scored_at"],
        }
        for n, row in enumerate(scores)
        for reviewer in ("ana", "ben")
    ]
    columns = lake.empty("reviews").columns
    rows = [{name: row.get(name) for name in columns} for row in said]
    lake.merge_day("reviews", FIRST_MONDAY, lake.frame("reviews", rows), (*VERSION, "reviewer"))
    reasons = lake.read_day("score_reasons", FIRST_MONDAY).head(REVIEWED).to_dicts()
    checked = [
        {**{name: row.get(name) for name in lake.empty("claim_reviews").columns}, "reviewer": "ana",
         "is_supported": n % 4 > 0, "reviewed_at": row["version_at"]}
        for n, row in enumerate(reasons)
    ]  # fmt: skip
    key = (*VERSION, "scorer_version", "reason_position", "reviewer")
    lake.merge_day("claim_reviews", FIRST_MONDAY, lake.frame("claim_reviews", checked), key)
