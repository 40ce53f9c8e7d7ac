"""A helpdesk's API on the loopback, in a thread of its own, held to an OpenAPI description on both sides.

Requests that the description does not allow are answered with 400 and listed in `invalid`, as are answers that it does
not allow: those are faults of the fake. What goes wrong on the way is scripted by `fault`, a rate limit is enforced.
"""

import asyncio
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

from aiohttp import web
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

Fault = Literal["429", "429 with Retry-After", "500", "503", "drop", "cut", "html", "401"]
ALWAYS_CHECKED = 40  # requests of a kind; later ones are checked now and then, a check takes milliseconds
CHECKED_EVERY = 100


class Seen(NamedTuple):
    """A request as it came."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    at: float


class Answer(NamedTuple):
    """What is answered."""

    body: Any
    status: int = 200


class Limit(NamedTuple):
    """So many requests in each window of so many seconds; told in headers."""

    requests: int
    seconds: float


Fault_ = Callable[[Seen], Fault | None]


def no_fault(_: Seen) -> None:
    """All goes well."""


def every(n: int, *faults: Fault) -> Fault_:
    """Every nth request fails, by turns."""
    return lambda seen: faults[seen.number // n % len(faults)] if seen.number % n == 0 else None


@dataclass
class HelpdeskServer:
    """Serves what `answer` says; use as a context manager."""

    description: dict[str, Any]
    host: str
    answer: Callable[[Seen], Answer]
    kind_of: Callable[[str], str]
    fault: Fault_ = no_fault
    limit: Limit | None = None
    is_checked: bool = True
    skew: float = 0.0
    """Seconds that the server's clock is ahead of ours."""
    seen: list[Seen] = field(default_factory=list[Seen])
    refused: int = 0
    """Requests over the limit."""
    invalid: list[str] = field(default_factory=list[str])
    url: str = ""

    def __enter__(self) -> Self:
        self._openapi = OpenAPI.from_dict(self.description, config=Config(spec_validator_cls=None))
        self._kinds: Counter[str] = Counter()
        self._used: deque[float] = deque()
        self._window = (0.0, 0)
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10), "the fake helpdesk does not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def paths(self, method: str = "GET") -> list[str]:
        """The paths that were asked for, in order."""
        return [seen.path for seen in self.seen if seen.method == method]

    def _serve(self, started: threading.Event) -> None:
        async def run() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            app = web.Application(client_max_size=2**26)
            app.router.add_route("*", "/{path:.*}", self._handle)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
            self.url = f"http://127.0.0.1:{port}"
            started.set()
            await self._stop.wait()
            await runner.cleanup()

        asyncio.run(run())

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        seen = Seen(
            len(self.seen) + 1,
            request.method,
            request.path,
            dict(request.query),
            json.loads(raw) if raw else None,
            dict(request.headers),
            time.monotonic(),
        )
        self.seen.append(seen)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + self.skew))
        headers = {"Date": date, **self._limited()}
        if headers.pop("over", None):
            self.refused += 1
            return web.json_response({"errors": [{"code": "rate_limit_exceeded"}]}, status=429, headers=headers)
        fault = self.fault(seen)
        if fault is not None:
            return await self._fail(request, fault, headers)
        kind = f"{seen.method} {self.kind_of(seen.path)}"
        self._kinds[kind] += 1
        checked = self.is_checked and (self._kinds[kind] <= ALWAYS_CHECKED or self._kinds[kind] % CHECKED_EVERY == 0)
        asked = MockRequest(
            self.host,
            seen.method.lower(),
            seen.path,
            args=dict(seen.query),
            data=raw.encode() if raw else None,
            content_type="application/json",
            headers=dict(seen.headers),
        )
        if checked and (complaint := self._complaint(asked, None)):
            self.invalid.append(complaint)
            return web.json_response({"errors": [{"code": "bad_request"}]}, status=400)
        answer = self.answer(seen)
        content = json.dumps(answer.body).encode()
        given = MockResponse(content, answer.status, content_type="application/json")
        if checked and answer.status < 400 and (complaint := self._complaint(asked, given)):
            self.invalid.append(complaint)
        return web.Response(body=content, status=answer.status, content_type="application/json", headers=headers)

    def _complaint(self, asked: MockRequest, given: MockResponse | None) -> str | None:
        try:
            if given is None:
                self._openapi.validate_request(asked)
            else:
                self._openapi.validate_response(asked, given)
        except OpenAPIError as error:
            cause = error.__cause__
            problems = [f"{e.message} at {list(e.absolute_path)}" for e in getattr(cause, "schema_errors", ())]
            return f"{asked.method} {asked.path}: {type(error).__name__}: {problems or cause or error}"
        except Exception as error:  # noqa: BLE001  else the client would take it for a server in trouble, and try again
            return f"{asked.method} {asked.path}: {error!r}"
        return None

    def _limited(self) -> dict[str, str]:
        """Counts a request against the limit; what the headers say of it, and "over" where it is one too many."""
        if self.limit is None:
            return {}
        now = time.time() + self.skew
        begun, used = self._window
        if now >= begun + self.limit.seconds:
            begun, used = now // self.limit.seconds * self.limit.seconds, 0  # windows begin by the clock
        used += 1
        self._window = (begun, used)
        reset = begun + self.limit.seconds
        headers = {
            "X-RateLimit-Limit": str(self.limit.requests),
            "X-RateLimit-Remaining": str(max(0, self.limit.requests - used)),
            "X-RateLimit-Reset": str(int(reset)),
        }
        return headers | ({"over": "1"} if used > self.limit.requests else {})

    async def _fail(self, request: web.Request, fault: Fault, headers: dict[str, str]) -> web.StreamResponse:
        if fault == "drop":
            assert request.transport
            request.transport.close()
            return web.Response()
        if fault == "cut":
            answer = web.StreamResponse(headers={"Content-Length": "5000", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"conversations": [')
            assert request.transport
            request.transport.close()
            return answer
        if fault == "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        if fault == "429 with Retry-After":
            headers |= {"Retry-After": "1"}
        status = int(fault[:3])
        return web.json_response({"errors": [{"code": "fault"}]}, status=status, headers=headers)
