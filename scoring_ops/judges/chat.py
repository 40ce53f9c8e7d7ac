"""One OpenAI-compatible endpoint: a request body goes out, a completion or a typed failure comes back.

Beside `batch_endpoint.py` the only module that imports `openai`. It sends through the SDK's low-level `post` on its
aiohttp transport and reads the bytes itself (measured: `create` costs more than twice the CPU, `.parse()` five times).
It never retries and never waits: that is `fleet.py`. Importing this module takes about a second: import it where a
judge is used.
"""

import asyncio
import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import httpx2
from openai import APIStatusError, AsyncOpenAI, OpenAIError, RequestOptions
from pydantic import SecretStr

from scoring_ops.judges.complaints import OWN_WORDS, known, told, where_to_look, without_key
from scoring_ops.judges.completion import Completion
from scoring_ops.judges.transport import LeanClient

OPENAI_URL = "https://api.openai.com/v1"
FailureKind = Literal[
    "limited", "overloaded", "broken", "unreadable", "rejected", "refused", "bad_request", "invalid_answer"
]

_SHOWN, _READ = 300, 2000  # characters of what a server says: shown, looked at
_BAD_REQUEST = frozenset({400, 413, 422})
_REJECTING = frozenset({401, 402, 403, 404})
_LASTING = frozenset({"rejected", "bad_request", "broken"})  # not about one conversation, not for waiting
_OVERLOADED = frozenset({408, 502, 503, 504, 529})
_REFUSING_CODES = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
# Besides the SDK's own errors: what its aiohttp transport lets through, and an answer that is not JSON at all.
_FAILURES = (OpenAIError, aiohttp.ClientError, httpx2.HTTPError, OSError, ValueError)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Allowance(NamedTuple):
    """What an endpoint says it still takes: `remaining` of `limit` requests, all back in `reset` seconds."""

    limit: float
    remaining: float
    reset: float


class Failure(NamedTuple):
    """Why there is no completion.

    `detail` is one line in our words; `parameter` is what a 400 complains of and `message` what the server says, which
    may repeat the prompt: they are to be understood, never to be told.
    """

    kind: FailureKind
    detail: str
    retry_after: float | None = None
    parameter: str | None = None
    message: str = ""
    allowance: Allowance | None = None


class Reply(NamedTuple):
    """A completion, and what the endpoint said of its allowance."""

    completion: Completion
    allowance: Allowance | None


