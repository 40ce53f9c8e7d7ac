"""instructor in its JSON_SCHEMA mode over the openai SDK."""

import instructor
from openai import AsyncOpenAI

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import MODEL, Request, messages

asked = options()
client = instructor.from_openai(AsyncOpenAI(api_key="none", base_url=asked.base_url), mode=instructor.Mode.JSON_SCHEMA)


async def call(request: Request) -> str:
    """The issue that the validated answer names."""
    claims = await client.chat.completions.create(
        model=MODEL, messages=messages(request), response_model=Claims, temperature=0, max_tokens=1024
    )
    return claims.issues[0].issue


serve(call, asked)
