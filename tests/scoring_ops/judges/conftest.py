"""The fake endpoint as a fixture: a factory, for each test scripts its own server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.fakes.openai_server import Behaviour, OpenAIServer


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Behaviour], OpenAIServer]]:
    """Starts servers that stop with the test; a proxy of the machine is not asked for the loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as running:
        yield lambda behaviour: running.enter_context(OpenAIServer(behaviour))
