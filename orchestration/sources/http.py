"""JSON over HTTP from one helpdesk: paced by its limits, tried again where that helps, and many requests at once.

A client lasts for one pass over a source. What a request means, and what an answer holds, is the source's. Neither a
token nor a text ever gets into an error: those name the host, the path and the status.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar, cast

import httpx
from httpx_retries import Retry, RetryTransport
from pydantic_core import from_json

from orchestration.sources.pace import Allowance, Pace, allowance, seconds_to_wait
from orchestration.sources.protocol import SourceError
from orchestration.sources.raw_pages import RawPages

Json = dict[str, object]
Params = Mapping[str, str | int]
Item = TypeVar("Item")
Answer = TypeVar("Answer")

IN_FLIGHT = 32
AHEAD = 8
"""Answers that may wait, per request under way, for one before them that is tried again."""
ATTEMPTS = 8
BACKOFF_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 120.0
TIMEOUT_SECONDS = 60.0
_RETRIED = (429, 500, 502, 503, 504, 520, 522, 524)
_REFUSED = (401, 403)


class ApiError(SourceError):
    """An answer that stayed an error after every attempt; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Refused(ApiError):
    """The helpdesk does not let us in: a wrong token, or one that lacks a right."""


class Api:
    """A helpdesk's API, opened and closed as a context manager.

    Args:
        name: of the helpdesk, for errors.
        base_url: such as "https://api.intercom.io"; paths are appended to it.
        headers: sent with every request.
        auth: as httpx takes it.
        raw: keeps every page that came, where pages are to be kept.
        limit: reads what an answer's headers say of the rate limit.
        backoff: seconds before the second attempt, doubled with each; `Retry-After` goes before it.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        raw: RawPages | None = None,
        limit: Callable[[httpx.Headers], Allowance | None] = allowance,
        pace: Pace | None = None,
        backoff: float = BACKOFF_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._name = name
        self.host = httpx.URL(base_url).host
        self._raw = raw
        self._client = httpx.Client(
            base_url=base_url,
            headers=headers,
            auth=auth,
            timeout=timeout,
            transport=RetryTransport(
                _Paced(pace or Pace(), limit),
                Retry(
                    total=ATTEMPTS,
                    allowed_methods=("GET", "POST", "PUT"),
                    status_forcelist=_RETRIED,
                    retry_on_exceptions=(*Retry.RETRYABLE_EXCEPTIONS, httpx.DecodingError),
                    backoff_factor=backoff,
                    max_backoff_wait=LONGEST_WAIT_SECONDS,
                ),
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with ExitStack() as both:
            both.callback(self._client.close)
            if self._raw is not None:
                both.callback(self._raw.flush)

    def get(self, path: str, params: Params | None = None) -> Json:
        """The object that a path answers with.

        Raises:
            Refused: the token is not good for it.
            ApiError: any other answer than a success, after all attempts.
            SourceError: no answer at all.
        """
        return self._object("GET", path, params=params)

    def post(self, path: str, body: Json) -> Json:
        """The object that a query answers with; raises as `get` does. Only for requests that change nothing."""
        return self._object("POST", path, body=body)

    def put(self, path: str, body: Json) -> Json:
        """The object that an idempotent change answers with; raises as `get` does."""
        return self._object("PUT", path, body=body)

    def _object(self, method: str, path: str, params: Params | None = None, body: Json | None = None) -> Json:
        try:
            answer = self._client.request(method, path, params=params, json=body)
        except httpx.HTTPError as error:
            raise SourceError(f"{self._name}: no answer from {self.host}{path}: {type(error).__name__}") from None
        if answer.is_error:
            kind = Refused if answer.status_code in _REFUSED else ApiError
            what = "the token is not accepted" if kind is Refused else "failed"
            raise kind(f"{self._name}: {self.host}{path}: {what} ({answer.status_code})", answer.status_code)
        if self._raw is not None:
            self._raw.keep(method, str(answer.url), answer.content)
        return cast("Json", from_json(answer.content))


class _Paced(httpx.HTTPTransport):
    """One attempt: waits for its turn, reads the whole answer, and learns the limit from it."""

    def __init__(self, pace: Pace, limit: Callable[[httpx.Headers], Allowance | None]) -> None:
        super().__init__(limits=httpx.Limits(max_connections=None, max_keepalive_connections=IN_FLIGHT))
        self._pace = pace
        self._limit = limit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._pace.wait()
        left = None
        try:
            answer = super().handle_request(request)
            left = self._limit(answer.headers)
            answer.request = request
            answer.read()
        finally:
            self._pace.answered(left)
        if answer.status_code in _RETRIED:
            self._pace.hold(min(seconds_to_wait(answer.headers), LONGEST_WAIT_SECONDS))
        elif answer.is_success:
            _check_object(answer)
        return answer


def _check_object(answer: httpx.Response) -> None:
    """An answer cut short, or a page of some proxy, is worth another attempt."""
    try:
        value = from_json(answer.content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise httpx.DecodingError("no JSON object", request=answer.request)


def in_flight(
    ask: Callable[[Item], Answer], items: Iterable[Item], most: int = IN_FLIGHT
) -> Iterator[tuple[Item, Answer]]:
    """Each item with its answer, in the order of the items, while at most so many are asked for at once.

    `AHEAD` times as many are in memory: one request that has to wait does not hold up the others.

    Raises:
        Exception: what `ask` raised for the item whose turn it is, or what `items` raised, after the answers to all
            items before it; nothing more is asked for then.
    """
    waiting: deque[tuple[Item, Future[Answer]]] = deque()
    failure: Exception | None = None
    left = iter(items)
    with ThreadPoolExecutor(most, thread_name_prefix="source") as pool:
        try:
            while True:
                try:
                    item = next(left)
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001  raised below, when its turn has come
                    failure = error
                    break
                waiting.append((item, pool.submit(ask, item)))
                if len(waiting) >= most * AHEAD:
                    first, answer = waiting.popleft()
                    yield first, answer.result()
            while waiting:
                first, answer = waiting.popleft()
                yield first, answer.result()
        finally:
            for _, answer in waiting:
                answer.cancel()
    if failure is not None:
        raise failure
