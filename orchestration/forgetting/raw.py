"""Taking a person out of the raw pages of a helpdesk, which are kept unmasked.

A page is JSON. What lies in its lists and names the person or one of their conversations goes, the rest of the page
stays; a page that is about them alone, by its address or outside its lists, goes whole.
"""

import gzip
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import JsonValue
from pydantic_core import from_json, to_json
from upath import UPath


def remove_from_pages(folder: UPath, ids: frozenset[str]) -> int:
    """Rewrites the files of pages below a folder; returns how many pages were changed or removed."""
    changed = 0
    for path in sorted(folder.rglob("*.jsonl.gz")):
        lines = gzip.decompress(path.read_bytes()).splitlines()
        kept = [_without(line, ids) for line in lines]
        differing = sum(new != old for new, old in zip(kept, lines, strict=True))
        if differing:
            partial = path.with_name(f".{path.name}.tmp")
            partial.write_bytes(gzip.compress(b"".join(line + b"\n" for line in kept if line), 6))
            partial.rename(path)
            changed += differing
    return changed


def _without(line: bytes, ids: frozenset[str]) -> bytes:
    """A page's line as it is where it names nobody, without what names them, or empty."""
    page: dict[str, str] = from_json(line)
    if ids.intersection(urlsplit(page["url"]).path.split("/")):
        return b""
    try:
        body: JsonValue = from_json(page["body"])
    except ValueError:
        return b"" if any(one in page["body"] for one in ids) else line
    if not _names(body, ids):
        return line
    if isinstance(body, dict):
        body = {key: _list_without(value, ids) for key, value in body.items()}
    body = _list_without(body, ids)
    return b"" if _names(body, ids) else to_json({**page, "body": to_json(body).decode()})


def _list_without(value: JsonValue, ids: frozenset[str]) -> JsonValue:
    return [item for item in value if not _names(item, ids)] if isinstance(value, list) else value


def _names(value: JsonValue, ids: frozenset[str]) -> bool:
    return any(str(scalar) in ids for scalar in _scalars(value))


def _scalars(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    else:
        yield value
