"""Forgetting a person: gone from every place, proved by a search, and not brought back; nobody else loses a word."""

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED
from orchestration.extraction import extract_days
from orchestration.forgetting.forget import Forgetting, UnknownPerson, compact, forget
from orchestration.forgetting.places import search, texts_under
from orchestration.forgetting.removal import remove_from_lake
from orchestration.forgetting.tombstones import remember
from orchestration.forgetting.traces import Person, traces_of
from orchestration.lake import Lake
from orchestration.scores import score_day, write_calls
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from orchestration.sources.raw_pages import RawPages
from scoring_ops.cache import open_cache
from scoring_ops.conversation import Conversation
from scoring_ops.ops import Chunk
from tests.builders import REPLY, START, make_conversation, make_message
from tests.fakes.source import FakeSource

pytestmark = pytest.mark.slow  # judges a day in each test
DAY = START.date()
NOW = START + timedelta(days=30)
SECRET = "My landlord Quillfeather-Oddsworth stole the blue parcel, and I am very angry about it."
MARIA = Person("maria")


@pytest.fixture
def lake() -> Lake:
    return Lake(load_settings().lake_url)


def conversations() -> list[Conversation]:
    common = ("customer", "Hello, please tell me where my order is, it has not arrived.")
    write_to = ("customer", "Write to m.quillfeather@example.org, it does not work.")
    theirs = make_message("customer", SECRET, position=1, author_id="maria")
    return [
        make_conversation(("customer", SECRET), REPLY, write_to, conversation_id="c1", customer_id="maria"),
        make_conversation(common, REPLY, conversation_id="c2", customer_id="maria"),
        make_conversation(REPLY, theirs, REPLY, conversation_id="c3", customer_id="omar"),
        make_conversation(common, REPLY, conversation_id="c4", customer_id="omar"),
        make_conversation(("customer", "The app crashes."), REPLY, conversation_id="c5", customer_id="maria2"),
    ]


def extract(lake: Lake, records: Iterable[Conversation], clock: datetime = NOW) -> int:
    return extract_days(FakeSource(records), lake, [DAY], "run", clock=lambda: clock).forgotten


def filled(lake: Lake) -> None:
    """Extracted and judged, with a raw page of two conversations, one of hers alone, and nobody's."""
    extract(lake, conversations())
    with LakeScoringDesk(load_settings(), lake) as desk:
        chunk = Chunk(DAY.isoformat(), 0, 1)
        desk.judge(chunk, "run", retry_failed=False)
        desk.write_judgements(DAY, "run")
    score_day(load_settings(), lake, DAY, "run")
    write_calls(load_settings(), lake, DAY)
    pages = RawPages(lake.raw("acme", "demo"))
    both = {"type": "list", "conversations": [{"id": "c1", "body": SECRET}, {"id": "c4", "body": "order"}]}
    pages.keep("POST", "https://api.example/conversations/search", json.dumps(both).encode())
    pages.keep("GET", "https://api.example/conversations/c1/parts", json.dumps({"parts": [{"body": SECRET}]}).encode())
    pages.keep("GET", "https://api.example/conversations/c4", json.dumps({"id": "c4", "count": 1}).encode())
    pages.flush()


def no_marts() -> tuple[str, ...]:
    return ()


def forgotten(person: Person = MARIA) -> Forgetting:
    return forget(load_settings(), person, NOW, no_marts)


def found(needle: str) -> list[str]:
    return [hit.where for hit in search(texts_under(load_settings().home), [needle])]


def raw_lines(lake: Lake) -> list[dict[str, str]]:
    files = [Path(str(path)) for path in lake.raw("acme", "demo").glob("*.gz")]
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]


def test_a_person_is_gone_from_every_place_and_the_search_says_so(lake: Lake) -> None:
    filled(lake)
    before = {where.split("/")[0] for where in found("Quillfeather")}
    assert {"lake", "cache.sqlite"} <= {where.split("#")[0] for where in before}
    done = forgotten()
    assert done.is_done
    assert sorted(done.traces.conversations["conversation_id"]) == ["c1", "c2", "c3"]
    assert (done.rows["conversations"], done.rows["messages"], done.rows["private"]) == (3, 8, 1)
    assert done.answers >= 1
    assert done.looked_for > 0
    assert not found("Quillfeather")
    assert not found('"maria"')


def test_everybody_else_keeps_every_row(lake: Lake) -> None:
    filled(lake)
    kept = pl.col("conversation_id").is_in(["c4", "c5"])
    tables = ("conversations", "messages", "judgements", "conversation_scores", "score_reasons")
    before = {table: lake.read(table).filter(kept) for table in tables}
    forgotten()
    for table in tables:
        assert lake.read(table).equals(before[table]), table
        assert not before[table].is_empty(), table


def test_a_transcript_that_somebody_else_has_too_keeps_its_answer(lake: Lake) -> None:
    filled(lake)
    done = forgotten()
    assert len(done.traces.shared) == 1
    (shared,) = done.traces.shared
    version = str(lake.read("judgements")["judge_version"][0])
    with open_cache(load_settings().cache_url) as cache:
        assert list(cache.answers(version, [shared]))
        assert not list(cache.answers(version, done.traces.hashes))


