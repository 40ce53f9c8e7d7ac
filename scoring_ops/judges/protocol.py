"""What a judge is: transcript in, claims out, under an identity that says what its answers depend on.

The protocol is owned by the scorer, its caller. A judge returns the raw JSON text of the claims, so that the cache
keeps what was paid for; parsing and proving happen later and cost nothing. What goes wrong is a typed error.
"""

import hashlib
import json
from typing import Literal, NamedTuple, Protocol

from scoring_ops.transcript import Transcript

Status = Literal["scored", "ineligible", "pending", "refused", "schema_error", "model_error", "budget_stopped"]
FINAL_OUTCOMES: frozenset[Status] = frozenset({"refused", "schema_error"})


class JudgeIdentity(NamedTuple):
    """Everything but the transcript that can change a judge's answer.

    `digest` is a short hash of instructions, schema and sampling parameters; a judge with another digest is another
    judge, and its answers live under other cache keys.
    """

    family: str
    model: str
    digest: str

    @property
    def version(self) -> str:
        """The name under which this judge's claims are stored, such as "local-lexicon-3f2a91c0"."""
        return f"{self.family}-{self.model}-{self.digest}"


class Usage(NamedTuple):
    """What an answer consumed; tokens are None where the judge counts none. Cached tokens are part of the input."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None

    def __add__(self, other: object) -> "Usage":
        """Both together; None stays only where neither counted."""
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage(*(b if a is None else a + (b or 0) for a, b in zip(self, other, strict=True)))


class Try(NamedTuple):
    """One answered request on the way to an answer: what it took and what it came to."""

    usage: Usage
    status: Status
    latency_ms: float


class Answer(NamedTuple):
    """The raw answer of a judge: the JSON text of `Claims`, and what it took.

    `tries` lists the paid requests where there was more than one (repairs, windows); together they took `usage`.
    """

    claims_json: str
    usage: Usage
    windows: int = 1
    tries: tuple[Try, ...] = ()


class JudgeError(Exception):
    """A conversation that could not be judged. `status` is the outcome stored for it; its tries were paid for."""

    status: Status = "model_error"

    def __init__(self, detail: str, usage: Usage | None = None, tries: tuple[Try, ...] = ()) -> None:
        super().__init__(detail)
        self.usage = usage or Usage()
        self.tries = tries


class Refused(JudgeError):
    """The model declined to answer, or a content filter stopped it. Final until retried on purpose."""

    status = "refused"


class SchemaBroken(JudgeError):
    """No valid claims after the bounded repair attempts. Final until retried on purpose."""

    status = "schema_error"


class ModelUnavailable(JudgeError):
    """The endpoint failed or was unreachable. Tried again at each run."""

    status = "model_error"


class EndpointRejected(ModelUnavailable):
    """The endpoint refuses this key, model or account: every other call would fail as well, so judging stops."""


class Judge(Protocol):
    """One way to read a transcript. Implementations hold no state that changes an answer."""

    @property
    def identity(self) -> JudgeIdentity:
        """What this judge's answers depend on."""
        ...

    def cache_key(self, transcript: Transcript) -> str:
        """Hex sha256 of the canonical JSON of everything that changes the answer to this transcript."""
        ...

    def most_usage(self, transcript: Transcript) -> Usage:
        """The most that judging a transcript may consume, repair attempts included: what a budget must reserve."""
        ...

    def usual_usage(self, transcript: Transcript) -> Usage:
        """A guess at what judging a transcript consumes where all goes well: what a plan shows."""
        ...

    async def judge(self, transcript: Transcript) -> Answer:
        """The claims about a transcript.

        Raises:
            JudgeError: the conversation could not be judged; its `status` says in which way.
        """
        ...

    async def aclose(self) -> None:
        """Closes connections, in the event loop that used them."""
        ...


def content_key(payload: object) -> str:
    """Hex sha256 of the canonical JSON (sorted keys, no spaces, UTF-8) of a payload."""
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
