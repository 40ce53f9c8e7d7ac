"""The Dagster instance: configured from the project, and rid of what dead runs left behind."""

import os
import socket

import dagster as dg
import pytest

from orchestration.instance import PROCESS_TAG, end_dead_runs, open_instance, process_tag
from orchestration.settings import load_settings

pytestmark = pytest.mark.slow


@dg.op(pool="warehouse")
def nothing() -> None:
    """An op that needs a slot of the pool."""


@dg.job
def one_op() -> None:
    """A job of one op."""
    nothing()


def a_run(instance: dg.DagsterInstance, process: str) -> dg.DagsterRun:
    run = instance.create_run_for_job(one_op, tags={PROCESS_TAG: process}, status=dg.DagsterRunStatus.STARTED)
    instance.event_log_storage.set_concurrency_slots("warehouse", 1)
    instance.event_log_storage.claim_concurrency_slot("warehouse", run.run_id, "nothing")
    return run


def occupants(instance: dg.DagsterInstance) -> set[str]:
    return instance.event_log_storage.get_concurrency_info("warehouse").active_run_ids


def test_the_projects_configuration_is_installed_and_in_force() -> None:
    settings = load_settings()
    with open_instance(settings) as instance:
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
    assert (settings.dagster_home / "dagster.yaml").exists()


def test_a_run_whose_process_is_gone_is_failed_and_its_slot_freed() -> None:
    with open_instance(load_settings()) as instance:
        gone = a_run(instance, f"{socket.gethostname()}:{2**22 + 1}")
        assert occupants(instance) == {gone.run_id}
        assert end_dead_runs(instance) == [gone.run_id]
        found = instance.get_run_by_id(gone.run_id)
        assert found is not None
        assert found.status == dg.DagsterRunStatus.FAILURE
        assert occupants(instance) == set()


@pytest.mark.parametrize("process", [process_tag(), "another-machine:1"], ids=["alive", "elsewhere"])
def test_a_run_that_may_still_live_keeps_its_slot(process: str) -> None:
    with open_instance(load_settings()) as instance:
        alive = a_run(instance, process)
        assert end_dead_runs(instance) == []
        assert occupants(instance) == {alive.run_id}


def test_a_process_is_named_by_machine_and_number() -> None:
    assert process_tag() == f"{socket.gethostname()}:{os.getpid()}"