class ChatEndpoint:
    """The chat completions of one base URL."""

    def __init__(self, base_url: str, key: SecretStr, *, deadline: float) -> None:
        """No client is opened before the first request.

        Args:
            base_url: up to and including the version, such as "http://localhost:8000/v1".
            key: the key; empty for a server that asks for none.
            deadline: seconds within which the whole answer must be there.
        """
        self.base_url = base_url
        self.host = urlsplit(base_url).hostname or ""
        self._key = key
        self._deadline = deadline
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        # All of them, though most are defaults: the SDK copies the default of every option that is not given.
        self._options: RequestOptions = {
            "headers": {},
            "params": {},
            "max_retries": 0,
            "timeout": 2 * deadline,  # ours ends first, and tells silence from a lost connection
            "security": {"bearer_auth": True},
            "idempotency_key": "",  # not sent; a missing one is made anew for each request
            "stream_mode": "legacy",
        }
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def hosted(self) -> bool:
        """True for OpenAI's own hosts."""
        return self.host == "openai.com" or self.host.endswith(".openai.com")

    async def complete(self, body: bytes) -> Reply | Failure:
        """Sends one request body (JSON) and reads its answer."""
        client = self._open()
        try:
            async with asyncio.timeout(self._deadline):
                response = await client.post(self._url, cast_to=httpx2.Response, content=body, options=self._options)
        except APIStatusError as error:
            return self._complained(error)
        except TimeoutError:
            return Failure("overloaded", f"{self.host}: no answer within {self._deadline:g} s")
        except _FAILURES as error:  # a connection that the server dropped comes as the SDK's time-out
            return Failure("broken", f"{self.host}: {_reason(error)}")
        try:
            completion = self._read(response.content)
        except ValueError:  # what is no completion, and what is no text
            detail = f"{self.host}: the answer cannot be read (not a chat completion); {OWN_WORDS}"
            return Failure("unreadable", detail, message=response.content[:_READ].decode(errors="replace"))
        allowance = _allowance(response.headers)
        if not completion.choices:
            error = completion.error if isinstance(completion.error, dict) else {}
            code = known(error.get("code"), error.get("type"))
            detail = f"{self.host}: no answer{code and f', error {code}'}; {OWN_WORDS}"
            return Failure("unreadable", detail, message=str(completion.error), allowance=allowance)
        return Reply(completion, allowance)

    async def aclose(self) -> None:
        """Closes the connections; the next request opens new ones, in whatever loop runs then."""
        client, self._client, self._loop = self._client, None, None
        if client is not None:
            await client.close()

    def own_words(self, said: str) -> str:
        """The beginning of what the server said, without the key, on one line: to be shown, never kept."""
        hidden = without_key(said, self._key.get_secret_value())
        return " ".join("".join(letter if letter.isprintable() else " " for letter in hidden).split())[:_SHOWN]

    def _read(self, content: bytes) -> Completion:
        """A completion whose texts hold no key, whatever the server repeats."""
        completion, key = Completion.model_validate_json(content), self._key.get_secret_value()
        for choice in completion.choices[:1]:
            said = choice.message.content or ""
            if (hidden := without_key(said, key)) != said:
                message = choice.message.model_copy(update={"content": hidden})
                return completion.model_copy(update={"choices": (choice.model_copy(update={"message": message}),)})
        return completion

    def _open(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None:
            self._loop = loop
            self._client = AsyncOpenAI(
                api_key=self._key.get_secret_value() or "none",
                base_url=self.base_url,
                http_client=LeanClient(),
            )
        elif self._loop is not loop:
            raise RuntimeError("this endpoint is open in another event loop: await its aclose() there first")
        return self._client

    def _complained(self, error: APIStatusError) -> Failure:
        status, code = error.status_code, error.code if isinstance(error.code, str) else None
        kind = _kind(status, code, str(error.body))
        headers = error.response.headers
        request_id = without_key(error.request_id or "", self._key.get_secret_value())
        said, look = told(error.code, error.type, parameter=error.param, request_id=request_id), where_to_look(status)
        return Failure(
            kind,
            f"{self.host} answered {status}{said}{look if kind in _LASTING else ''}",
            _retry_after(headers),
            error.param if isinstance(error.param, str) else None,
            _message(error),
            _allowance(headers),
        )


def _kind(status: int, code: str | None, body: str) -> FailureKind:
    if code in _REFUSING_CODES or (status == 403 and "flagged_input" in body):  # noqa: PLR2004
        return "refused"
    if code == "json_validate_failed":
        return "invalid_answer"
    if status in _REJECTING or code == "insufficient_quota":
        return "rejected"
    if status == 429:  # noqa: PLR2004
        return "limited"
    if status in _BAD_REQUEST:
        return "bad_request"
    return "overloaded" if status in _OVERLOADED else "broken"


def _reason(error: Exception) -> str:
    """Why a connection failed: the kind of error, and what our own side says of it."""
    cause = error.__cause__
    return str(cause) if isinstance(cause, httpx2.ReadError) else type(error).__name__


def _message(error: APIStatusError) -> str:
    """What the server said, in its own words where it has the API's form, else the beginning of its body."""
    return error.message if error.body is None or error.code or error.type else f"{error.message} {error.body}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `retry-after-ms` or `retry-after` (seconds or a date); None without or where it is absurd."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        value = headers.get("retry-after")
        if value is None:
            return None
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            return float(value)
        told_at = headers.get("date")  # the server's own clock: ours may be wrong
        now = email.utils.parsedate_to_datetime(told_at) if told_at else datetime.now(UTC)
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _allowance(headers: Mapping[str, str]) -> Allowance | None:
    """What `x-ratelimit-*-requests` says; None where the endpoint does not say it, or not in a known form."""
    remaining = headers.get("x-ratelimit-remaining-requests")
    if remaining is None:
        return None
    try:
        limit = float(headers.get("x-ratelimit-limit-requests", ""))
        return Allowance(limit, float(remaining), seconds(headers.get("x-ratelimit-reset-requests", "")))
    except ValueError:
        return None


def seconds(duration: str) -> float:
    """Seconds of a duration as the API writes it: "6ms", "1m30s", or a plain number.

    Raises:
        ValueError: it is neither.
    """
    parts = _DURATION.findall(duration)
    if parts and "".join(number + unit for number, unit in parts) == duration.strip():
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return float(duration)
