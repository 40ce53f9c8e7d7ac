"""A small server on the loopback that speaks `/v1/chat/completions` as the real API does, in a thread of its own.

It refuses what the real API refuses (no key, a schema that is not strict), records every request and answers by a
scripted behaviour: a callable from the request to a `Reply`. Ready-made ones stand below; `in_turn` strings them.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, Self

from aiohttp import web

_FRAME = re.compile(r"frame is ([0-9a-f]+)\.")
_UNSUPPORTED = frozenset(
    {"minimum", "maximum", "minLength", "maxLength", "default", "prefixItems", "maxItems", "allOf"}
)


class SaidTurn(NamedTuple):
    """A turn as the prompt shows it."""

    number: int
    author: str
    text: str


@dataclass(frozen=True)
class Received:
    """One request as it arrived on the wire."""

    headers: dict[str, str]
    body: dict[str, Any]
    raw: str

    @property
    def form(self) -> str:
        return self.body.get("response_format", {}).get("type", "text")

    @property
    def turns(self) -> tuple[SaidTurn, ...]:
        """The transcript, read back out of the user message's frame."""
        user = next(m["content"] for m in self.body["messages"] if m["role"] == "user")
        found = _FRAME.search(user)
        assert found, "no frame in the user message"
        line = re.compile(rf"^\[{found[1]} (?:turn (\d+) (\w+)|end)\]$\n?", re.MULTILINE)
        marks = list(line.finditer(user))
        return tuple(
            SaidTurn(int(mark[1]), mark[2], user[mark.end() : following.start()].removesuffix("\n"))
            for mark, following in pairwise(marks)
        )


@dataclass(frozen=True)
class Reply:
    """What the server sends back, after `delay` seconds.

    `dropped` closes the connection instead, `cut` does so after these bytes, and `hanging` never answers.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    hanging: bool = False
    delay: float = 0.0
    cut: bytes = b""


Behaviour = Callable[[Received], Reply]


def completion(
    content: str | None, finish_reason: str = "stop", refusal: str | None = None, tokens: tuple[int, int] = (1000, 200)
) -> Reply:
    message = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return Reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
    )


def error(status: int, message: str, code: str | None = None, param: str | None = None, **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def claims_about(turns: tuple[SaidTurn, ...]) -> dict[str, Any]:
    """Valid claims that quote the first words of the turns they cite."""

    def cite(*authors: str, last: bool = False) -> list[dict[str, Any]]:
        own = [turn for turn in turns if turn.author in authors]
        return [{"turn": t.number, "quote": _first_words(t.text)} for t in (own[-1:] if last else own[:1])]

    quality = {"rating": 4, "faults": []}
    authors = {turn.author for turn in turns}
    return {
        "issues": [{"issue": "a request", "status": "resolved", "evidence": cite(*authors, last=True)}],
        "sentiment": {
            "start": "neutral",
            "start_evidence": cite("customer"),
            "end": "positive",
            "end_evidence": cite("customer", last=True),
        },
        "service_quality": [],
        "answer_quality_ai": {**quality, "evidence": cite("ai_agent")} if "ai_agent" in authors else None,
        "answer_quality_human": {**quality, "evidence": cite("human_agent")} if "human_agent" in authors else None,
        "customer_effort": None,
        **{name: [] for name in ("strong_emotion", "product_feedback", "policy_feedback", "process_fault", "risk")},
        "summary": "The customer asked for something. It was done.",
        "language": "en",
        "judge_rating": 4,
    }


def _first_words(text: str) -> str:
    found = re.match(r"\S+(?:\s+\S+){0,7}", text.strip())
    return found.group() if found else text


def good_claims(request: Received) -> Reply:
    return completion(json.dumps(claims_about(request.turns), ensure_ascii=False))


def fenced_claims(request: Received) -> Reply:
    return completion(f"Here you are:\n```json\n{json.dumps(claims_about(request.turns))}\n```")


def wrong_quotes(request: Received) -> Reply:
    claims = claims_about(request.turns)
    for evidence in (claims["issues"][0]["evidence"], claims["sentiment"]["end_evidence"]):
        evidence[0]["quote"] = "words that nobody in this conversation ever said"
    return completion(json.dumps(claims))


def schema_breaking(request: Received) -> Reply:
    return completion(json.dumps({**claims_about(request.turns), "judge_rating": 11, "extra": "field"}))


def refusal(_: Received) -> Reply:
    return completion(None, refusal="I'm sorry, I can't assist with that.", tokens=(900, 10))


def filtered(_: Received) -> Reply:
    return completion("", finish_reason="content_filter")


def cut_off(request: Received) -> Reply:
    return completion(json.dumps(claims_about(request.turns))[:200], finish_reason="length", tokens=(1000, 4096))


def invalid_json(_: Received) -> Reply:
    return completion("The customer was happy, I would say 5 out of 5.")


def empty(_: Received) -> Reply:
    return completion("")


def too_many_requests(_: Received) -> Reply:
    return error(429, "Rate limit reached", "rate_limit_exceeded", retry_after="0", retry_after_ms="1")


def failing(_: Received) -> Reply:
    return error(500, "The server had an error", retry_after_ms="1")


def unauthorised(request: Received) -> Reply:
    key = request.headers["Authorization"].removeprefix("Bearer ")
    return error(401, f"Incorrect API key provided: {key}.", "invalid_api_key")


def dropped(_: Received) -> Reply:
    return Reply(dropped=True)


def hanging(_: Received) -> Reply:
    return Reply(hanging=True)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour after the other; the last one goes on."""
    left = list(behaviours)

    def answer(request: Received) -> Reply:
        behaviour = left.pop(0) if len(left) > 1 else left[0]
        return behaviour(request)

    return answer


