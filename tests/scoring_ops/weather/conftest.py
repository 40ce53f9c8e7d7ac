"""Servers with weather of their own, and a cache for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scoring_ops.cache import JudgementCache, open_cache
from tests.fakes.openai_server import Behaviour, OpenAIServer

Serve = Callable[[Behaviour], OpenAIServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts servers that stop with the test; a proxy of the machine is not asked for the loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as running:
        yield lambda behaviour: running.enter_context(OpenAIServer(behaviour))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[JudgementCache]:
    """An empty cache in a file."""
    with open_cache(f"sqlite:///{tmp_path / 'cache.sqlite'}") as cache:
        yield cache
