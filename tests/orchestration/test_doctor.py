"""The doctor: what is set, reachable and missing, without a secret and without spending anything."""

import re
import subprocess
import sys
from collections.abc import Iterator

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED, WRONG_USE
from orchestration.doctor import examine
from orchestration.lake import Lake
from orchestration.settings import load_settings
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

HOLDER = (
    "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()"
)


def finding(what: str) -> tuple[bool, str]:
    return next((f.ok, f.detail) for f in examine(load_settings()) if f.what == what)


def test_a_fresh_home_is_healthy_and_stays_untouched() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "CX_MAX_CONCURRENCY" in result.output
    assert not load_settings().home.exists()


def test_a_key_is_shown_as_set_and_never_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")
    monkeypatch.setenv("CX_CACHE_URL", "postgresql://user:planted-password@host/db")
    result = CliRunner().invoke(app, ["doctor"])
    output = result.output
    assert result.exit_code == FAILED
    assert "(set, hidden)" in output
    assert "planted" not in output


def test_an_endpoint_that_nobody_serves_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_JUDGE", "openai")
    monkeypatch.setenv("CX_MODEL", "some-model")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    ok, detail = finding("endpoint")
    assert (ok, "ConnectError" in detail) == (False, True)
    assert CliRunner().invoke(app, ["doctor"]).exit_code == FAILED


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("CX_JUDGE", "openai")
        monkeypatch.setenv("CX_MODEL", "some-model")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.base_url}, http://127.0.0.1:9/v1")
        yield server


def test_a_call_asks_each_endpoint_about_an_invented_conversation_and_tells_what_came_of_it(
    endpoint: OpenAIServer,
) -> None:
    well, gone = (f for f in examine(load_settings(), call=True) if f.what == "endpoint")
    assert well.ok
    assert re.fullmatch(
        r"http://127.0.0.1:\d+/v1: answered in .* s, [\d,]+ tokens in, \d+ out: valid claims", well.detail
    )
    assert not gone.ok
    assert "ClientConnectorError: Cannot connect to host 127.0.0.1:9" in gone.detail
    assert len(endpoint.requests) == 1


def test_a_call_shows_the_own_words_of_an_endpoint_without_the_key(endpoint: OpenAIServer) -> None:
    endpoint.behaviour = lambda _: fake.error(403, "Key sk-planted-key may not use some-model", "model_not_found")
    output = " ".join(CliRunner().invoke(app, ["doctor", "--call"]).output.split())
    assert "answered 403: model_not_found; look at OPENAI_API_KEY and CX_MODEL; it says: " in output
    assert "Key *** may not use some-model" in output
    assert "sk-planted" not in output


@pytest.mark.parametrize(
    "reply",
    [
        fake.completion("I am [/no] JSON\x1b[2J"),
        fake.completion(None, refusal="I am [/no] JSON"),
        fake.Reply("I am [/no] JSON"),
        fake.Reply({"error": {"message": "I am [/no] JSON"}}),
        fake.Reply("I am [/no] JSON", 500),
    ],
)
def test_a_call_shows_whatever_came_in_place_of_claims(endpoint: OpenAIServer, reply: fake.Reply) -> None:
    endpoint.behaviour = lambda _: reply
    result = CliRunner().invoke(app, ["doctor", "--call"])
    assert result.exit_code == FAILED
    said = re.sub(r"\s+", " ", result.output).partition("it says: ")[2]
    assert "I am [/no] JSON" in said[:60]
    assert "\x1b[2J" not in said


def test_a_call_concedes_what_an_endpoint_does_not_take_and_tells_it(endpoint: OpenAIServer) -> None:
    endpoint.behaviour = fake.without("json_schema")
    well = next(f for f in examine(load_settings(), call=True) if f.what == "endpoint")
    assert well.ok
    assert "`json_schema` is unavailable now; asked again without that: answered in" in well.detail
    assert [request.form for request in endpoint.requests] == ["json_schema", "json_object"]


def test_without_an_endpoint_a_call_asks_nobody() -> None:
    assert [f.detail for f in examine(load_settings(), call=True) if f.what == "endpoint"] == [
        "judge local calls nobody"
    ]


def test_a_missing_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_SOURCE", "files")
    monkeypatch.setenv("CX_FILES_PATH", "/no/such/drop.jsonl")
    assert finding("source") == (False, "files at /no/such/drop.jsonl")


def test_a_reader_that_blocks_dbt_is_found() -> None:
    warehouse = load_settings().warehouse_path
    warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(warehouse)).close()
    assert finding("warehouse")[0]
    command = [sys.executable, "-c", HOLDER, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        ok, detail = finding("warehouse")
        process.communicate("")
    assert not ok
    assert "blocks dbt" in detail


def test_every_lake_table_is_shown_with_rows_and_checksum() -> None:
    lake = Lake(load_settings().lake_url)
    lake.initialise()
    assert finding("lake conversations") == (True, "0 rows")
    output = CliRunner().invoke(app, ["doctor", "--checksums"]).output
    assert f"0 rows, checksum {lake.checksum('conversations')[:16]}" in output


def test_the_gate_that_no_version_can_pass_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_RELEASE_GATE", "enforce")
    ok, detail = finding("scorer")
    assert not ok
    assert "no validation report" in detail


def test_a_wrong_setting_is_one_line_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_RPM", "many")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == WRONG_USE
    assert "CX_RPM" in result.output
    assert "Traceback" not in result.output
