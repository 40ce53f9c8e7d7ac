"""What the ways through the openai SDK cost, and what is under it: CPU of a call, in turns within one process.

`python -m benchmarks.engine.transport --calls 300 --rounds 9`, with `--cookie` for answers that set the cookie which
the real API's front sets. Requests are those of the peers, answers are read as `ChatEndpoint` reads them. The fastest
and the slowest way differ tenfold: the transport is where the CPU of a judge is won or lost.
"""

import argparse
import asyncio
import gc
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic import SecretStr

from benchmarks.engine.report import Figures, command, finish, show
from benchmarks.mock.behaviour import Behaviour
from benchmarks.mock_server import MockServer, keep_off_the_server
from benchmarks.peers.workload import MODEL, RESPONSE_FORMAT, Request, body, messages, requests
from scoring_ops.judges.chat import ChatEndpoint, Reply
from scoring_ops.judges.completion import Completion

Call = Callable[[Request], Awaitable[str]]
Way = Callable[[str], AbstractAsyncContextManager[Call]]
_PATH = "/chat/completions"
_WARM_UP = 64


def _sdk(base_url: str, *, on_aiohttp: bool) -> AsyncOpenAI:
    http = DefaultAioHttpClient() if on_aiohttp else None
    return AsyncOpenAI(api_key="none", base_url=base_url, http_client=http)


def create(*, on_aiohttp: bool) -> Way:
    """`chat.completions.create`."""

    @asynccontextmanager
    async def way(base_url: str) -> AsyncIterator[Call]:
        async with _sdk(base_url, on_aiohttp=on_aiohttp) as client:

            async def call(request: Request) -> str:
                answer = await client.chat.completions.create(
                    model=MODEL,
                    messages=messages(request),
                    response_format=RESPONSE_FORMAT,
                    temperature=0,
                    max_tokens=1024,
                )
                return answer.choices[0].message.content or ""

            yield call

    return way


@asynccontextmanager
async def post_object(base_url: str) -> AsyncIterator[Call]:
    """`client.post` of a dict, answered by one."""
    async with _sdk(base_url, on_aiohttp=True) as client:

        async def call(request: Request) -> str:
            answer = await client.post(_PATH, cast_to=object, body=body(request))
            return answer["choices"][0]["message"]["content"]

        yield call


@asynccontextmanager
async def post_bytes(base_url: str) -> AsyncIterator[Call]:
    """`client.post` of bytes, answered by the HTTP response."""
    async with _sdk(base_url, on_aiohttp=True) as client:

        async def call(request: Request) -> str:
            answer = await client.post(_PATH, cast_to=httpx2.Response, content=_bytes(request))
            return _content(answer.content)

        yield call


@asynccontextmanager
async def ours(base_url: str) -> AsyncIterator[Call]:
    """`ChatEndpoint.complete`."""
    endpoint = ChatEndpoint(base_url, SecretStr("none"), deadline=60)

    async def call(request: Request) -> str:
        outcome = await endpoint.complete(_bytes(request))
        return (outcome.completion.choices[0].message.content or "") if isinstance(outcome, Reply) else outcome.detail

    yield call
    await endpoint.aclose()


@asynccontextmanager
async def bare(base_url: str) -> AsyncIterator[Call]:
    """What is left to win: aiohttp without the SDK."""
    headers = {"Authorization": "Bearer none", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def call(request: Request) -> str:
            async with session.post(base_url + _PATH, data=_bytes(request)) as answer:
                return _content(await answer.read())

        yield call


def _bytes(request: Request) -> bytes:
    return json.dumps(body(request), ensure_ascii=False).encode()


def _content(answer: bytes) -> str:
    return Completion.model_validate_json(answer).choices[0].message.content or ""


WAYS: dict[str, Way] = {
    "SDK, create, default client": create(on_aiohttp=False),
    "SDK, create, aiohttp": create(on_aiohttp=True),
    "SDK, post(dict) -> object, aiohttp": post_object,
    "SDK, post(bytes) -> Response, aiohttp": post_bytes,
    "ours: ChatEndpoint": ours,
    "aiohttp alone": bare,
}


async def cpu_of(way: Way, base_url: str, questions: Sequence[Request], concurrency: int) -> float:
    """Seconds of CPU of all calls; every answer is checked against its question."""
    async with way(base_url) as call:
        await _ask(call, questions[:_WARM_UP], concurrency)
        gc.collect()
        cpu = time.process_time()
        await _ask(call, questions, concurrency)
        return time.process_time() - cpu


async def _ask(call: Call, questions: Sequence[Request], concurrency: int) -> None:
    pending = iter(questions)

    async def work() -> None:
        for question in pending:
            assert f"request {question.code}-" in await call(question)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())


def figures(asked: argparse.Namespace) -> Figures:
    """The whole table: medians of the rounds, and the best one, which a busy machine disturbs least."""
    questions = requests(asked.calls)
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    with MockServer(Behaviour(cookie=asked.cookie)) as server:
        keep_off_the_server()
        for _ in range(asked.rounds):
            for name, way in WAYS.items():
                cpu = asyncio.run(cpu_of(way, server.base_url, questions, asked.concurrency))
                taken[name].append(1000 * cpu / asked.calls)
    first = next(iter(taken.values()))
    rows: list[dict[str, object]] = [
        {
            "way": name,
            "CPU ms/call": statistics.median(each),
            "best round": min(each),
            "calls/CPU s": 1000 / statistics.median(each),
            "x the first": statistics.median(first) / statistics.median(each),
            "x, best rounds": min(first) / min(each),
        }
        for name, each in taken.items()
    ]
    return Figures(f"CPU of a call, {asked.concurrency} at once, {asked.calls} calls x {asked.rounds} rounds", rows)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--cookie", action="store_true", help="answers set a cookie")


def main() -> None:
    """Measures what the command line asks for."""
    parser = command(__doc__)
    add_options(parser)
    asked = parser.parse_args()
    table = figures(asked)
    show(table)
    finish([table], asked.json)


if __name__ == "__main__":
    main()
