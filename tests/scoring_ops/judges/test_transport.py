"""What carries a request: proxies of the environment are heeded, and nothing else of it is."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from scoring_ops.judges.chat import ChatEndpoint, Failure, Reply
from tests.fakes.openai_server import OpenAIServer, completion


def called(base_url: str) -> Reply | Failure:
    async def call() -> Reply | Failure:
        endpoint = ChatEndpoint(base_url, SecretStr("sk-test"), deadline=10)
        try:
            return await endpoint.complete(BODY)
        finally:
            await endpoint.aclose()

    return asyncio.run(call())


BODY = b'{"model": "m", "messages": []}'


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with OpenAIServer(lambda _: completion("{}")) as server:
        address = server.base_url.removeprefix("http://").removesuffix("/v1")
        monkeypatch.setenv("HTTP_PROXY", f"http://user:pa%20ss@{address}")
        yield server


def test_a_request_goes_through_the_proxy_of_the_environment_with_its_password(proxy: OpenAIServer) -> None:
    assert isinstance(called("http://model.invalid/v1"), Reply)
    (request,) = proxy.requests
    assert request.headers["Host"] == "model.invalid"
    assert request.headers["Proxy-Authorization"] == f"Basic {base64.b64encode(b'user:pa ss').decode()}"
    assert request.headers["Authorization"] == "Bearer sk-test"


def test_a_host_that_needs_no_proxy_is_asked_directly(proxy: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "model.invalid")
    failure = called("http://model.invalid/v1")
    assert isinstance(failure, Failure)
    assert failure.kind == "broken"
    assert proxy.requests == []


def test_a_password_in_netrc_does_not_take_the_place_of_the_key(
    proxy: OpenAIServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert isinstance(called(proxy.base_url), Reply)
    assert proxy.requests[0].headers["Authorization"] == "Bearer sk-test"
