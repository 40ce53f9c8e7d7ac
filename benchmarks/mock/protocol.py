"""HTTP/1.1 as the mock server speaks it, written by hand: a request costs it far less CPU than any client.

One request of a connection is answered before the next is read, so pipelining clients get answers in order. Only what
chat clients send is understood: bodies with a Content-Length, no chunks.
"""

import asyncio
import random
import re
from collections import Counter
from typing import cast

from benchmarks.mock.answers import (
    Question,
    claims_json,
    completion,
    dumps,
    error,
    question,
    rate_limited,
    spoiled,
)
from benchmarks.mock.behaviour import Behaviour, Bucket, Fault

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect: *100-continue", re.IGNORECASE)
_REASONS = {200: "OK", 404: "Not Found", 413: "Payload Too Large", 429: "Too Many Requests", 500: "Server Error"}
_RATE = 500.0  # calls a second of the limit that the headers tell of where none is enforced
_MINUTE = 60
_SLICE = 0.1  # seconds of one entry of the arrivals
# What api.openai.com sends with every answer, but for the counters: clients pay for reading and keeping each of them.
_HEADERS = (
    "date: Tue, 07 Oct 2025 12:00:00 GMT\r\n"
    "content-type: application/json\r\n"
    "connection: keep-alive\r\n"
    "access-control-expose-headers: X-Request-ID\r\n"
    "openai-organization: org-benchmark\r\n"
    "openai-processing-ms: 812\r\n"
    "openai-project: proj_benchmark\r\n"
    "openai-version: 2020-10-01\r\n"
    "x-envoy-upstream-service-time: 815\r\n"
    "x-openai-proxy-wasm: v0.1\r\n"
    "cf-cache-status: DYNAMIC\r\n"
    "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"
    "x-content-type-options: nosniff\r\n"
    "server: cloudflare\r\n"
    "cf-ray: 98a1b2c3d4e5f607-FRA\r\n"
    'alt-svc: h3=":443"; ma=86400\r\n'
    "x-request-id: req_%s\r\n"
    "%s"
    "content-length: %d\r\n\r\n"
)
# What its front adds; an HTTP client with a cookie jar spends about 0.3 ms an answer on it.
_COOKIE = (
    "set-cookie: __cf_bm=Qx7b3Vd1mJ0tYw5r; path=/; expires=Tue, 07-Oct-25 12:30:00 GMT; domain=.api.openai.com; "
    "HttpOnly; Secure; SameSite=None\r\n"
)


class Counts:
    """What has arrived and been answered since the last reset."""

    def __init__(self, behaviour: Behaviour, now: float) -> None:
        self.statuses: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.keys: Counter[bytes] = Counter()
        self.arrivals: list[int] = []
        self.requests = self.in_flight = self.max_in_flight = self.connections = 0
        self.started = now
        self.bucket = Bucket(behaviour.rate, behaviour.burst, now) if behaviour.rate else None
        self.chance = random.Random(behaviour.seed)  # noqa: S311

    def arrived(self, now: float) -> None:
        """Counts one request."""
        self.requests += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        if self.requests == 1:
            self.started = now
        slot = int((now - self.started) / _SLICE)
        self.arrivals.extend([0] * (slot + 1 - len(self.arrivals)))
        self.arrivals[slot] += 1

    def report(self) -> dict[str, object]:
        """The counts as `GET /stats` sends them."""
        return {
            "requests": self.requests,
            "answered": self.statuses[200],
            "rejected": self.statuses[429],
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "faults": dict(self.faults),
            "keys": {key.decode(): n for key, n in self.keys.items()},
            "connections": self.connections,
            "max_in_flight": self.max_in_flight,
            "arrivals_per_100_ms": self.arrivals,
        }


class Endpoint:
    """What all connections share: the behaviour and the counts."""

    def __init__(self, behaviour: Behaviour, loop: asyncio.AbstractEventLoop) -> None:
        self.behaviour = behaviour
        self.loop = loop
        self.counts = Counts(behaviour, loop.time())

    def reset(self) -> None:
        """Forgets all counts; the bucket is full again."""
        self.counts = Counts(self.behaviour, self.loop.time())

    def headers(self) -> str:
        """The headers that depend on the behaviour: x-ratelimit-* as of now, and the cookie."""
        bucket, cookie = self.counts.bucket, _COOKIE if self.behaviour.cookie else ""
        if not self.behaviour.rate_headers:
            return cookie
        return cookie + (_UNLIMITED if bucket is None else _rate_headers(bucket.a_minute, *bucket.told))


