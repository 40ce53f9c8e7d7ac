"""Ours, the whole judge: `OpenAIJudge.judge` of the peers' transcripts, with our rules and schema of 28 KB."""

from functools import cache

from benchmarks.peers.client import options, serve
from benchmarks.peers.workload import Request
from scoring_ops.claims import Claims
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.prompt import frame_code
from scoring_ops.transcript import Transcript, Turn, transcript_hash

asked = options()
judge = OpenAIJudge("gpt-4o-mini", base_url=asked.base_url, max_concurrency=asked.concurrency)


def transcript(request: Request) -> Transcript:
    """The transcript that a peer's prompt shows."""
    shown = request.user.split(f"[{request.code} turn ")[1:]
    turns = tuple(_turn(part) for part in shown)
    return Transcript(turns, transcript_hash(turns), "mixed")


def _turn(shown: str) -> Turn:
    mark, text = shown.split("]\n", 1)
    number, author = mark.split()
    said = "customer" if author == "customer" else "human_agent" if author == "human_agent" else "ai_agent"
    return Turn(int(number), number, said, text.partition("\n")[0], None)


@cache
def _read(request: Request) -> Transcript:
    return transcript(request)


async def call(request: Request) -> str:
    """The issue that the answer names, under the peer's code: ours makes a code of its own."""
    told = _read(request)
    answer = await judge.judge(told)
    own = frame_code(told.transcript_hash, (turn.text for turn in told.turns))
    issue = Claims.model_validate_json(answer.claims_json).issues[0].issue
    return issue.replace(f"request {own}-", f"request {request.code}-")


serve(call, asked)
