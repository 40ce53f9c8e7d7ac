"""What a good record becomes: the short one, the full contract, and everything between them."""

import json
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from expectations.schemas.tables import polars_schema
from expectations.validation import validate_table
from orchestration.frames import conversation_row
from orchestration.sources.broken import Broken
from orchestration.sources.files.messages import listed_messages
from orchestration.sources.files.record import draft, to_conversation
from orchestration.sources.files.source import FilesSource
from scoring_ops.conversation import Conversation, State
from scoring_ops.transcript import transcribe

LATEST = datetime(2027, 1, 1, tzinfo=UTC)
SENT = "2026-11-02T10:00:00Z"


def message(**fields: object) -> dict[str, object]:
    return {"author_type": "customer", "sent_at": SENT, "text": "Hello", **fields}


def read(**fields: object) -> Conversation:
    return to_conversation(draft({"conversation_id": "7", "messages": [message()], **fields}), "acme", LATEST)


def metadata(conversation: Conversation) -> object:
    return json.loads(conversation.source_metadata or "null")


def test_the_short_record_keeps_all_it_says_and_invents_nothing() -> None:
    conversation = read(
        source="STAR",
        licence="MIT",
        language="en",
        channel="chat",
        agent_type="ai",
        created_at="2026-11-02T09:00:00+00:00",
        created_at_source="recorded",
        csat_rating=None,
        human_label={"score": 2},
        meta={"b": 1, "a": [True, None]},
        split="dev",
        messages=[message(turn=0), message(author_type="ai_agent", text="Hi", turn=1)],
    )

    assert conversation.identity == ("acme", "STAR", "7")
    assert (conversation.language, conversation.channel, conversation.state) == ("en", "chat", "closed")
    assert conversation.source_metadata == (
        '{"agent_type":"ai","created_at_source":"recorded","human_label":{"score":2},"licence":"MIT",'
        '"meta":{"a":[true,null],"b":1},"split":"dev"}'
    )
    assert [(m.message_id, m.position, m.is_public, m.kind) for m in conversation.messages] == [
        ("1", 0, True, "comment"),
        ("2", 1, True, "comment"),
    ]
    given = {"identity", "language", "channel", "created_at", "messages", "source_metadata", "state"}
    rest = conversation.model_dump(exclude_defaults=True).keys() - given
    assert rest == {"workspace_id", "source", "conversation_id", "version_at", "first_closed_at", "last_closed_at"}


FULL = Conversation.model_validate(
    {
        "workspace_id": "shop",
        "source": "zendesk",
        "conversation_id": "42",
        "version_at": "2026-11-03T08:00:00Z",
        "created_at": "2026-11-01T08:00:00Z",
        "first_closed_at": "2026-11-01T09:00:00Z",
        "last_closed_at": "2026-11-02T09:00:00Z",
        "state": "snoozed",
        "channel": "email",
        "language": "de",
        "subject": "Lieferung",
        "topic": "Versand",
        "team": "Süd",
        "tags": ["a", "b"],
        "customer_id": "c1",
        "account_id": "a1",
        "reopen_count": 1,
        "is_spam": True,
        "is_merged": True,
        "is_test": True,
        "initiated_by": "human_agent",
        "ai_agent_participated": True,
        "ai_resolution_state": "handoff",
        "ai_resolution_rescinded_at": "2026-11-01T10:00:00Z",
        "csat_requested_at": "2026-11-02T10:00:00Z",
        "csat_rating": 2,
        "csat_rated_at": "2026-11-02T11:00:00Z",
        "csat_scale": "1-5",
        "csat_remark": "nie wieder",
        "ai_csat_rating": 5,
        "vendor_cx_score": 3.5,
        "source_metadata": '{"licence":"MIT"}',
        "messages": [
            {
                "message_id": "m1",
                "position": 0,
                "sent_at": "2026-11-01T08:00:00Z",
                "author_type": "system",
                "author_id": "s9",
                "is_public": True,
                "kind": "close",
                "text": "closed",
                "redacted": True,
            }
        ],
    }
)


def test_a_record_of_the_full_contract_comes_back_field_for_field() -> None:
    record = json.loads(FULL.model_dump_json())
    assert all(value not in (None, "", [], False) for value in record.values())  # nothing left to a default

    assert to_conversation(draft(record), "acme", LATEST) == FULL


def test_a_conversation_written_out_and_read_again_is_the_same() -> None:
    first = read(licence="MIT", messages=[message(), message(sent_at="2026-11-01T10:00:00Z")])

    again = to_conversation(draft(json.loads(first.model_dump_json())), "else", LATEST)

    assert again == first


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": 1}, {"a": 1, "split": "dev"}),
        ('{"a": 1}', {"a": 1, "split": "dev"}),
        ({"split": "test"}, {"source_metadata": {"split": "test"}, "split": "dev"}),
        ("free text", {"source_metadata": "free text", "split": "dev"}),
        ([1], {"source_metadata": [1], "split": "dev"}),
    ],
)
def test_metadata_of_the_record_and_unknown_fields_are_both_kept(given: object, expected: object) -> None:
    assert metadata(read(source_metadata=given, split="dev")) == expected


def test_numbers_that_json_does_not_know_become_null_in_metadata_and_are_missing_in_fields() -> None:
    nan = float("nan")

    conversation = read(csat_rating=nan, meta={"x": nan, "y": [float("inf"), 1.5]})

    assert conversation.csat_rating is None
    assert metadata(conversation) == {"meta": {"x": None, "y": [None, 1.5]}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ()),
        ([], ()),
        (["a", None, 3], ("a", "3")),
        ("vip, late ,", ("vip", "late")),
        ('["vip", "a,b"]', ("vip", "a,b")),
    ],
)
def test_tags_come_from_a_list_or_from_text(given: object, expected: tuple[str, ...]) -> None:
    assert read(tags=given).tags == expected


def test_messages_may_come_as_text_that_holds_a_json_array() -> None:
    assert listed_messages('[{"text": "a"}]') == [{"text": "a"}]
    assert read(messages=json.dumps([message()])) == read()


def test_a_file_record_and_its_conversation_agree_on_the_transcript(tmp_path: Path) -> None:
    (tmp_path / "drop.jsonl").write_text(json.dumps({"conversation_id": "7", "messages": [message()]}))

    (found,) = FilesSource(str(tmp_path), "acme", lambda: LATEST).extract(frozenset({date(2026, 11, 2)}))

    assert isinstance(found, Conversation)
    assert [(t.number, t.author_type, t.text) for t in transcribe(found).turns] == [(1, "customer", "Hello")]


def test_whatever_closing_times_and_state_are_accepted_keep_the_rules_of_the_table() -> None:
    times = [None, "2026-11-01T09:00:00Z", SENT, "2026-11-03T09:00:00Z"]
    rows: list[dict[str, object]] = []
    refused: set[str] = set()
    for n, (state, first, last, created) in enumerate(product(get_args(State), times, times, times)):
        given = {"first_closed_at": first, "last_closed_at": last, "created_at": created}
        try:
            kept = read(conversation_id=str(n), state=state, **given)
            rows.append(conversation_row(kept, "0" * 64, LATEST, "run-1"))
        except Broken as broken:
            refused.add(broken.rule)
    outcome = validate_table("conversations", pl.DataFrame(rows, schema=polars_schema("conversations")))

    assert outcome.passed, outcome.summary
    # Of 16 pairs 3 run backwards; a last close alone, 3 more, is enough where the conversation is closed.
    assert len(rows) == 4 * (4 * 13 - 3 * 3)
    assert refused == {"close_times_contradict"}
