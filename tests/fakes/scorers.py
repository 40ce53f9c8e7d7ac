"""Folders of scorers that differ from the shipped one in a known way."""

from importlib.resources import files
from pathlib import Path

SHIPPED = (files("scoring_ops") / "scorecard.toml").read_text(encoding="utf-8")


def harsher_card(folder: Path, version: str = "harsh") -> Path:
    """A scorer's folder whose weights are those that ship, but for a harsher loss."""
    folder.mkdir()
    changed = SHIPPED.replace('version = "1"', f'version = "{version}"')
    changed = changed.replace("unresolved = -1.0", "unresolved = -1.2")
    assert changed.count("-1.2") > SHIPPED.count("-1.2")
    (folder / "scorecard.toml").write_text(changed, encoding="utf-8")
    return folder
