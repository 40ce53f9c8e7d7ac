"""The words of the demo as they lie in TOML files under `phrases/<language>/`, read when first needed.

A line may begin with the numbers of the problems that it fits ("13> ..."), counted from 1 within its topic: so an
answer belongs to its question. "a || b" is an exchange, what an agent asks and what the customer answers.
Which line is said and how its slots are filled is decided in `phrasebook.py`.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

Groups = Mapping[str, Mapping[str, tuple[str, ...]]]

_GROUPS = TypeAdapter(dict[str, dict[str, tuple[str, ...]]])
_FITS = re.compile(r"^([1-9]+)> ")


@cache
def phrases(language: str, workspace: str) -> Groups:
    """All phrases a conversation of this workspace can use: talk, endings, slots and the workspace's topics."""
    merged = {
        name: lines for file in ("talk", "endings", "slots", workspace) for name, lines in _read(language, file).items()
    }
    if language == "en":
        merged["steps"] = _read(language, "steps")[workspace]
    return merged


@cache
def fitting(language: str, workspace: str, path: str, problem: int | None) -> tuple[str, ...]:
    """The lines under a path such as "refund.fixed" that fit this problem of the topic; all where it is None."""
    group, _, key = path.partition(".")
    lines: list[str] = []
    for line in phrases(language, workspace)[group][key]:
        match = _FITS.match(line)
        if match is None or problem is None or str(problem) in match.group(1):
            lines.append(_FITS.sub("", line))
    return tuple(lines)


@cache
def _read(language: str, file: str) -> Groups:
    source = files("orchestration.sources.demo") / "phrases" / language / f"{file}.toml"
    return _GROUPS.validate_python(tomllib.loads(source.read_text(encoding="utf-8")))
