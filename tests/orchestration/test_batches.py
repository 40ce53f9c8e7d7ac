"""Batches of days, from the lake through the Batch API into the cache: by command, by job and by sensor."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from orchestration.batches import BatchDesk
from orchestration.cli import app
from orchestration.console import FAILED, WARNING, WRONG_USE
from orchestration.defs.batch.jobs import COLLECT_JOB, LOOK_EVERY, batch, batch_results
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from scoring_ops.ops import Chunk
from tests.builders import START, make_conversation
from tests.fakes import openai_server as fake
from tests.fakes.batch_server import BatchServer
from tests.fakes.source import FakeSource

DAY = START.date()
NIGHT = datetime(2025, 2, 1, tzinfo=UTC)
DAYS = ("--from", DAY.isoformat(), "--to", DAY.isoformat())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    """A provider, and a lake with a day of eight conversations of which two say the same."""
    with BatchServer() as server:
        settings = {
            "NO_PROXY": "127.0.0.1",
            "CX_JUDGE": "openai",
            "CX_MODEL": "model-x",
            "OPENAI_BASE_URL": server.base_url,
            "OPENAI_API_KEY": "sk-planted-0123456789",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        said = [f"The export number {n % 7} fails with an error, can you fix it please?" for n in range(8)]
        reply = ("human_agent", "Sorry about that! I have fixed it, please try again.")
        given = [make_conversation(("customer", text), reply, conversation_id=f"c{n}") for n, text in enumerate(said)]
        lake = Lake(load_settings().lake_url)
        extract_days(FakeSource(given), lake, [DAY], "extraction", clock=lambda: NIGHT)
        yield server


def price(usd: float) -> None:
    home = Path(load_settings().home)
    home.mkdir(parents=True, exist_ok=True)
    (home / "prices.toml").write_text(f'["compatible/model-x"]\ninput = {usd}\noutput = {usd}\n', encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["batch", *words])


def judge_day() -> tuple[int, dict[str, int]]:
    """A normal run of the day: calls made, and versions by status."""
    settings = load_settings()
    with LakeScoringDesk(settings, Lake(settings.lake_url), clock=lambda: NIGHT) as desk:
        calls = desk.judge(Chunk(DAY.isoformat(), 0, 1), "run-1", retry_failed=False).calls
        return calls, dict(desk.write_judgements(DAY, "run-1"))


def test_a_day_submitted_and_collected_by_command_is_scored_by_a_normal_run_without_a_call(server: BatchServer) -> None:
    submitted = run("submit", *DAYS)
    assert submitted.exit_code == 0, submitted.output
    assert server.calls == 1  # the first is asked at once, to try key and model
    assert len(server.lines()) == 6
    assert judge_day() == (0, {"scored": 2, "pending": 6})  # two say the same
    server.run()
    collected = run("collect")
    assert collected.exit_code == 0, collected.output
    assert "6 scored" in collected.output
    assert judge_day() == (0, {"scored": 8})
    assert server.calls == 1


def test_a_dry_run_tells_what_it_would_cost_and_sends_nothing(server: BatchServer) -> None:
    price(2.0)
    shown = run("submit", *DAYS, "--dry-run")
    assert shown.exit_code == 0
    assert "7 conversations to submit" in shown.output
    with BatchDesk(load_settings()) as desk:
        estimate = desk.estimate([DAY])
    assert estimate.most_usd is not None
    assert 0 < (estimate.likely_usd or 0) < estimate.most_usd
    assert estimate.most_usd == pytest.approx(sum_of_most() * 2.0 / 1e6 / 2)
    assert (server.files, server.calls) == ({}, 0)


def sum_of_most() -> int:
    """The most tokens of all lines, read from their bytes."""
    settings = load_settings()
    with BatchDesk(settings) as desk:
        requests = [desk._judge.only_request(t) for t in desk._transcripts([DAY])]
    return sum((r.most.input_tokens or 0) + (r.most.output_tokens or 0) for r in requests if r)


def test_a_limit_keeps_a_submission_small(server: BatchServer) -> None:
    assert run("submit", *DAYS, "--limit", "3").exit_code == 0
    assert len(server.lines()) == 3


def test_a_wrong_key_shows_before_anything_is_uploaded(server: BatchServer) -> None:
    server.chat.behaviour = fake.unauthorised
    refused = run("submit", *DAYS)
    assert refused.exit_code == FAILED
    assert "nothing was submitted" in refused.output
    assert "sk-planted" not in refused.output
    assert server.files == {}


def test_what_the_endpoint_does_not_take_is_left_out_of_every_line(server: BatchServer) -> None:
    message = "Unsupported value: 'temperature' does not support 0"
    server.chat.behaviour = fake.without_parameter("temperature", message)
    run("submit", *DAYS)
    assert [line for line in server.lines() if "temperature" in line["body"]] == []


def test_a_day_that_is_not_in_the_lake_is_a_warning(server: BatchServer) -> None:
    shown = run("submit", "--from", "2025-01-07", "--to", "2025-01-07")
    assert shown.exit_code == WARNING
    assert "1 days are not in the lake" in shown.output


def test_a_budget_that_is_spent_leaves_the_rest_with_a_warning(
    server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    price(2.0)
    monkeypatch.setenv("CX_BUDGET_USD_PER_DAY", "0.06")
    shown = run("submit", *DAYS)
    assert shown.exit_code == WARNING, shown.output
    assert 0 < len(server.lines()) < 6


def test_batches_need_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_JUDGE", "local")
    shown = run("status")
    assert shown.exit_code == WRONG_USE
    assert "CX_JUDGE" in shown.output


def test_status_and_cancel_follow_a_batch_to_its_end(server: BatchServer) -> None:
    assert "No batch" in run("status").output
    run("submit", *DAYS)
    assert "validating" in run("status").output
    assert run("collect").exit_code == WARNING  # it still runs
    assert run("cancel", "no-such").exit_code == FAILED
    assert run("cancel").exit_code == 0
    server.run("cancelled", done=2)
    collected = run("collect")
    assert collected.exit_code == WARNING
    assert "2 scored" in collected.output
    assert "4 conversations are left" in collected.output


def jobs() -> dg.Definitions:
    return dg.Definitions.merge(batch(), dg.Definitions(resources={"settings": load_settings()}))


def evaluate(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    return batch_results(dg.build_sensor_context(instance=instance))


def test_the_sensor_asks_for_one_run_when_a_batch_has_ended(server: BatchServer) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert "no batch is open" in str(evaluate(instance))
        run("submit", *DAYS)
        assert "1 batches are running" in str(evaluate(instance))
        server.run()
        assert isinstance(evaluate(instance), dg.RunRequest)
        instance.create_run_for_job(jobs().resolve_job_def(COLLECT_JOB), status=dg.DagsterRunStatus.STARTED)
        assert "being collected" in str(evaluate(instance))


def test_the_sensor_rests_with_another_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert "CX_JUDGE" in str(evaluate(instance))


def test_the_sensor_is_stopped_until_somebody_starts_it_and_looks_every_five_minutes() -> None:
    (sensor,) = batch().sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)
    assert (sensor.default_status, sensor.minimum_interval_seconds) == (dg.DefaultSensorStatus.STOPPED, LOOK_EVERY)
    assert LOOK_EVERY >= 300


@pytest.mark.slow
def test_the_jobs_submit_a_day_and_record_counts_and_cost_of_its_results(server: BatchServer) -> None:
    price(2.0)
    definitions = jobs()
    with dg.DagsterInstance.ephemeral() as instance:
        submitting = definitions.resolve_job_def("batch_submit")
        assert submitting.execute_in_process(partition_key=DAY.isoformat(), instance=instance).success
        server.run(done=5)
        done = definitions.resolve_job_def(COLLECT_JOB).execute_in_process(instance=instance)
    (output,) = outputs(done)
    assert (output["collected"], output["scored"], output["model_error"]) == (1, 5, 1)
    assert output["cost_usd"] == pytest.approx(5 * 1200 * 2.0 / 1e6 / 2)
    assert "completed" in json.dumps(output["batches"])


def outputs(done: dg.ExecuteInProcessResult) -> list[dict[str, object]]:
    """The metadata of every step's output."""
    found = [event.step_output_data.metadata for event in done.all_events if event.is_successful_output]
    return [{name: value.value for name, value in metadata.items()} for metadata in found]