def without(*forms: str, then: Behaviour = good_claims) -> Behaviour:
    """A server that does not know these forms of response_format."""

    def answer(request: Received) -> Reply:
        if request.form in forms:
            return error(400, f"response_format.type `{request.form}` is unavailable now", param="response_format")
        return then(request)

    return answer


def without_parameter(name: str, message: str, then: Behaviour = good_claims) -> Behaviour:
    """A server that rejects one sampling parameter."""
    return lambda request: error(400, message, param=name) if name in request.body else then(request)


def schema_fault(schema: Any, path: str = "schema") -> str | None:
    """Why the real API refuses a schema in strict mode, or None."""
    if isinstance(schema, list):
        return _first(schema_fault(item, f"{path}.{n}") for n, item in enumerate(schema))
    if not isinstance(schema, dict):
        return None
    named = {**schema.get("properties", {}), **schema.get("$defs", {})}
    children = [*named.items(), *((key, schema[key]) for key in ("items", "anyOf") if key in schema)]
    return _own_fault(schema, path) or _first(schema_fault(child, f"{path}.{key}") for key, child in children)


def _own_fault(schema: dict[str, Any], path: str) -> str | None:
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        if schema.get("additionalProperties") is not False:
            return f"In context={path}, 'additionalProperties' is required to be supplied and to be false."
        if sorted(schema.get("required", [])) != sorted(properties or {}):
            return f"In context={path}, 'required' is required to be supplied and to hold every key in properties."
    if "$ref" in schema and len(schema) > 1:
        return f"In context={path}, $ref cannot have keywords {sorted(set(schema) - {'$ref'})}."
    unsupported = sorted(schema.keys() & _UNSUPPORTED)
    return f"In context={path}, '{unsupported[0]}' is not permitted." if unsupported else None


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault), None)


def _refused_outright(request: Received) -> Reply | None:
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        return error(401, "You didn't provide an API key.")
    form = request.body.get("response_format", {})
    if form.get("type") == "json_schema" and form["json_schema"].get("strict"):
        fault = schema_fault(form["json_schema"]["schema"])
        if fault:
            return error(400, f"Invalid schema for response_format 'claims': {fault}", param="response_format")
    if form.get("type") == "json_object" and "json" not in json.dumps(request.body["messages"]).lower():
        return error(400, "'messages' must contain the word 'json' in some form, to use 'response_format'.")
    return None


class OpenAIServer:
    """Runs while its `with` block does. `requests` holds all that arrived, refused ones too, in order."""

    def __init__(self, behaviour: Behaviour = good_claims) -> None:
        self.behaviour = behaviour
        self.requests: list[Received] = []
        self.base_url = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fake-openai", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the fake server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        received = Received(dict(request.headers), json.loads(raw), raw)
        self.requests.append(received)
        reply = _refused_outright(received) or self.behaviour(received)
        if reply.hanging:
            await self._stop.wait()
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.dropped or reply.hanging or reply.cut:
            assert request.transport is not None
            request.transport.write(reply.cut)  # pyright: ignore[reportAttributeAccessIssue]
            request.transport.abort()
        if isinstance(reply.body, str):
            return web.Response(text=reply.body, status=reply.status, headers=reply.headers)
        return web.json_response(reply.body, status=reply.status, headers=reply.headers)
