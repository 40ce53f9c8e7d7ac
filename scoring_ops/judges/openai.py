"""The judge that asks an LLM through any OpenAI-compatible endpoint. The only module that imports `openai`.

Kept to one request per conversation in the SDK's cheapest path: the body is built here, sent by `client.post` and
read by `completion.py` (measured: `.parse()` costs three times the CPU). The SDK retries what may pass by itself; an
answer that is no valid claims is asked for again, a bounded number of times. Masking, caching and budgets are the
scorer's. Importing this module takes about a second: import it where the judge is used.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Protocol, Self
from urllib.parse import urlsplit

import aiohttp
from openai import APIStatusError, AsyncOpenAI, DefaultAioHttpClient, OpenAIError
from pydantic import SecretStr, ValidationError

from scoring_ops.judges.completion import AnswerMessage, Choice, Completion, added, claims_error, claims_text
from scoring_ops.judges.dialect import Dialect, Sampling, concession, request_body
from scoring_ops.judges.protocol import (
    Answer,
    EndpointRejected,
    JudgeError,
    JudgeIdentity,
    ModelUnavailable,
    Refused,
    SchemaBroken,
    Usage,
    content_key,
)
from scoring_ops.judges.strict_schema import claims_schema
from scoring_ops.prompt import (
    PROMPT_VERSION,
    ChatMessage,
    chat_messages,
    instructions,
    render,
    repair_messages,
    shortened,
)
from scoring_ops.transcript import Transcript

OPENAI_URL = "https://api.openai.com/v1"
ResponseListener = Callable[[int, Mapping[str, str]], None]

_log = logging.getLogger(__name__)
_TOKENS_PER_BYTE = 0.5  # an upper bound: English needs about 0.25 of a token per byte of UTF-8, Chinese 0.35
_DIGEST_LENGTH = 8
_DETAIL_LIMIT = 300
_BAD_REQUEST = frozenset({400, 422})
_REJECTING = frozenset({401, 402, 403, 404})
_REFUSING_CODES = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
# Besides the SDK's own errors: what its aiohttp transport lets through, and an answer that is not JSON at all.
_FAILURES = (OpenAIError, aiohttp.ClientError, OSError, ValueError)


class _HttpResponse(Protocol):
    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class OpenAIJudge:
    """Reads transcripts with the chat completions API of one endpoint and one model."""

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        temperature: float | None = 0.0,
        seed: int | None = 7,
        max_output_tokens: int = 4096,
        repair_attempts: int = 2,
        timeout: float = 120.0,
        max_retries: int = 4,
        on_response: ResponseListener | None = None,
    ) -> None:
        """No request is made and no client opened before the first conversation.

        Args:
            model: the model's name, as the endpoint knows it.
            api_key: the key; None for a local server that asks for none. The environment is not read.
            base_url: the endpoint up to and including its version, such as "http://localhost:8000/v1".
            temperature: None leaves it to the server.
            seed: None leaves it out.
            max_output_tokens: the limit of one answer.
            repair_attempts: how often an answer that is no valid claims is asked for again.
            timeout: seconds without any byte from the server.
            max_retries: how often the SDK repeats a 408, 409, 429, 5xx or lost connection, honouring Retry-After.
            on_response: told status and headers of each HTTP response, repeated ones too, for a rate limiter.
        """
        self._key = SecretStr(api_key or "")
        self._url = base_url or OPENAI_URL
        self._host = urlsplit(self._url).hostname or ""
        self._sampling = Sampling(temperature, seed, max_output_tokens)
        self._repair_attempts, self._timeout, self._max_retries = repair_attempts, timeout, max_retries
        self._on_response = on_response
        hosted = self._host == "openai.com" or self._host.endswith(".openai.com")
        self._dialect = Dialect("json_schema", "max_completion_tokens" if hosted else "max_tokens")
        family = "openai" if hosted else "compatible"
        asked = [PROMPT_VERSION, instructions(), claims_schema(), self._sampling]
        self._identity = JudgeIdentity(family, model, content_key(asked)[:_DIGEST_LENGTH])
        self._fixed_key = content_key([family, model, asked])
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"OpenAIJudge({self._identity.version!r}, host={self._host!r})"

    @property
    def identity(self) -> JudgeIdentity:
        """What this judge's answers depend on."""
        return self._identity

    def cache_key(self, transcript: Transcript) -> str:
        """Hex sha256 of the family, model, messages, schema and sampling parameters.

        The parts equal for all transcripts enter as their own hash, so that a key costs no second reading of the rules.
        """
        return content_key([self._fixed_key, render(transcript)])

    def most_usage(self, transcript: Transcript) -> Usage:
        """Every attempt, each with the answers before it and one of full length."""
        asked = instructions() + json.dumps(claims_schema()) + render(transcript)
        question = int(len(asked.encode("utf-8", "replace")) * _TOKENS_PER_BYTE)
        answer, repairs = self._sampling.max_output_tokens, self._repair_attempts
        earlier_answers = answer * repairs * (repairs + 1) // 2
        return Usage(question * (1 + repairs) + earlier_answers, answer * (1 + repairs))

    async def judge(self, transcript: Transcript) -> Answer:
        """The claims about a transcript, as the model's own JSON text.

        Raises:
            Refused: the model or a content filter declined.
            SchemaBroken: no valid claims after the repair attempts.
            EndpointRejected: 401, 402, 403, 404, or an exhausted quota.
            ModelUnavailable: any other failure of the endpoint, after the SDK's retries.
        """
        request = messages = chat_messages(transcript)
        paid, broken = Usage(), ""
        for _ in range(self._repair_attempts + 1):
            completion = await self._complete(messages, paid)
            paid = added(paid, completion.usage)
            choice = completion.choices[0]
            if choice.refused is not None:
                raise Refused(self._clean(choice.refused), paid)
            text = claims_text(choice.message.content)
            error = claims_error(text)
            if error is None:
                return Answer(text, paid)
            if choice.finish_reason == "length":
                broken, messages = "the answer ran into the token limit", shortened(request)
            else:
                broken, messages = error, (*request, *repair_messages(text, error, claims_schema()))
        raise SchemaBroken(self._clean(f"no valid claims in {self._repair_attempts + 1} answers: {broken}"), paid)

    async def aclose(self) -> None:
        """Close the connections; the next conversation opens new ones, in whatever loop runs then."""
        client, self._client, self._loop = self._client, None, None
        if client is not None:
            await client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _complete(self, messages: tuple[ChatMessage, ...], paid: Usage) -> Completion:
        """One completion with at least one choice, asked for in the richest dialect the endpoint takes."""
        while True:
            dialect = self._dialect
            body = request_body(self._identity.model, messages, self._sampling, dialect)
            client = self._open_client()
            try:
                answer = Completion.model_validate(await client.post("/chat/completions", cast_to=object, body=body))
            except APIStatusError as error:
                if error.code == "json_validate_failed":
                    return Completion(choices=(Choice(message=AnswerMessage()),))
                if self._conceded(dialect, error):
                    continue
                failure = self._failure(error, paid)
            except _FAILURES as error:
                failure = ModelUnavailable(self._clean(f"{self._host}: {_unreadable(error)}"), paid)
            else:
                if answer.choices:
                    return answer
                failure = ModelUnavailable(self._clean(f"{self._host}: no answer, error {answer.error}"), paid)
            # Raised outside the handlers: the SDK's error, which holds the request's headers, is not chained to it.
            raise failure

    def _open_client(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None:
            hooks = {"response": [self._tell]} if self._on_response else {}
            self._loop = loop
            self._client = AsyncOpenAI(
                api_key=self._key.get_secret_value() or "none",
                base_url=self._url,
                timeout=self._timeout,
                max_retries=self._max_retries,
                http_client=DefaultAioHttpClient(event_hooks=hooks),
            )
        elif self._loop is not loop:
            raise RuntimeError("this judge is open in another event loop: await its aclose() there first")
        return self._client

    async def _tell(self, response: _HttpResponse) -> None:
        if self._on_response is not None:
            self._on_response(response.status_code, response.headers)

    def _conceded(self, dialect: Dialect, error: APIStatusError) -> bool:
        """True where the request should be sent again in another dialect; concurrent calls concede a feature once."""
        if error.status_code not in _BAD_REQUEST:
            return False
        narrower = concession(dialect, error.param, _message(error))
        if narrower is None:
            return False
        if self._dialect == dialect:
            self._dialect = narrower
            _log.warning("%s: asking on as %s, for: %s", self._host, narrower, self._clean(_message(error)))
        return True

    def _failure(self, error: APIStatusError, paid: Usage) -> JudgeError:
        status, code = error.status_code, error.code
        if code in _REFUSING_CODES or (status == 403 and "flagged_input" in str(error.body)):  # noqa: PLR2004
            return Refused(self._clean(f"{self._host} answered {status}: {_message(error)}"), paid)
        # Servers repeat the key, or parts of it, in the message of a 401: only the code is passed on.
        said = code or "the API key is not accepted" if status == 401 else _message(error)  # noqa: PLR2004
        request_id = f" (request {error.request_id})" if error.request_id else ""
        rejected = status in _REJECTING or code == "insufficient_quota"
        kind = EndpointRejected if rejected else ModelUnavailable
        return kind(self._clean(f"{self._host} answered {status}: {said}{request_id}"), paid)

    def _clean(self, detail: str) -> str:
        """A detail fit for logs and tables: on one line, bounded, without the key."""
        key = self._key.get_secret_value()
        return " ".join((detail.replace(key, "***") if key else detail).split())[:_DETAIL_LIMIT]


def _message(error: APIStatusError) -> str:
    """What the server said, in its own words where it has the API's form, else the beginning of its body."""
    return error.message if error.body is None or error.code or error.type else f"{error.message} {error.body}"


def _unreadable(error: Exception) -> str:
    if isinstance(error, OpenAIError):
        return f"{type(error).__name__}: {error}"
    kind = "not a chat completion" if isinstance(error, ValidationError) else type(error).__name__
    return f"the answer cannot be read ({kind})"
