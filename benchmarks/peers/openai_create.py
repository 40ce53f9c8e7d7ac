"""The openai SDK as its README shows it: `chat.completions.create` on the default client, answers validated."""

from openai import AsyncOpenAI

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import MODEL, RESPONSE_FORMAT, Request, messages

asked = options()
client = AsyncOpenAI(api_key="none", base_url=asked.base_url)


async def call(request: Request) -> str:
    """The issue that the validated answer names."""
    answer = await client.chat.completions.create(
        model=MODEL, messages=messages(request), response_format=RESPONSE_FORMAT, temperature=0, max_tokens=1024
    )
    return Claims.model_validate_json(answer.choices[0].message.content).issues[0].issue


serve(call, asked)
