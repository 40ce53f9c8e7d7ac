"""litellm's `acompletion`, answers validated. Its list of prices is the one in the package."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import MODEL, RESPONSE_FORMAT, Request, messages

asked = options()
litellm.telemetry = False


async def call(request: Request) -> str:
    """The issue that the validated answer names."""
    answer = await litellm.acompletion(
        model=f"openai/{MODEL}",
        api_base=asked.base_url,
        api_key="none",
        messages=messages(request),
        response_format=RESPONSE_FORMAT,
        temperature=0,
        max_tokens=1024,
    )
    return Claims.model_validate_json(answer.choices[0].message.content).issues[0].issue


serve(call, asked)
