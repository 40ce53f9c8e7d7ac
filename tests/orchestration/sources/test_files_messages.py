"""The times and the messages of a good record: defaults, order, ids, and what is told about changes."""

import json
from datetime import UTC, date, datetime

import pytest

from orchestration.sources.files.record import draft, to_conversation
from scoring_ops.conversation import Conversation
from scoring_ops.transcript import transcribe

LATEST = datetime(2027, 1, 1, tzinfo=UTC)
SENT = "2026-11-02T10:00:00Z"


def message(**fields: object) -> dict[str, object]:
    return {"author_type": "customer", "sent_at": SENT, "text": "Hello", **fields}


def read(**fields: object) -> Conversation:
    return to_conversation(draft({"conversation_id": "7", "messages": [message()], **fields}), "acme", LATEST)


def metadata(conversation: Conversation) -> object:
    return json.loads(conversation.source_metadata or "null")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_any_other_time_the_last_message_closes_and_dates_the_version() -> None:
    conversation = read(
        created_at="2026-11-01T00:00:00Z", messages=[message(), message(sent_at="2026-11-02T11:30:00+01:00")]
    )

    last = utc("2026-11-02T10:30:00")
    assert (conversation.first_closed_at, conversation.last_closed_at, conversation.version_at) == (last, last, last)


def test_without_times_of_messages_creation_closes_and_dates_the_version() -> None:
    conversation = read(created_at="2026-11-01T00:00:00Z", messages=[message(sent_at=None)])

    created = utc("2026-11-01T00:00:00")
    assert {conversation.first_closed_at, conversation.last_closed_at, conversation.version_at} == {created}
    assert conversation.messages[0].sent_at is None


def test_an_open_conversation_gets_a_version_but_no_closing_time() -> None:
    conversation = read(state="open")

    assert (conversation.first_closed_at, conversation.last_closed_at) == (None, None)
    assert conversation.version_at == utc("2026-11-02T10:00:00")


def test_a_later_rating_without_a_version_dates_a_new_version_and_leaves_the_close() -> None:
    rated = read(csat_rating=4, csat_rated_at="2026-11-05T10:00:00Z")

    assert rated.version_at == utc("2026-11-05T10:00:00")
    assert rated.first_closed_at == utc("2026-11-02T10:00:00")


def test_one_closing_time_stands_for_the_other() -> None:
    assert read(last_closed_at="2026-11-04T00:00:00Z").first_closed_at == utc("2026-11-04T00:00:00")
    assert read(first_closed_at="2026-11-04T00:00:00Z").last_closed_at == utc("2026-11-04T00:00:00")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02T10:00:00Z",
        "2026-11-02T10:00:00z",
        "2026-11-02T12:00:00+02:00",
        "2026-11-02 10:00:00",
        "2026-11-02 10:00:00 UTC",
        " 2026-11-02T10:00:00.000000000Z ",
        datetime(2026, 11, 2, 10),  # noqa: DTZ001 - a naive time is the case
    ],
)
def test_times_are_utc_where_they_name_no_offset(text: object) -> None:
    assert read(version_at=text).version_at == utc("2026-11-02T10:00:00")


def test_a_plain_date_is_its_midnight_in_utc() -> None:
    assert read(created_at="2026-11-02").created_at == utc("2026-11-02T00:00:00")
    assert read(created_at=date(2026, 11, 2)).created_at == utc("2026-11-02T00:00:00")


def test_messages_out_of_order_are_sorted_by_time_keep_ties_as_listed_and_that_is_told() -> None:
    conversation = read(
        messages=[message(text="b"), message(text="c"), message(text="a", sent_at="2026-11-02T09:00:00Z")]
    )

    assert [(m.text, m.position, m.message_id) for m in conversation.messages] == [
        ("a", 0, "1"),
        ("b", 1, "2"),
        ("c", 2, "3"),
    ]
    assert metadata(conversation) == {"messages_reordered": True}


def test_messages_of_which_one_has_no_time_stay_as_listed() -> None:
    conversation = read(
        messages=[message(text="b"), message(text="c", sent_at=None), message(text="a", sent_at="2026-11-02T09:00:00Z")]
    )

    assert [m.text for m in conversation.messages] == ["b", "c", "a"]
    assert conversation.source_metadata is None


def test_positions_order_messages_that_have_no_times() -> None:
    conversation = read(
        created_at=SENT,
        messages=[message(text="b", position=5, sent_at=None), message(text="a", position=2, sent_at=None)],
    )

    assert [(m.text, m.position) for m in conversation.messages] == [("a", 0), ("b", 1)]


def test_system_messages_are_no_words_of_anybody_unless_the_record_says_so() -> None:
    silent, loud = read(
        messages=[
            message(author_type="system"),
            message(author_type="system", is_public=True, kind="comment"),
        ]
    ).messages

    assert (silent.is_public, silent.kind, silent.is_spoken) == (False, "other", False)
    assert (loud.is_public, loud.kind, loud.is_spoken) == (True, "comment", True)


def test_missing_and_null_texts_are_empty_and_say_nothing() -> None:
    conversation = read(messages=[message(text=None), {"author_type": "customer", "sent_at": SENT}])

    assert [m.text for m in conversation.messages] == ["", ""]
    assert transcribe(conversation).turns == ()


def test_numeric_ids_become_text_whatever_the_writer_made_of_them() -> None:
    conversation = read(
        conversation_id=90071992547409931,
        customer_id=12.0,
        account_id=-3,
        messages=[message(message_id=8, author_id=5)],
    )

    assert (conversation.conversation_id, conversation.customer_id, conversation.account_id) == (
        "90071992547409931",
        "12",
        "-3",
    )
    assert (conversation.messages[0].message_id, conversation.messages[0].author_id) == ("8", "5")


def test_repeated_message_ids_are_replaced_by_numbers_and_that_is_told() -> None:
    conversation = read(messages=[message(message_id="x"), message(message_id="x"), message()])

    assert [m.message_id for m in conversation.messages] == ["1", "2", "3"]
    assert metadata(conversation) == {"message_ids_replaced": True}


def test_a_missing_message_id_never_takes_that_of_another_message() -> None:
    conversation = read(messages=[message(message_id="2"), message()])

    assert [m.message_id for m in conversation.messages] == ["1", "2"]


def test_unknown_fields_of_messages_are_named_but_their_unmasked_text_is_not_kept() -> None:
    conversation = read(messages=[message(html="<b>jo@example.com</b>"), message(attachments=[1])])

    assert metadata(conversation) == {"message_fields_left_out": ["attachments", "html"]}
