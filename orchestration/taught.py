"""Which conversations a scorer was calibrated on, by the hashes of their transcripts, in its folder.

Nobody is told by a hash, and no figure on such conversations says how the scorer does on others.
"""

from collections.abc import Iterable
from pathlib import Path

FILE = "taught.txt"


def write_taught(folder: Path, transcript_hashes: Iterable[str]) -> None:
    """Writes the hashes, each once and in order, one per line."""
    (folder / FILE).write_text("".join(f"{one}\n" for one in sorted(set(transcript_hashes))), encoding="ascii")


def taught_hashes(folder: Path | None) -> frozenset[str]:
    """The hashes of a scorer's folder; none where it was not calibrated here."""
    path = None if folder is None else folder / FILE
    return frozenset(path.read_text(encoding="ascii").split()) if path is not None and path.exists() else frozenset()
