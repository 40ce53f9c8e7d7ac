"""The resources of the code location, and the executor: one process, unless a day is to be spread over several."""

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.dbt import PROJECT_DIR, dbt_executable
from orchestration.resources import lake, scoring_desk, settings, source
from orchestration.settings import load_settings

EXECUTORS = {"in_process": dg.in_process_executor, "multiprocess": dg.multiprocess_executor}


@dg.definitions
def resources() -> dg.Definitions:
    """Every resource by the name that assets use."""
    return dg.Definitions(
        resources={
            "settings": dg.ResourceDefinition(settings),
            "lake": dg.ResourceDefinition(lake),
            "source": dg.ResourceDefinition(source),
            "scoring_desk": dg.ResourceDefinition(scoring_desk),
            "dbt": DbtCliResource(
                project_dir=PROJECT_DIR, profiles_dir=PROJECT_DIR, dbt_executable=str(dbt_executable())
            ),
        },
        executor=EXECUTORS[load_settings().executor],
    )
