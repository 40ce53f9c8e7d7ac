"""The provider's Batch API as the domain sees it: what a line asks, what a result line says, and a provider's port.

A batch asks once about each transcript, in the very words of the judge's own request, so that its answers are the
judge's answers. What a second question would have to mend is left to the judge. Nothing here sends or stores anything;
the endpoint is `batch_endpoint.py`.
"""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple, Protocol, TypeGuard, get_args

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import to_json

from scoring_ops.claims import Claims
from scoring_ops.judges.complaints import known
from scoring_ops.judges.completion import Choice, Completion, answer_error, answer_text
from scoring_ops.judges.protocol import JudgeIdentity, Status, Usage
from scoring_ops.transcript import Transcript
from scoring_ops.windows import TOKENS_PER_BYTE

MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
"""What the API takes in one file; with 30 kB of rules and schema a line the bytes end a file, at 6,000 lines or so."""

EndStatus = Literal["completed", "failed", "expired", "cancelled"]
RunningStatus = Literal["validating", "in_progress", "finalizing", "cancelling"]


class OnlyRequest(NamedTuple):
    """The request about a transcript that is read in one part, and the most that answering it once can use."""

    body: bytes
    most: Usage


def only_request(body: bytes, max_output_tokens: int) -> OnlyRequest:
    """A request with the most it can use; JSON is at least as long as the words in it."""
    return OnlyRequest(body, Usage(math.ceil(len(body) * TOKENS_PER_BYTE), max_output_tokens))


class BatchJudge(Protocol):
    """What a batch needs of a judge."""

    @property
    def identity(self) -> JudgeIdentity:
        """What its answers depend on."""
        ...

    def cache_key(self, transcript: Transcript) -> str:
        """The key under which its answer is kept."""
        ...

    def usual_usage(self, transcript: Transcript) -> Usage:
        """A guess at what one answer uses."""
        ...

    def only_request(self, transcript: Transcript) -> OnlyRequest | None:
        """The judge's own first request; None for a transcript that needs several."""
        ...


class ProviderError(Exception):
    """The provider did not do what it was asked; one line without the key."""


class ProviderRefused(ProviderError):
    """The provider has understood and said no: nothing has begun, and asking again will not help."""


class ProviderGone(ProviderRefused):
    """What was asked for is not there, or no longer."""


class ProviderBatch(NamedTuple):
    """A batch as the provider tells it."""

    provider_id: str
    status: EndStatus | RunningStatus
    label: str | None
    input_file_id: str
    created_at: datetime
    files: tuple[str, ...] = ()
    """Files with results: answers, and requests that failed; none where nothing was done."""
    completed: int = 0
    total: int = 0
    complaint: str = ""


class Batches(Protocol):
    """A provider of batches. Every method may raise `ProviderError`; uploading twice costs nothing, creating does."""

    @property
    def endpoint(self) -> str:
        """Its base URL: a batch is known to no other."""
        ...

    def upload(self, file: BinaryIO, name: str) -> str:
        """Uploads a file of request lines; returns its id."""
        ...

    def create(self, file_id: str, label: str) -> ProviderBatch:
        """Starts a batch under a label of ours; never sent twice."""
        ...

    def find(self, label: str, file_id: str, since: datetime) -> ProviderBatch | None:
        """The batch created since then with this label or file."""
        ...

    def look(self, provider_id: str) -> ProviderBatch:
        """How a batch stands."""
        ...

    def lines(self, file_id: str) -> Iterator[bytes] | None:
        """The lines of a file of results; None where it is no longer there."""
        ...

    def cancel(self, provider_id: str) -> ProviderBatch:
        """Asks the provider to stop; it takes minutes, and what was done by then is kept and paid."""
        ...

    def delete_file(self, file_id: str) -> None:
        """Removes a file, so that no batch can start from it."""
        ...


class Result(NamedTuple):
    """What came of one line. Only `scored` and `refused` settle a transcript; usage is None where nothing was paid."""

    transcript_hash: str
    status: Status
    detail: str = ""
    claims_json: str = ""
    usage: Usage | None = None


def has_ended(status: EndStatus | RunningStatus) -> TypeGuard[EndStatus]:
    """True for a status that does not change any more."""
    return status in get_args(EndStatus)


def request_line(transcript_hash: str, request: OnlyRequest) -> bytes:
    """One line of a batch file; its id is the transcript's hash, since results come in any order."""
    head = b'{"custom_id":' + to_json(transcript_hash) + b',"method":"POST","url":"/v1/chat/completions","body":'
    return head + request.body + b"}\n"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Response(_Part):
    status_code: int | None = None
    body: Completion = Completion()


class _Line(_Part):
    custom_id: str
    response: _Response | None = None
    error: JsonValue = None


def read_result(line: bytes) -> Result | None:
    """What a line of an output or error file says; None where it cannot be read."""
    try:
        read = _Line.model_validate_json(line)
    except ValidationError:
        return None
    body = read.response.body if read.response else Completion()
    counts = body.usage
    usage = counts.usage if counts else None
    if not body.choices:
        return Result(read.custom_id, "model_error", _complaint(read), usage=usage)
    return _answered(read.custom_id, body.choices[0], usage or Usage())


def _answered(transcript_hash: str, choice: Choice, usage: Usage) -> Result:
    """An answer is scored, refused, or left to the judge, which can ask to have it mended."""
    if choice.refused is not None:
        return Result(transcript_hash, "refused", choice.refused, usage=usage)
    text = answer_text(choice.message.content)
    error = answer_error(text, Claims)
    if error is None:
        return Result(transcript_hash, "scored", claims_json=text, usage=usage)
    cut = choice.finish_reason == "length"
    return Result(transcript_hash, "schema_error", "the answer ran into the token limit" if cut else error, usage=usage)


def _complaint(line: _Line) -> str:
    """Status and code of a failed line; its message may repeat what was asked. Either place can hold the error."""
    error = line.error or (line.response.body.error if line.response else None)
    code = error.get("code") if isinstance(error, dict) else None
    status = str(line.response.status_code or "") if line.response else ""
    return " ".join(part for part in (status, known(code)) if part) or "no answer"
