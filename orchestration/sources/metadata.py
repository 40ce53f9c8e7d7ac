"""What a helpdesk told that has no column of its own, as the JSON of `source_metadata`."""

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import cast


def metadata_json(facts: Mapping[str, object]) -> str | None:
    """The facts as JSON with sorted keys; None where there are none.

    Numbers that are none (NaN, infinity) become null, and NUL characters go: not every reader takes them.
    """
    return _json(facts) if facts else None


def _json(value: object) -> str:
    try:
        text = _dumped(value)
    except ValueError:  # NaN or infinity, which are no JSON
        return _dumped(_plain(value))
    return _dumped(_plain(value)) if "\\u0000" in text else text


def _dumped(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_as_text
    )


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    """The value with null for numbers that are none and without NUL characters, all the way down."""
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {str(key).replace("\0", ""): _plain(part) for key, part in pairs}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in cast("list[object]", value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.replace("\0", "") if isinstance(value, str) else value
