"""The resources of the code location, and the executor: one process, concurrency lives inside the judging op."""

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.dbt import PROJECT_DIR, dbt_executable
from orchestration.resources import SCORING_DESK_CONFIG, lake, scoring_desk, settings, source


@dg.definitions
def resources() -> dg.Definitions:
    """Every resource by the name that assets use."""
    return dg.Definitions(
        resources={
            "settings": dg.ResourceDefinition(settings),
            "lake": dg.ResourceDefinition(lake),
            "source": dg.ResourceDefinition(source),
            "scoring_desk": dg.ResourceDefinition(scoring_desk, config_schema=SCORING_DESK_CONFIG),
            "dbt": DbtCliResource(
                project_dir=PROJECT_DIR, profiles_dir=PROJECT_DIR, dbt_executable=str(dbt_executable())
            ),
        },
        executor=dg.in_process_executor,
    )