def _rate_headers(limit: float, left: int, reset: float) -> str:
    return (
        f"x-ratelimit-limit-requests: {limit:.0f}\r\nx-ratelimit-remaining-requests: {left}\r\n"
        f"x-ratelimit-reset-requests: {_duration(reset)}\r\n"
        "x-ratelimit-limit-tokens: 150000000\r\nx-ratelimit-remaining-tokens: 149998902\r\n"
        "x-ratelimit-reset-tokens: 0s\r\n"
    )


def _duration(seconds: float) -> str:
    """As the API writes it: 6ms, 1.5s, 1m12s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    return f"{seconds:.3g}s" if seconds < _MINUTE else f"{seconds // _MINUTE:.0f}m{seconds % _MINUTE:.0f}s"


_UNLIMITED = _rate_headers(_RATE * _MINUTE, 29_999, 1 / _RATE)


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._body_at = self._needed = 0
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts a connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._endpoint.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answers each whole request, one at a time."""
        self._buffer += data
        self._read()

    def _read(self) -> None:
        while not self._busy and self._buffer:
            if not self._needed:
                at = self._buffer.find(b"\r\n\r\n")
                if at < 0:
                    return
                found = _LENGTH.search(self._buffer, 0, at)
                self._body_at = at + 4
                self._needed = self._body_at + (int(found[1]) if found else 0)
                if _EXPECT.search(self._buffer, 0, at):
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if len(self._buffer) < self._needed:
                return
            whole, body = bytes(self._buffer[: self._needed]), self._body_at
            del self._buffer[: self._needed]
            self._needed = 0
            self._route(whole[:body], whole[body:])

    def _route(self, head: bytes, body: bytes) -> None:
        method, path, _ = head.split(b" ", 2)
        if method == b"POST" and path.endswith(b"/chat/completions"):
            self._ask(body)
        elif method == b"GET" and path == b"/stats":
            self._write(200, dumps(self._endpoint.counts.report()))
        elif method == b"POST" and path == b"/reset":
            self._endpoint.reset()
            self._write(200, b"{}")
        else:
            self._write(404, error(f"Unknown request URL: {path.decode()}", "invalid_request_error", "unknown_url"))

    def _ask(self, body: bytes) -> None:
        endpoint, counts, behaviour = self._endpoint, self._endpoint.counts, self._endpoint.behaviour
        now = endpoint.loop.time()
        counts.arrived(now)
        if len(body) > behaviour.max_request:
            self._done(counts, 413, error("The request is too large.", "invalid_request_error", None))
            return
        wait = counts.bucket.take(now, count_rejected=behaviour.count_rejected) if counts.bucket else 0.0
        if wait:
            self._done(counts, 429, rate_limited(behaviour.rate, wait), self._retry_after(wait))
            return
        asked = question(body)
        counts.keys[asked.key] += 1
        fault = behaviour.fault(asked.key, counts.keys[asked.key])
        if fault:
            counts.faults[fault] += 1
        self._busy = True
        delay = behaviour.delay(counts.chance)
        if fault == "hang":
            counts.in_flight -= 1
        elif delay:
            endpoint.loop.call_later(delay, self._answer, counts, asked, len(body), fault)
        else:
            self._answer(counts, asked, len(body), fault)

    def _answer(self, counts: Counts, asked: Question, size: int, fault: Fault | None) -> None:
        if fault == "dropped":
            counts.in_flight -= 1
            self._transport.abort()
        elif fault == "too_many_requests":
            self._done(counts, 429, rate_limited(_RATE, 0.02), self._retry_after(0.02))
        elif fault == "server_error":
            broken = error("The server had an error while processing your request.", "server_error", None)
            self._done(counts, 500, broken)
        elif fault is not None:
            self._done(counts, 200, spoiled(fault, asked, size))
        else:
            self._done(counts, 200, completion(asked, size, claims_json(asked, self._endpoint.behaviour.min_answer)))

    def _retry_after(self, wait: float) -> str:
        if not self._endpoint.behaviour.retry_after:
            return ""
        return f"retry-after: {max(round(wait), 1)}\r\nretry-after-ms: {max(wait * 1000, 1):.0f}\r\n"

    def _done(self, counts: Counts, status: int, body: bytes, headers: str = "") -> None:
        counts.in_flight -= 1
        counts.statuses[status] += 1
        self._write(status, body, headers + self._endpoint.headers(), str(counts.requests))
        was_busy, self._busy = self._busy, False
        if was_busy:
            self._read()

    def _write(self, status: int, body: bytes, headers: str = "", request_id: str = "0") -> None:
        if not self._transport.is_closing():
            head = f"HTTP/1.1 {status} {_REASONS[status]}\r\n" + _HEADERS % (request_id, headers, len(body))
            self._transport.write(head.encode() + body)
