"""One real call of every endpoint, about an invented conversation: the only place where an endpoint's own words show.

Where customers are asked about, a server's complaint is never repeated (`scoring_ops/judges/complaints.py`); here it
can repeat nothing but this. Imports the SDK, which takes a second: import it where it is used.
"""

import asyncio
from time import perf_counter
from typing import NamedTuple

from scoring_ops.claims import Claims
from scoring_ops.judges.chat import ChatEndpoint, Failure, Reply
from scoring_ops.judges.complaints import OWN_WORDS
from scoring_ops.judges.completion import answer_error, answer_text
from scoring_ops.judges.dialect import concession, first_dialect
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.transcript import Turn, transcript_of

_INVENTED = transcript_of(
    (
        Turn(1, "1", "customer", "Hello, where is my parcel? It should have come on Monday.", None),
        Turn(2, "2", "human_agent", "Sorry about that! It left today and will reach you tomorrow.", None),
        Turn(3, "3", "customer", "Great, thank you.", None),
    )
)


class Called(NamedTuple):
    """What came of the call of one endpoint."""

    url: str
    is_well: bool
    detail: str


def call_endpoints(judge: OpenAIJudge) -> list[Called]:
    """Asks every endpoint once, at most a few thousand tokens each; nothing is kept or booked."""

    async def call() -> list[Called]:
        async with judge:
            return [await _call(judge, endpoint) for endpoint in judge.endpoints]

    return asyncio.run(call())


async def _call(judge: OpenAIJudge, endpoint: ChatEndpoint) -> Called:
    """What came of a call; what the endpoint does not take of a request is conceded, as in judging."""
    dialect, complaints = first_dialect(hosted=endpoint.hosted), ""
    while True:
        request = judge.only_request(_INVENTED, dialect)
        assert request is not None
        began = perf_counter()
        answer = await endpoint.complete(request.body)
        if isinstance(answer, Reply):
            is_well, detail = _told(answer, endpoint, perf_counter() - began)
            return Called(endpoint.base_url, is_well, complaints + detail)
        complaints += _complaint(answer, endpoint)
        narrower = concession(dialect, answer.parameter, answer.message) if answer.kind == "bad_request" else None
        if narrower is None:
            return Called(endpoint.base_url, False, complaints)
        dialect = narrower
        complaints += "; asked again without that: "


def _complaint(failure: Failure, endpoint: ChatEndpoint) -> str:
    words = endpoint.own_words(failure.message)
    return failure.detail.removesuffix(f"; {OWN_WORDS}") + (words and f"; it says: {words}")


def _told(reply: Reply, endpoint: ChatEndpoint, took: float) -> tuple[bool, str]:
    """Whether an answer is one, and what is wrong with it in the words that came."""
    choice, used = reply.completion.choices[0], reply.completion.usage
    tokens = f", {used.prompt_tokens or 0:,} tokens in, {used.completion_tokens or 0:,} out" if used else ""
    error = choice.refused or answer_error(answer_text(choice.message.content), Claims)
    words = endpoint.own_words(choice.message.refusal or choice.message.content or "") if error else ""
    return (
        error is None,
        f"answered in {took:.1f} s{tokens}: {error or 'valid claims'}{words and f'; it says: {words}'}",
    )
