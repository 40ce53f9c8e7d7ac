"""Every way in which a record can be broken has a rule, names its place, and costs no other record."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAYS = frozenset({date(2026, 11, 2)})
SECRET = "tangerine-spoken-by-the-customer"
SENT = "2026-11-02T10:00:00Z"
EARLIER = "2026-11-01T10:00:00Z"
MESSAGE = {"author_type": "customer", "sent_at": SENT, "text": SECRET}
GOOD = {"conversation_id": "good", "messages": [MESSAGE]}


def outcomes(tmp_path: Path, *bad: bytes) -> tuple[list[Rejected], list[Conversation]]:
    """What becomes of broken lines between two good records, which must survive."""
    first, last = ({**GOOD, "conversation_id": name} for name in ("first", "last"))
    body = b"\n".join([json.dumps(first).encode(), *bad, json.dumps(last).encode()])
    (tmp_path / "drop.jsonl").write_bytes(body)
    found = list(FilesSource(str(tmp_path / "drop.jsonl"), "acme", lambda: NOW).extract(DAYS))
    kept = [c for c in found if isinstance(c, Conversation)]
    assert [kept[0].conversation_id, kept[-1].conversation_id] == ["first", "last"]
    return [r for r in found if isinstance(r, Rejected)], kept[1:-1]


BROKEN_LINES = [
    ("not_json", b'{"conversation_id": "1", "messages": [', "not one JSON value"),
    ("not_json", b"tangerine-spoken-by-the-customer", "not one JSON value"),
    ("not_json", b'{"a": 1} {"b": 2}', "not one JSON value"),
    ("not_json", b"[" * 100_000, "not one JSON value"),
    ("not_an_object", b'["conversation_id"]', "a JSON list"),
    ("not_an_object", b'"tangerine-spoken-by-the-customer"', "a JSON str"),
    ("not_an_object", b"null", "a JSON NoneType"),
    ("invalid_utf8", b'{"conversation_id": "\xff"}', "byte 22 of the line"),
    ("invalid_utf8", b'{"conversation_id": "\\ud83d"}', "half a character"),
]


@pytest.mark.parametrize(("rule", "line", "detail"), BROKEN_LINES)
def test_a_line_that_is_no_record_is_rejected_by_its_number(
    tmp_path: Path, rule: str, line: bytes, detail: str
) -> None:
    rejected, _ = outcomes(tmp_path, line)

    assert [(r.rule, r.record_ref, r.conversation_id, r.day) for r in rejected] == [(rule, "drop.jsonl:2", None, None)]
    assert detail in rejected[0].detail
    assert SECRET not in rejected[0].detail


DAY = date(2026, 11, 2)
ROBOT = {**MESSAGE, "author_type": SECRET}
BROKEN_RECORDS: list[tuple[str, str, date | None, dict[str, object]]] = [
    ("no_conversation_id", "missing", DAY, {"conversation_id": None}),
    ("no_conversation_id", "missing", DAY, {"conversation_id": " "}),
    ("no_conversation_id", "neither text nor", DAY, {"conversation_id": {"id": SECRET}}),
    ("no_conversation_id", "neither text nor", DAY, {"conversation_id": True}),
    ("no_conversation_id", "neither text nor", DAY, {"conversation_id": 2.0**60}),
    ("no_messages", "no field messages", None, {"messages": None}),
    ("no_messages", "an empty list", None, {"messages": []}),
    ("no_messages", "an empty list", DAY, {"messages": [], "created_at": SENT}),
    ("no_messages", "an empty list", None, {"messages": "[]"}),
    ("not_json", "messages: text that is no JSON array", None, {"messages": SECRET}),
    ("bad_value", "messages: dict", None, {"messages": {"text": SECRET}}),
    ("bad_value", "messages[1]: str", None, {"messages": [MESSAGE, SECRET]}),
    ("bad_value", "messages[0].text: int", DAY, {"messages": [{**MESSAGE, "text": 7}]}),
    ("unknown_author_type", "messages[1].author_type: str of 32 ", DAY, {"messages": [MESSAGE, ROBOT]}),
    ("unknown_author_type", "[0].author_type: str of 99 ", DAY, {"messages": [{**MESSAGE, "author_type": "x" * 99}]}),
    (
        "unknown_author_type",
        "messages[0].author_type: NoneType",
        DAY,
        {"messages": [{"sent_at": SENT, "text": SECRET}]},
    ),
    (
        "unknown_author_type",
        "messages[0].author_type: list",
        DAY,
        {"messages": [{**MESSAGE, "author_type": ["customer"]}]},
    ),
    ("bad_time", "messages[0].sent_at: str", None, {"messages": [{**MESSAGE, "sent_at": "yesterday"}]}),
    ("bad_time", "created_at: str", None, {"created_at": "2026-13-45T00:00:00Z"}),
    ("bad_time", "created_at: int", None, {"created_at": 1_793_000_000}),
    ("bad_time", "created_at: str", None, {"created_at": "1793000000"}),
    ("bad_time", "csat_rated_at: str", None, {"csat_rated_at": "0001-01-01T00:00:00+05:00"}),
    ("no_time", "no created_at", None, {"messages": [{"author_type": "customer", "text": SECRET}]}),
    ("time_in_future", "messages[0].sent_at", None, {"messages": [{**MESSAGE, "sent_at": "2026-11-12T00:00:00Z"}]}),
    ("time_in_future", "version_at", None, {"version_at": "2096-11-02T00:00:00Z"}),
    ("time_in_future", "created_at", DAY, {"version_at": SENT, "created_at": "2096-11-02T00:00:00Z"}),
    ("close_times_contradict", "without first_closed_at", DAY, {"state": "open", "last_closed_at": SENT}),
    ("close_times_contradict", "without first_closed_at", DAY, {"state": "snoozed", "last_closed_at": SENT}),
    ("close_times_contradict", "is before first_closed_at", DAY, {"first_closed_at": SENT, "last_closed_at": EARLIER}),
    ("close_times_contradict", "is before", DAY, {"first_closed_at": SENT, "last_closed_at": EARLIER, "state": "open"}),
    ("bad_value", "csat_rating: Input should be less", DAY, {"csat_rating": 6}),
    ("bad_value", "csat_rating: Input should be greater", DAY, {"csat_rating": 0}),
    ("bad_value", "csat_rating: Input should be a valid integer", DAY, {"csat_rating": 4.5}),
    ("bad_value", "csat_rating: bool", DAY, {"csat_rating": True}),
    ("bad_value", "csat_rating: Input should be a valid integer", DAY, {"csat_rating": SECRET}),
    ("bad_value", "vendor_cx_score: Input should be a valid number", DAY, {"vendor_cx_score": SECRET}),
    ("bad_value", "state: Input should be 'open', 'snoozed'", DAY, {"state": SECRET}),
    ("bad_value", "subject: Input should be a valid string", DAY, {"subject": [SECRET]}),
    ("bad_value", "customer_id: dict", DAY, {"customer_id": {"name": SECRET}}),
    ("bad_value", "tags: dict", DAY, {"tags": {"a": SECRET}}),
    ("bad_value", "tags: a tag that", DAY, {"tags": [["a"]]}),
    ("bad_value", "messages[0].kind: Input should be", DAY, {"messages": [{**MESSAGE, "kind": SECRET}]}),
    ("bad_value", "(and 1 more)", DAY, {"state": "lost", "is_spam": "perhaps"}),
]


@pytest.mark.parametrize(("rule", "detail", "day", "change"), BROKEN_RECORDS)
def test_a_broken_record_is_rejected_with_its_rule_its_place_and_none_of_its_text(
    tmp_path: Path, rule: str, detail: str, day: date | None, change: dict[str, object]
) -> None:
    rejected, _ = outcomes(tmp_path, json.dumps({**GOOD, **change}).encode())

    assert [(r.rule, r.day) for r in rejected] == [(rule, day)]
    assert rejected[0].record_ref == "drop.jsonl:2"
    assert detail in rejected[0].detail
    assert SECRET not in rejected[0].detail


def test_a_rejection_names_the_conversation_its_source_and_its_workspace(tmp_path: Path) -> None:
    bad = {**GOOD, "conversation_id": 17, "source": "mail", "workspace_id": "other", "csat_rating": 9}

    (rejected,), _ = outcomes(tmp_path, json.dumps(bad).encode())

    assert (rejected.workspace_id, rejected.source, rejected.conversation_id) == ("other", "mail", "17")


def test_a_record_that_names_no_source_or_workspace_is_rejected_under_the_settings(tmp_path: Path) -> None:
    (rejected,), _ = outcomes(tmp_path, b"{}")

    assert (rejected.workspace_id, rejected.source, rejected.rule) == ("acme", "files", "no_conversation_id")


STRANGE_BUT_GOOD = [
    ("two megabytes", "🙂 long " * 250_000),
    ("emoji and skin tones", "👩🏽‍🚒 merci 🎉"),
    ("right to left", "شكرا جزيلا \u202eabc\u202c תודה"),
    ("line separators inside a text", "one\u2028two\u0085three\r\nfour"),
]


@pytest.mark.parametrize("text", [text for _, text in STRANGE_BUT_GOOD], ids=[name for name, _ in STRANGE_BUT_GOOD])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_strange_text_comes_through_unchanged(tmp_path: Path, text: str, ascii_only: bool) -> None:
    odd = {"conversation_id": "odd", "messages": [{**MESSAGE, "text": text}]}

    rejected, (kept,) = outcomes(tmp_path, json.dumps(odd, ensure_ascii=ascii_only).encode())

    assert rejected == []
    assert kept.messages[0].text == text


def test_nul_characters_are_taken_out_everywhere_and_that_is_told(tmp_path: Path) -> None:
    odd = {
        "conversation_id": "o\0dd",
        "subject": "Pass\0word",
        "note": {"in\0ner": ["a\0b"]},
        "messages": [{**MESSAGE, "text": "he\0llo\0"}],
    }

    rejected, (kept,) = outcomes(tmp_path, json.dumps(odd).encode())

    assert rejected == []
    assert (kept.conversation_id, kept.subject, kept.messages[0].text) == ("odd", "Password", "hello")
    assert json.loads(kept.source_metadata or "") == {"note": {"inner": ["ab"]}, "nul_removed": True}
