"""The Dagster instance under CX_HOME: installing its configuration, opening it, and clearing what dead runs left.

Run monitoring lives in the daemon, which a command-line run does not have: so a command frees the pool slots of
runs that ended or died before it starts its own.
"""

import os
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from orchestration.settings import PROJECT_ROOT, Settings

PROCESS_TAG = "cx/process"
_UNFINISHED = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING)


def install_dagster_home(settings: Settings) -> None:
    """Puts the project's dagster.yaml where Dagster looks for it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT_ROOT / "dagster.yaml", settings.dagster_home / "dagster.yaml")


@contextmanager
def open_instance(settings: Settings) -> Generator[dg.DagsterInstance]:
    """The instance that the UI shows too, with slots of dead runs freed."""
    install_dagster_home(settings)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)
        yield instance


def process_tag() -> str:
    """Names this process on this machine, so that a later one can tell whether it still lives."""
    return f"{socket.gethostname()}:{os.getpid()}"


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fails command-line runs whose process is gone and frees the slots of all runs that have ended."""
    dead: list[str] = []
    for run in instance.get_runs(dg.RunsFilter(statuses=list(_UNFINISHED))):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and _is_dead(process):
            instance.report_run_failed(run, "the process of this command-line run is gone")
            dead.append(run.run_id)
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
    return dead


def _is_dead(process: str) -> bool:
    host, _, number = process.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
