"""The file of a batch while it is made and uploaded: on disk, without a name, so that it vanishes with the process.

It keeps the API's limits by count and bytes, and tells how much of it has been read. What stands in its lines is
`judges/batch.py`.
"""

from collections.abc import Callable, Sequence
from io import BufferedIOBase
from tempfile import TemporaryFile

from scoring_ops.judges.batch import MOST_BYTES, MOST_REQUESTS


class BatchFile(BufferedIOBase):
    """Request lines of one batch."""

    def __init__(
        self,
        *,
        most_requests: int = MOST_REQUESTS,
        most_bytes: int = MOST_BYTES,
        told: Callable[[int, int], None] = lambda _read, _of: None,
    ) -> None:
        """An empty file.

        Args:
            most_requests: the most lines.
            most_bytes: the most bytes; a single line is taken whatever its size, and the provider judges it.
            told: how many bytes have been read, of how many.
        """
        super().__init__()
        self.requests = self.bytes = 0
        self._most_requests, self._most_bytes = most_requests, most_bytes
        self._told = told
        self._file = TemporaryFile()  # noqa: SIM115  closed with this file

    def has_room(self, lines: Sequence[bytes]) -> bool:
        """True where all these lines fit in too, or the first one into an empty file."""
        if self.requests == 0 and len(lines) == 1:
            return True
        size = self.bytes + sum(map(len, lines))
        return size <= self._most_bytes and self.requests + len(lines) <= self._most_requests

    def add(self, lines: Sequence[bytes]) -> None:
        """Writes lines at the end."""
        self._file.seek(0, 2)
        self._file.writelines(lines)
        self.requests += len(lines)
        self.bytes += sum(map(len, lines))

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes from where the file stands."""
        chunk = self._file.read(-1 if size is None else size)
        self._told(self._file.tell(), self.bytes)
        return chunk

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Moves to a place; a client does so to learn the length, and before it sends again."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the file stands."""
        return self._file.tell()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Closes the file, and with it what was written is gone."""
        self._file.close()
        super().close()