def test_of_a_raw_page_only_what_names_the_person_goes(lake: Lake) -> None:
    filled(lake)
    assert forgotten().pages == 2
    search_page, other = raw_lines(lake)
    assert [one["id"] for one in json.loads(search_page["body"])["conversations"]] == ["c4"]
    assert json.loads(other["body"]) == {"id": "c4", "count": 1}


def test_extracting_again_does_not_bring_a_person_back_but_a_new_conversation_comes_in(lake: Lake) -> None:
    filled(lake)
    forgotten()
    old = [one.model_copy(update={"created_at": START}) for one in conversations()]
    new = make_conversation(
        ("customer", "I am back."), conversation_id="c9", customer_id="maria", created_at=NOW + timedelta(1)
    )
    assert extract(lake, [*old, new]) == 3
    assert sorted(lake.read("conversations")["conversation_id"]) == ["c4", "c5", "c9"]


def test_the_private_list_of_the_forgotten_holds_no_id(lake: Lake) -> None:
    filled(lake)
    forgotten()
    frames = [pl.read_parquet(str(path)) for path in (lake.private() / "forgotten").glob("*.parquet")]
    assert pl.concat(frames)["id_hash"].str.len_chars().unique().to_list() == [64]


def test_a_person_of_another_source_is_somebody_else(lake: Lake) -> None:
    filled(lake)
    with pytest.raises(UnknownPerson, match="maria"):
        forgotten(Person("maria", source="files"))
    assert len(found("Quillfeather")) > 0


def test_a_removal_that_broke_off_is_finished_by_the_next(lake: Lake) -> None:
    filled(lake)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remove_from_lake(lake, traces_of(lake, MARIA), stop)
    assert not lake.read("score_reasons").filter(pl.col("conversation_id") == "c1").height
    assert found("Quillfeather")
    assert forgotten().is_done
    assert not found("Quillfeather")
    assert forgotten().is_done  # once more, with nobody there, finds nothing and is no error


def test_a_conversation_whose_messages_are_gone_already_is_still_found_by_the_next(lake: Lake) -> None:
    filled(lake)
    remember(lake, MARIA, traces_of(lake, MARIA), NOW)
    written_by_maria = pl.col("conversation_id") == "c3"  # whose customer is omar: only a message names her
    messages = lake.read_day("messages", DAY)
    lake.write_day("messages", DAY, messages.filter(~written_by_maria))
    assert "c3" not in traces_of(lake, MARIA).conversations["conversation_id"]
    assert forgotten().is_done
    assert sorted(lake.read("conversations")["conversation_id"]) == ["c4", "c5"]


def test_what_lies_where_nobody_looks_is_found_and_named(lake: Lake) -> None:
    filled(lake)
    stray = load_settings().home / "notes.json"
    stray.write_text(json.dumps({"note": f'they said: "{SECRET}"'}))
    done = forgotten()
    assert [hit.where for hit in done.left] == ["notes.json"]
    assert not done.is_done


def test_the_command_shows_what_would_go_and_fails_where_nobody_is_known(lake: Lake) -> None:
    filled(lake)
    shown = CliRunner().invoke(app, ["forget", "--customer", "maria", "--dry-run"])
    assert shown.exit_code == 0
    assert "3 (workspace/source: acme/demo)" in shown.output
    assert found("Quillfeather")
    refused = CliRunner().invoke(app, ["forget", "--customer", "maria"], input="n\n")
    assert refused.exit_code == 1
    assert found("Quillfeather")
    assert CliRunner().invoke(app, ["forget", "--customer", "nobody", "--yes"]).exit_code == FAILED
    done = CliRunner().invoke(app, ["forget", "--customer", "maria", "--yes"])
    assert done.exit_code == 0, done.output
    assert "none found" in done.output


def test_a_compacted_warehouse_has_its_tables_and_views_and_no_old_block(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("pragma force_compression='uncompressed'")  # so that bytes can be searched
        connection.execute("create schema marts")
        words = "select i, md5(i::varchar) || ' Quillfeather ' || md5((i * 7)::varchar) as words"
        connection.execute(f"create table marts.a as {words} from range(5000) as t(i)")
        connection.execute("create view marts.b as select * from marts.a where i < 10")
        connection.execute("checkpoint")
        connection.execute("create or replace table marts.a as select i, 'x' as words from range(5000) as t(i)")
        connection.execute("checkpoint")
    assert b"Quillfeather" in file.read_bytes()
    compact(file)
    assert b"Quillfeather" not in file.read_bytes()
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.a").fetchone() == (5000,)
        assert connection.execute("select count(*) from marts.b").fetchone() == (10,)


def test_marts_that_cannot_be_built_leave_a_person_not_wholly_forgotten(lake: Lake) -> None:
    filled(lake)
    done = forget(load_settings(), MARIA, NOW, lambda: ("dbt: a test failed",))
    assert (done.failures, done.is_done) == (("dbt: a test failed",), False)


def test_times_of_the_forgotten_are_utc(lake: Lake) -> None:
    filled(lake)
    forgotten()
    (path,) = (lake.private() / "forgotten").glob("*.parquet")
    assert pl.read_parquet(str(path))["forgotten_at"].unique().to_list() == [NOW.astimezone(UTC)]
