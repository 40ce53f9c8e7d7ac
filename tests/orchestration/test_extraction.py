"""Extraction: one pass, merged versions, masked texts, rejected records, and nothing else lost."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from expectations.schemas.tables import LakeTable
from expectations.validation import validate_table
from orchestration.extraction import Extracted, extract_days
from orchestration.lake import UNDATED, Lake
from orchestration.scoring import read_conversations
from orchestration.sources.protocol import Rejected, SourceError
from scoring_ops.conversation import Conversation
from tests.builders import START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
NEXT = DAY + timedelta(days=1)
TABLES: tuple[LakeTable, ...] = ("conversations", "messages", "rejected")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def extract(
    lake: Lake, records: Iterable[Conversation | Rejected], *days: date, hour: int = 1, run: str = "run-1"
) -> Extracted:
    seen = datetime(2025, 2, 1, hour, tzinfo=UTC)
    return extract_days(FakeSource(records), lake, days or (DAY,), run, clock=lambda: seen)


def rejected(day: date | None, ref: str = "drop.jsonl:7") -> Rejected:
    return Rejected("acme", "files", ref, None, "not_json", "line is not JSON", day)


def test_what_is_extracted_is_read_back_as_it_was(lake: Lake) -> None:
    conversation = make_conversation(
        ("customer", "مرحبا 👋🏽 where is it?"),
        ("ai_agent", "On its way."),
        tags=("a", "b"),
        csat_rating=4,
        source_metadata='{"x": 1}',
    )
    extract(lake, [conversation])
    assert read_conversations(lake, DAY) == [conversation]


def test_every_table_keeps_its_rules(lake: Lake) -> None:
    extract(lake, [make_conversation(), make_conversation(conversation_id="c2"), rejected(DAY)])
    for table in TABLES:
        outcome = validate_table(table, lake.read_day(table, DAY))
        assert outcome.passed, outcome.summary


def test_an_empty_day_is_counted_and_typed(lake: Lake) -> None:
    extracted = extract(lake, [], DAY, NEXT)
    assert extracted.versions == {DAY.isoformat(): 0, NEXT.isoformat(): 0}
    assert lake.read("conversations").is_empty()


def test_the_same_conversation_on_two_days_is_two_versions(lake: Lake) -> None:
    first = make_conversation()
    second = make_conversation(version_at=START + timedelta(days=1), csat_rating=5)
    extracted = extract(lake, [first, second], DAY, NEXT)
    assert extracted.versions == {DAY.isoformat(): 1, NEXT.isoformat(): 1}
    both = lake.read("conversations")
    assert both.height == 2
    assert both["transcript_hash"].n_unique() == 1


def test_a_version_that_a_later_pass_does_not_find_stays(lake: Lake) -> None:
    extract(lake, [make_conversation(), make_conversation(conversation_id="moved")])
    extract(lake, [make_conversation()], hour=2, run="run-2")
    rows = lake.read_day("conversations", DAY)
    assert sorted(rows["conversation_id"]) == ["c1", "moved"]
    assert lake.read_day("messages", DAY).height == 4
    assert {seen.hour for seen in rows["observed_at"]} == {1}


def test_a_version_seen_again_replaces_its_messages(lake: Lake) -> None:
    extract(lake, [make_conversation()])
    extract(lake, [make_conversation(("customer", "Only this is left of it."))])
    (conversation,) = read_conversations(lake, DAY)
    assert [m.text for m in conversation.messages] == ["Only this is left of it."]


def test_extracting_again_writes_identical_rows(lake: Lake) -> None:
    records = [make_conversation(), make_conversation(conversation_id="c2"), rejected(DAY), rejected(None)]
    extract(lake, records)
    before = {table: lake.checksum(table) for table in TABLES}
    extract(lake, records, hour=9, run="run-2")
    assert {table: lake.checksum(table) for table in TABLES} == before


def test_a_rejected_record_without_a_day_is_kept_apart(lake: Lake) -> None:
    extracted = extract(lake, [make_conversation(), rejected(None)])
    assert extracted.rejected == {"not_json": 1}
    assert len(list((lake.root / "rejected").rglob(f"{UNDATED}.parquet"))) == 1
    assert lake.read("rejected")["record_ref"].to_list() == ["drop.jsonl:7"]
    assert lake.read("conversations").height == 1


def test_only_masked_text_leaves_the_private_zone(lake: Lake) -> None:
    address = "maria.lopez@example.org"
    conversation = make_conversation(
        ("customer", f"Please write to {address} about my order."),
        ("human_agent", "I have written to you."),
        csat_remark=f"mail {address}",
    )
    extracted = extract(lake, [conversation])
    assert extracted.masked_texts == 2
    files = [path for path in lake.root.rglob("*.parquet") if "private" not in path.parts]
    assert files
    for table in TABLES:
        assert address not in lake.read(table).write_json()
    private = list(lake.private().rglob("*.parquet"))
    assert len(private) == 1
    (masked,) = read_conversations(lake, DAY)
    assert masked.messages[0].text == "Please write to [EMAIL_1] about my order."


def test_a_two_megabyte_message_is_kept_whole(lake: Lake) -> None:
    text = "word " * 400_000
    extract(lake, [make_conversation(("customer", text), ("human_agent", "Thank you for the details."))])
    (conversation,) = read_conversations(lake, DAY)
    assert conversation.messages[0].text == text


class Breaking(FakeSource):
    """A source whose connection is lost after its records."""

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        yield from super().extract(days)
        raise SourceError("connection lost")


def test_what_came_before_a_source_broke_off_is_kept_and_the_next_pass_completes_it(lake: Lake) -> None:
    records = [make_conversation(conversation_id=f"c{n}") for n in range(5)]
    with pytest.raises(SourceError):
        extract_days(Breaking([*records[:3], rejected(DAY)]), lake, [DAY], "run-1", group=4)
    assert sorted(lake.read_day("conversations", DAY)["conversation_id"]) == ["c0", "c1", "c2"]
    assert lake.read_day("rejected", DAY).height == 1
    extract(lake, records)
    assert read_conversations(lake, DAY) == records


def test_a_pass_in_small_groups_brings_what_a_pass_in_one_brings(lake: Lake, tmp_path: Path) -> None:
    records = [
        make_conversation(conversation_id=f"c{n}", version_at=START + timedelta(hours=n)) for n in (7, 3, 40, 1, 22, 30)
    ]
    whole = Lake(str(tmp_path / "whole"))
    told: list[int] = []
    extract_days(FakeSource(records), lake, [DAY, NEXT], "run", group=1, told=told.append)
    extract_days(FakeSource(records), whole, [DAY, NEXT], "run")
    assert {t: lake.checksum(t) for t in TABLES} == {t: whole.checksum(t) for t in TABLES}
    assert told == [1, 2, 3, 4, 5, 5]


def test_a_version_that_comes_twice_counts_once_as_it_came_last(lake: Lake) -> None:
    extract(lake, [make_conversation(), make_conversation(csat_rating=2)])
    (row,) = lake.read_day("conversations", DAY).to_dicts()
    assert row["csat_rating"] == 2
    assert lake.read_day("messages", DAY).height == 2
