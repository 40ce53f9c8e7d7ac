"""The code location: everything under `defs/`, loaded with the settings of the process and nothing at import."""

import warnings
from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources."""
    # Said at every load, of things decided on purpose: backfill policies are beta, and differ by stage.
    warnings.filterwarnings("ignore", message=".*backfill_policy.*", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", message=".*varying BackfillPolicies.*", category=UserWarning)
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
