"""The demo helpdesk's lake, filled by the functions that the assets call: in a third of the time of runs in Dagster."""

from datetime import timedelta

from orchestration.dbt import prepare_lake
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.scores import score_day, write_calls
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import Settings
from orchestration.shadows import scorers_of
from orchestration.sources.demo.source import FIRST_MONDAY, DemoSource
from scoring_ops.ops import Chunk

RUN = "run"


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
