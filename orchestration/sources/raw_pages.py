"""Pages as the helpdesk sent them, kept compressed in the lake's raw zone where CX_KEEP_RAW says so.

Each file holds JSON lines `{fetched_at, method, url, body}` and is written whole. Bodies are not masked: the zone is
private, and nothing reads it but `cxscore forget`.
"""

import gzip
import threading
from datetime import datetime
from uuid import uuid4

from pydantic_core import to_json
from upath import UPath

from scoring_ops.scorer import Clock, utc_now

PART_BYTES = 8_000_000
"""Of bodies in memory before a file is written."""


class RawPages:
    """The pages of one pass over a source, gathered into files of one folder."""

    def __init__(self, folder: UPath, clock: Clock = utc_now, part_bytes: int = PART_BYTES) -> None:
        self._folder = folder
        self._clock = clock
        self._part_bytes = part_bytes
        self._lock = threading.Lock()
        self._lines: list[bytes] = []
        self._bytes = 0

    def keep(self, method: str, url: str, body: bytes) -> None:
        """Adds a page; any thread may."""
        fetched_at = self._clock()
        line = to_json({"fetched_at": fetched_at, "method": method, "url": url, "body": body.decode(errors="replace")})
        with self._lock:
            self._lines.append(line)
            self._bytes += len(line)
            if self._bytes >= self._part_bytes:
                self._write(fetched_at)

    def flush(self) -> None:
        """Writes what is still in memory."""
        with self._lock:
            if self._lines:
                self._write(self._clock())

    def _write(self, at: datetime) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{at:%Y-%m-%dT%H%M%SZ}-{uuid4().hex[:8]}.jsonl.gz"
        content = gzip.compress(b"\n".join(self._lines) + b"\n", 6)
        partial = self._folder / f".{name}.tmp"
        partial.write_bytes(content)
        partial.rename(self._folder / name)
        self._lines, self._bytes = [], 0
