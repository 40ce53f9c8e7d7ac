"""One day spread over several worker processes by Dagster's own executor gives the rows of a day judged in one."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.extraction import extract_days
from orchestration.instance import install_dagster_home
from orchestration.lake import Lake
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import PROJECT_ROOT, load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.demo.source import FIRST_MONDAY
from scoring_ops.cache import open_cache
from scoring_ops.cache_tables import LEASES, OWNERS
from scoring_ops.ops import Chunk

DAY = FIRST_MONDAY
CHUNKS = 2


@pytest.mark.slow
def test_a_day_in_chunks_over_processes_is_the_day_in_one_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings()
    lake = Lake(settings.lake_url)
    extract_days(chosen_source(settings), lake, [DAY], "extraction")
    with LakeScoringDesk(settings, lake) as desk:
        calls = desk.judge(Chunk(DAY.isoformat(), 0, 1), "whole", retry_failed=False).calls
        desk.write_judgements(DAY, "whole")
    whole = lake.checksum("judgements")

    monkeypatch.setenv("CX_CACHE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")
    settings = load_settings()
    install_dagster_home(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        instance.event_log_storage.set_concurrency_slots("llm", CHUNKS)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(settings.dagster_home),
        "CX_EXECUTOR": "multiprocess",
        "CX_CHUNKS_PER_DAY": str(CHUNKS),
    }
    dagster = [
        str(Path(sys.executable).with_name("dagster")),
        "asset",
        "materialize",
        "-m",
        "orchestration.definitions",
    ]
    command = [*dagster, "--select", "lake/judgements", "--partition", DAY.isoformat()]
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]

    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        (run,) = instance.get_runs()
        records = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_WORKER_STARTED)
        judging = {r.step_key: r.get_dagster_event().pid for r in records if "judge_chunk" in str(r.step_key)}
    assert len(judging) == CHUNKS
    assert len(set(judging.values())) == CHUNKS
    assert lake.checksum("judgements") == whole
    with open_cache(settings.cache_url) as cache:
        assert cache.calls_of([run.run_id]).attempts == calls
        with cache.engine.connect() as connection:
            assert not connection.execute(LEASES.select()).all()
            assert not connection.execute(OWNERS.select()).all()
