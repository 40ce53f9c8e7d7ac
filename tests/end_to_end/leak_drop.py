"""A drop of files with something secret in every field that can hold text, and words that no judge may read.

Everything is made from one seed. Each pair of a place and a kind of secret stands in exactly one conversation, in a
sentence of its own, so that a finding names both.
"""

import json
import random
from pathlib import Path
from typing import NamedTuple

from tests.end_to_end.leak_secrets import KINDS, Planted, Planter

DAY = "2024-05-06"
CONVERSATIONS = 14

# Who says what in which kind of message; what a judge may read comes first.
SPOKEN = {
    "customer comment": {"author_type": "customer"},
    "human_agent comment": {"author_type": "human_agent"},
    "ai_agent comment": {"author_type": "ai_agent"},
    "call transcript": {"author_type": "customer", "kind": "call_transcript"},
}
UNSPOKEN = {
    "note": {"author_type": "human_agent", "kind": "note", "is_public": False},
    "survey request": {"author_type": "bot", "kind": "rating_request"},
    "survey answer": {"author_type": "customer", "kind": "rating"},
    "bot comment": {"author_type": "bot"},
    "system comment": {"author_type": "system"},
    "redacted": {"author_type": "customer", "redacted": True},
    "private comment": {"author_type": "human_agent", "is_public": False},
    **{kind: {"author_type": "human_agent", "kind": kind} for kind in ("assignment", "handoff", "close", "reopen")},
    "other": {"author_type": "customer", "kind": "other"},
}
FIELDS = ("subject", "topic", "tag", "csat_remark")
METADATA = ("vendor explanation", "human label", "meta", "nested", "listed", "key", "message field", "unknown field")
PLACES = (*SPOKEN, *UNSPOKEN, *FIELDS, *METADATA)
IDS = ("conversation_id", "customer_id", "account_id", "author_id", "message_id", "team")


class Drop(NamedTuple):
    """The files, and what was planted in them; `markers` are words that a judge reads and quotes."""

    secrets: tuple[Planted, ...]
    words: tuple[Planted, ...]
    markers: tuple[str, ...]


def write_drop(folder: Path, seed: int) -> Drop:
    """Writes a drop in which every place holds every kind of secret once, and a word of its own each time."""
    planter = Planter(random.Random(seed))
    markers = tuple(planter.word("marker") for _ in range(CONVERSATIONS))
    records = [_record(planter, number, marker) for number, marker in enumerate(markers)]
    lines = [json.dumps(record) for record in [*records, *_broken(planter)]]
    lines.append('{"conversation_id": "torn", "subject": "' + planter.secret("torn line", "email"))
    folder.mkdir()
    (folder / "drop.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return Drop(tuple(planter.secrets), tuple(w for w in planter.words if w.place != "marker"), markers)


def _record(planter: Planter, number: int, marker: str) -> dict[str, object]:
    said = {place: _sentences(planter, place, n, number) for n, place in enumerate(PLACES)}
    ids = {name: planter.word(name) for name in IDS}
    said["customer comment"] = f"My parcel {marker} did not arrive. {said['customer comment']}"
    messages = [
        {"sent_at": f"{DAY}T10:{n:02}:00Z", "text": said[place], "author_id": ids["author_id"]} | fields
        for n, (place, fields) in enumerate((SPOKEN | UNSPOKEN).items())
    ]
    messages[0] |= {"message_id": ids["message_id"], "inner thoughts": said["message field"]}
    meta = {"meta": said["meta"], "nested": {"a": [{"b": said["nested"]}]}, "listed": [said["listed"], 7, None]}
    return {
        **{name: ids[name] for name in ("conversation_id", "customer_id", "account_id", "team")},
        "channel": "email",
        "language": ("en", "de", "zh")[number % 3],
        "messages": messages,
        **{name: said[name] for name in ("subject", "topic", "csat_remark")},
        "tags": ["vip", said["tag"]],
        "csat_rating": 1 + number % 5,
        "vendor_cx_score": 3.5,
        "source_metadata": {**meta, said["key"]: 1, "vendor_explanation": said["vendor explanation"]},
        "human_label": {"by": said["human label"]},
        "unknown": said["unknown field"],
    }


def _sentences(planter: Planter, place: str, n: int, number: int) -> str:
    """A word, then the secrets whose turn it is at this place in this conversation."""
    kinds = [kind for k, kind in enumerate(KINDS) if (n + k) % CONVERSATIONS == number]
    return " ".join([f"About {planter.word(place)} now.", *(planter.secret(place, kind) for kind in kinds)])


def _broken(planter: Planter) -> list[dict[str, object]]:
    """Records that are refused, with secrets where the fault is."""

    def message(**fields: object) -> dict[str, object]:
        return {"author_type": "customer", "sent_at": f"{DAY}T10:00:00Z", "text": "hello", **fields}

    def wrong(place: str) -> str:
        return planter.secret(place, "email") + " " + planter.secret(place, "password") + " " + planter.word(place)

    return [
        {"conversation_id": "b1", "messages": [message(author_type=wrong("broken author"))]},
        {"conversation_id": "b2", "messages": [message(sent_at=wrong("broken time"))]},
        {"conversation_id": "b3", "messages": [message(kind=wrong("broken kind"))]},
        {"conversation_id": "b4", "messages": [message()], "csat_rating": wrong("broken rating")},
        {"conversation_id": "b5", "messages": [message()], "state": wrong("broken state")},
        {"conversation_id": "b6", "messages": wrong("broken messages")},
        {"conversation_id": "b7", "messages": [message()], "tags": [{"a": wrong("broken tag")}]},
        {"conversation_id": "b8", "messages": [message(text=[wrong("broken text")])]},
        {"conversation_id": {"a": wrong("broken id")}, "messages": [message()]},
    ]
