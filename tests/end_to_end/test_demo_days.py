"""Three demo days through the whole platform, twice: published marts, no second call, identical rows."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import duckdb
import polars as pl
import pytest

from expectations.schemas.tables import LAKE_TABLES
from orchestration.backfill import QUIET, Backfilled, backfill
from orchestration.definitions import defs
from orchestration.instance import open_instance
from orchestration.keys import LAKE_DAYS_JOB, PUBLISHED_MARTS, lake_key
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.settings import Settings, load_settings

pytestmark = pytest.mark.slow

FIRST, LAST = date(2026, 3, 4), date(2026, 3, 6)
READER = (
    "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()"
)


class Run(NamedTuple):
    """A finished backfill and where it wrote."""

    settings: Settings
    done: Backfilled

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_url)

    def mart(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.settings.published_dir / MARTS_FILE), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_HOME", str(tmp_path_factory.mktemp("demo")))
        settings = load_settings()
        yield Run(settings, backfill(settings, FIRST, LAST))


@pytest.fixture(autouse=True)
def home_of_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(run.settings.home))


def test_nothing_fails_and_every_version_has_a_status(run: Run) -> None:
    assert run.done.failures == ()
    assert run.done.rejected == 0
    assert run.done.statuses.total() == run.lake.read("conversations").height > 100
    assert set(run.done.statuses) == {"scored", "ineligible"}
    assert run.done.judge_calls > 50


def test_every_mart_is_published_with_rows_that_add_up(run: Run) -> None:
    ((conversations,),) = run.mart("select count(*) from fct_conversations")
    assert conversations == run.lake.read("conversations")["conversation_id"].n_unique()
    for week in run.mart("select conversations, eligible, scored, positive + neutral + negative from rpt_cx_weekly"):
        population, eligible, scored, by_sign = (int(str(count)) for count in week)
        assert population >= eligible >= scored == by_sign
    names = {path.stem for path in run.settings.published_dir.glob("*.parquet")}
    assert {"fct_score_reasons", "rpt_coverage_weekly", "route_product_feedback", "route_policy_feedback"} <= names


def test_every_quote_stands_where_the_mart_says(run: Run) -> None:
    messages = {
        (row["conversation_id"], row["version_at"].replace(tzinfo=None), row["message_id"]): row["text"]
        for row in run.lake.read("messages").iter_rows(named=True)
    }
    reasons = run.lake.read("score_reasons").filter(pl.col("match_kind") != "rejected")
    assert reasons.height > 200
    for row in reasons.iter_rows(named=True):
        text = messages[row["conversation_id"], row["version_at"].replace(tzinfo=None), row["message_id"]]
        assert text[row["start_offset"] : row["end_offset"]] == row["quote"]


def test_the_instance_of_the_ui_knows_every_partition(run: Run) -> None:
    days = {"2026-03-04", "2026-03-05", "2026-03-06"}
    with open_instance(run.settings) as instance:
        for table in ("conversations", "judgements", "conversation_scores", "llm_calls"):
            assert instance.get_materialized_partitions(lake_key(table)) == days
        assert {r.status for r in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}


def test_every_check_looked_at_every_row_of_its_table(run: Run) -> None:
    seen: dict[str, int] = {}
    with open_instance(run.settings) as instance:
        for job in instance.get_runs():
            kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
            for record in instance.get_records_for_run(job.run_id, of_type=kind).records:
                event = record.event_log_entry.asset_check_evaluation
                if event is not None and event.check_name == "schema":
                    seen[event.asset_key.path[-1]] = int(str(event.metadata["rows"].value))
    assert seen == {
        table: run.lake.read(table).height
        for table in LAKE_TABLES
        if table not in {"workspaces", "ledger", "reviews", "claim_reviews"}
    }


def test_the_audit_pages_are_kept(run: Run) -> None:
    page = (run.settings.home / "data_docs" / "index.html").read_text(encoding="utf-8")
    assert "rpt_cx_weekly" in page


def test_everything_lies_under_home(run: Run) -> None:
    found = {path.name for path in run.settings.home.iterdir()}
    assert found == {
        *("lake", "warehouse.duckdb", "published", "cache.sqlite", "dagster", "dbt", "data_docs", "logs"),
        *(name for name in ("cache.sqlite-wal", "cache.sqlite-shm") if name in found),
    }


def test_running_again_calls_no_judge_and_writes_identical_rows_under_an_open_reader(run: Run) -> None:
    before = {table: run.lake.checksum(table) for table in LAKE_TABLES}
    marts = run.mart("select * from rpt_cx_weekly order by all")
    reader = [sys.executable, "-c", READER, str(run.settings.published_dir / MARTS_FILE)]
    with subprocess.Popen(reader, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        again = backfill(run.settings, FIRST, LAST)
        process.communicate("")
    assert again.failures == ()
    assert again.judge_calls == 0
    assert again.statuses == run.done.statuses
    assert {table: run.lake.checksum(table) for table in LAKE_TABLES} == before
    assert run.mart("select * from rpt_cx_weekly order by all") == marts


def published_at(run: Run) -> int:
    return (run.settings.published_dir / MARTS_FILE).stat().st_mtime_ns


def test_a_row_that_dbt_refuses_stops_before_anything_is_published(run: Run) -> None:
    before = published_at(run)
    scores = run.lake.read("conversation_scores")
    other = pl.lit("c-broken").alias("conversation_id")
    planted: Path = run.lake.root / "conversation_scores" / "workspace=broken.parquet"
    scores.head(1).with_columns(pl.lit(9, pl.Int64).alias("score"), other).write_parquet(planted)
    try:
        done = backfill(run.settings, FIRST, FIRST)
    finally:
        planted.unlink()
    assert done.failures
    assert published_at(run) == before


def test_a_day_that_fails_its_schema_names_the_rule_and_builds_no_marts(run: Run) -> None:
    before = published_at(run)
    (path, *_) = (run.lake.root / "conversations").rglob(f"{FIRST}.parquet")
    good = path.read_bytes()
    broken = (
        pl.read_parquet(path)
        .head(1)
        .with_columns(pl.lit("c-broken").alias("conversation_id"), pl.lit(9, pl.Int64).alias("csat_rating"))
    )
    pl.concat([pl.read_parquet(path), broken]).write_parquet(path)
    try:
        done = backfill(run.settings, FIRST, FIRST)
    finally:
        path.write_bytes(good)
    (line,) = done.failures
    assert "check lake/conversations:schema" in line
    assert "csat_rating" in line
    assert "c-broken" in line
    assert published_at(run) == before


def test_marts_changed_after_their_audit_are_not_published_alone(run: Run) -> None:
    done = backfill(run.settings, FIRST, FIRST)
    assert done.failures == ()
    before = published_at(run)
    with duckdb.connect(str(run.settings.warehouse_path)) as connection:
        connection.execute("update fct_conversation_scores set score = 99")
    job = defs().resolve_implicit_global_asset_job_def()
    with open_instance(run.settings) as instance:
        alone = job.execute_in_process(
            instance=instance, asset_selection=[PUBLISHED_MARTS], raise_on_error=False, run_config=QUIET
        )
    assert not alone.success
    assert published_at(run) == before


def test_a_day_in_several_chunks_is_the_same_day(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run.lake.checksum("judgements")
    monkeypatch.setenv("CX_CHUNKS_PER_DAY", "3")
    with open_instance(run.settings) as instance:
        result = (
            defs()
            .resolve_job_def(LAKE_DAYS_JOB)
            .execute_in_process(
                instance=instance, partition_key=FIRST.isoformat(), raise_on_error=False, run_config=QUIET
            )
        )
    assert result.success
    assert len([e for e in result.all_events if e.is_step_success and "judge_chunk" in str(e.step_key)]) == 3
    assert run.lake.checksum("judgements") == before
