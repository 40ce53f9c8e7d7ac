"""The Batch API of one OpenAI-compatible endpoint, through the SDK's ordinary typed methods: a few calls a day.

Beside `chat.py` the only module that imports `openai`. What can be sent twice without harm is retried by the SDK;
creating a batch never is. Errors come out as one line without the key. Import it where it is used: the SDK takes about
a second.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, get_args
from urllib.parse import urlsplit

import httpx2
from openai import APIStatusError, OpenAI, OpenAIError
from openai.types import Batch, BatchError
from pydantic import SecretStr

from scoring_ops.judges.batch import (
    EndStatus,
    ProviderBatch,
    ProviderError,
    ProviderGone,
    ProviderRefused,
    RunningStatus,
)
from scoring_ops.judges.complaints import known, told, where_to_look, without_key

LABEL = "cx_score_batch"
"""The metadata key under which a batch carries our own id."""
UPLOAD_SECONDS = 1800.0  # 200 MB at a megabit a second
_ERRORS_SHOWN = 3
_STATUSES = frozenset(get_args(EndStatus) + get_args(RunningStatus))
_REJECTING = frozenset({401, 402})
_GONE = frozenset({404, 410})
_PASSING = frozenset({408, 409, 429})  # of the 4xx those after which the same request may succeed


class BatchEndpoint:
    """The batches and files of one base URL; close it."""

    def __init__(self, base_url: str, key: SecretStr, *, deadline: float = 60.0, max_retries: int = 2) -> None:
        """Nothing is sent yet.

        Args:
            base_url: up to and including the version.
            key: the key; empty for a server that asks for none.
            deadline: seconds for one request, but for uploads.
            max_retries: how often the SDK repeats what can be repeated without harm.
        """
        self.endpoint = base_url
        self._host = urlsplit(base_url).hostname or ""
        self._key = key.get_secret_value()
        self._client = OpenAI(api_key=self._key or "none", base_url=base_url, timeout=deadline, max_retries=max_retries)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def upload(self, file: BinaryIO, name: str) -> str:
        """Uploads a file of request lines; it is read from where it is, never held whole."""
        with self._saying():
            given = (name, file, "application/jsonl")
            return self._blotted(self._client.files.create(file=given, purpose="batch", timeout=UPLOAD_SECONDS).id)

    def create(self, file_id: str, label: str) -> ProviderBatch:
        """Starts a batch; a request whose fate is unknown is not repeated, `find` tells what became of it."""
        with self._saying():
            once = self._client.with_options(max_retries=0)
            made = once.batches.create(
                input_file_id=file_id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={LABEL: label},
            )
            return self._told(made)

    def find(self, label: str, file_id: str, since: datetime) -> ProviderBatch | None:
        """The batch created since then with this label or file; servers that keep no metadata keep the file's id."""
        with self._saying():
            for batch in self._client.batches.list(limit=100):  # newest first, page by page
                if batch.created_at < since.timestamp():
                    return None
                if (batch.metadata or {}).get(LABEL) == label or batch.input_file_id == file_id:
                    return self._told(batch)
        return None

    def look(self, provider_id: str) -> ProviderBatch:
        """How a batch stands."""
        with self._saying():
            return self._told(self._client.batches.retrieve(provider_id))

    def lines(self, file_id: str) -> Iterator[bytes] | None:
        """The lines of a file of results, through a file on disk; None where the provider has it no longer."""
        folder = TemporaryDirectory(prefix="cx-batch-")
        path = Path(folder.name) / "results.jsonl"
        try:
            with self._saying(), self._client.files.with_streaming_response.content(file_id) as response:
                response.stream_to_file(path)
        except ProviderGone:
            folder.cleanup()
            return None
        except BaseException:
            folder.cleanup()
            raise
        return (self._blotted(line).encode() for line in _read(path, folder))

    def cancel(self, provider_id: str) -> ProviderBatch:
        """Asks the provider to stop a batch."""
        with self._saying():
            return self._told(self._client.batches.cancel(provider_id))

    def delete_file(self, file_id: str) -> None:
        """Removes a file; one that is gone already is no error."""
        with suppress(ProviderGone), self._saying():
            self._client.files.delete(file_id)

    @contextmanager
    def _saying(self) -> Generator[None]:
        """Turns what the SDK raises into one line, from None: the SDK's error holds the request with its key."""
        try:
            yield
        except APIStatusError as error:
            status = error.status_code
            look = where_to_look(status) if status in _REJECTING else ""
            raise _kind(status)(f"{self._host} answered {status}{told(error.code, error.type)}{look}") from None
        except (OpenAIError, httpx2.HTTPError, OSError, ValueError) as error:
            raise ProviderError(f"{self._host}: {type(error).__name__}") from None

    def _blotted(self, name: str) -> str:
        return without_key(name, self._key)

    def _told(self, batch: Batch) -> ProviderBatch:
        counts = batch.request_counts
        complaints = (batch.errors.data if batch.errors else None) or []
        return ProviderBatch(
            self._blotted(batch.id),
            batch.status if batch.status in _STATUSES else "in_progress",
            self._blotted((batch.metadata or {}).get(LABEL) or "") or None,
            self._blotted(batch.input_file_id),
            datetime.fromtimestamp(batch.created_at, UTC),
            tuple(self._blotted(file) for file in (batch.output_file_id, batch.error_file_id) if file),
            counts.completed if counts else 0,
            counts.total if counts else 0,
            "; ".join(_complaint(error) for error in complaints[:_ERRORS_SHOWN]),
        )


def _complaint(error: BatchError) -> str:
    """The code and the line; the SDK checks no types, and a server may put words where a number belongs."""
    line = f" in line {error.line}" if isinstance(error.line, int) else ""
    return (known(error.code) or "error") + line


def _kind(status: int) -> type[ProviderError]:
    if status in _GONE:
        return ProviderGone
    return ProviderRefused if 400 <= status < 500 and status not in _PASSING else ProviderError  # noqa: PLR2004


def _read(path: Path, folder: "TemporaryDirectory[str]") -> Iterator[str]:
    """Lines end at line feeds alone: a text may hold other separators, unescaped."""
    with folder, path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        yield from (line for line in file if line.strip())
