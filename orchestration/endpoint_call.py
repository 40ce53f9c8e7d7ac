"""One real call of every endpoint, about an invented conversation: the only place where an endpoint's own words show.

Where customers are asked about, a server's complaint is never repeated (`scoring_ops/judges/complaints.py`); here it
can repeat nothing but this. Imports the SDK, which takes a second: import it where it is used.
"""

import asyncio
from time import perf_counter
from typing import NamedTuple

from scoring_ops.claims import Claims
from scoring_ops.judges.chat import ChatEndpoint, Failure
from scoring_ops.judges.completion import answer_error, answer_text
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
    request = judge.only_request(_INVENTED)
    assert request is not None
    began = perf_counter()
    answer = await endpoint.complete(request.body)
    if isinstance(answer, Failure):
        words = endpoint.own_words(answer)
        return Called(endpoint.base_url, False, f"{answer.detail}{words and f'; it says: {words}'}")
    choice, used = answer.completion.choices[0], answer.completion.usage
    took = f"{perf_counter() - began:.1f} s"
    if used is not None:
        took += f", {used.prompt_tokens or 0:,} tokens in, {used.completion_tokens or 0:,} out"
    error = choice.refused or answer_error(answer_text(choice.message.content), Claims)
    return Called(endpoint.base_url, error is None, f"answered in {took}: {error or 'valid claims'}")
