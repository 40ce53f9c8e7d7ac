"""The openai SDK's structured outputs: `chat.completions.parse` with a pydantic model."""

from openai import AsyncOpenAI

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import MODEL, Request, messages

asked = options()
client = AsyncOpenAI(api_key="none", base_url=asked.base_url)


async def call(request: Request) -> str:
    """The issue that the parsed answer names."""
    answer = await client.chat.completions.parse(
        model=MODEL, messages=messages(request), response_format=Claims, temperature=0, max_tokens=1024
    )
    return answer.choices[0].message.parsed.issues[0].issue


serve(call, asked)
