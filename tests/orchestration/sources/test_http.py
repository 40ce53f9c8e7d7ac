"""JSON over HTTP from a helpdesk: order and number of requests under way, raw pages, and errors that tell no secret."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from upath import UPath

from orchestration.sources.http import AHEAD, ApiError, in_flight
from orchestration.sources.intercom.api import HOSTS, intercom_api
from orchestration.sources.raw_pages import RawPages
from tests.fakes.intercom.server import TOKEN, Workspace, conversation, serve

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())


def lines(folder: Path) -> list[dict[str, str]]:
    files = sorted(folder.glob("*.jsonl.gz"))
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]


def test_answers_come_in_the_order_of_the_items_whatever_takes_longest() -> None:
    first = threading.Event()

    def ask(n: int) -> int:
        if n == 0:
            assert first.wait(5)
        if n == 9:
            first.set()  # while the first still waits, the tenth is asked for
        return n * n

    assert list(in_flight(ask, range(30), most=4)) == [(n, n * n) for n in range(30)]


def test_no_more_than_so_many_are_asked_for_at_once_nor_read_ahead() -> None:
    taken: list[int] = []
    now, most = 0, 0
    lock = threading.Lock()

    def items() -> Iterator[int]:
        for n in range(100):
            taken.append(n)
            yield n

    def ask(n: int) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1
        return n

    answers = in_flight(ask, items(), most=3)
    next(answers)
    assert len(taken) <= 3 * AHEAD
    assert len(list(answers)) == 99
    assert most <= 3


def test_what_was_asked_before_an_error_is_answered_first() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise ValueError("the list broke off")

    seen = in_flight(lambda n: n, items())
    assert [next(seen)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="broke off"):
        next(seen)


def test_raw_pages_hold_what_came_and_no_token(tmp_path: Path) -> None:
    raw = RawPages(UPath(tmp_path), clock=lambda: NOW)
    with (
        serve(Workspace(conversation(1, NOON, body="<p>Grüße 👋</p>"))) as server,
        intercom_api(SecretStr(TOKEN), "us", server.url, raw) as api,
    ):
        api.get("/conversations/1")
        with pytest.raises(ApiError):
            api.get("/conversations/2")
    (page,) = lines(tmp_path)
    assert (page["fetched_at"], page["method"]) == ("2026-03-02T00:00:00Z", "GET")
    assert page["url"].endswith("/conversations/1")
    assert json.loads(page["body"])["source"]["body"] == "<p>Grüße 👋</p>"
    assert TOKEN.encode() not in b"".join(gzip.decompress(file.read_bytes()) for file in tmp_path.glob("*.gz"))


def test_raw_pages_are_written_in_parts_and_never_half(tmp_path: Path) -> None:
    raw = RawPages(UPath(tmp_path), clock=lambda: NOW, part_bytes=300)
    for n in range(10):
        raw.keep("GET", f"https://api.example/{n}", b'{"x": "' + b"y" * 90 + b'"}')
    raw.flush()
    raw.flush()
    assert len(list(tmp_path.glob("*.jsonl.gz"))) == 5
    assert sorted(page["url"][-1] for page in lines(tmp_path)) == [str(n) for n in range(10)]
    assert not list(tmp_path.glob(".*"))


def test_an_error_names_host_path_and_status_and_nothing_else() -> None:
    with (
        serve(Workspace(), fault=lambda _: "401") as server,
        intercom_api(SecretStr("tok-abc"), "us", server.url) as api,
        pytest.raises(ApiError) as caught,
    ):
        api.post("/conversations/search", {"query": {"value": "a secret word"}})
    assert str(caught.value) == "intercom: 127.0.0.1/conversations/search: the token is not accepted (401)"
    assert caught.value.status == 401


def test_each_region_has_its_host() -> None:
    for region, host in HOSTS.items():
        with intercom_api(SecretStr("t"), region) as api:  # type: ignore[arg-type]
            assert api.host == host.removeprefix("https://")
