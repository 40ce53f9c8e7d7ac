"""Ours, the transport alone: `ChatEndpoint.complete` with the very requests of the peers, answers validated."""

import json

from pydantic import SecretStr

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import Request, body
from scoring_ops.judges.chat import ChatEndpoint, Reply

asked = options()
endpoint = ChatEndpoint(asked.base_url, SecretStr("none"), deadline=60)


async def call(request: Request) -> str:
    """The issue that the validated answer names."""
    outcome = await endpoint.complete(json.dumps(body(request), ensure_ascii=False).encode())
    if not isinstance(outcome, Reply):
        return outcome.detail
    return Claims.model_validate_json(outcome.completion.choices[0].message.content or "").issues[0].issue


serve(call, asked)
