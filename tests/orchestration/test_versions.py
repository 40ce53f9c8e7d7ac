"""Reading a day version by version: the same as reading it whole, in the same order, and no more than asked for."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration import parquet_file
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.versions import UnsortedFile, stream_conversations
from scoring_ops.conversation import Conversation
from scoring_ops.transcript import transcribe
from tests.builders import HELLO, REPLY, START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
SAID = [(HELLO, REPLY), (HELLO,), (REPLY, HELLO, ("customer", "¿Dónde está? 👋🏽"), REPLY)]


def conversations() -> list[Conversation]:
    """Two workspaces, two versions of each conversation, ids whose order is not that of their numbers."""
    return [
        make_conversation(
            *SAID[n % 3],
            conversation_id=f"é{n}" if n % 5 == 0 else f"c{n}",
            workspace_id=workspace,
            version_at=START + timedelta(minutes=minutes, microseconds=n),
            created_at=None if n % 2 else START,
            tags=("a", "b")[: n % 3],
            csat_rating=n % 5 + 1,
        )
        for workspace in ("zeta", "acme")
        for n in range(12)
        for minutes in (5, 0)
    ]


def in_order(conversations: list[Conversation]) -> list[Conversation]:
    return sorted(conversations, key=lambda c: (*c.identity, c.version_at))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path / "lake"))
    extract_days(FakeSource(conversations()), lake, [DAY], "run-1")
    return lake


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that end within versions and between them."""
    monkeypatch.setattr(parquet_file, "ROW_GROUP", 3)


def flat(groups: Iterator[list[Conversation]]) -> list[Conversation]:
    return [conversation for group in groups for conversation in group]


@pytest.mark.parametrize("group", [1, 7, 48, 500])
def test_groups_of_any_size_give_the_day_in_the_order_of_versions(lake: Lake, group: int) -> None:
    groups = list(stream_conversations(lake, DAY, group=group))
    assert flat(iter(groups)) == in_order(conversations())
    assert {len(g) for g in groups[:-1]} <= {group}


@pytest.mark.usefixtures("small_batches")
def test_versions_cut_by_a_batch_are_whole(lake: Lake) -> None:
    assert flat(stream_conversations(lake, DAY, group=5)) == in_order(conversations())


def test_what_is_read_can_be_changed_and_checked_like_what_was_made(lake: Lake) -> None:
    (first, *_) = flat(stream_conversations(lake, DAY))
    assert Conversation.model_validate(first.model_dump()) == first
    assert first.model_copy(update={"channel": "chat"}).channel == "chat"
    assert hash(first) == hash(in_order(conversations())[0])


def test_files_in_one_big_row_group_are_read_as_well(lake: Lake) -> None:
    for table in ("conversations", "messages"):
        for path in lake.day_paths(table, DAY).values():
            pl.read_parquet(str(path)).write_parquet(str(path), compression="zstd")
    assert flat(stream_conversations(lake, DAY)) == in_order(conversations())


def test_only_the_versions_asked_for_are_read(lake: Lake) -> None:
    wanted = {transcribe(make_conversation(HELLO)).transcript_hash}
    found = flat(stream_conversations(lake, DAY, only=wanted.__contains__))
    assert found == [c for c in in_order(conversations()) if len(c.messages) == 1]
    assert list(stream_conversations(lake, DAY, only=lambda _: False)) == []


def test_a_conversation_without_messages_has_none(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    silent = make_conversation(conversation_id="silent").model_copy(update={"messages": ()})
    extract_days(FakeSource([silent]), lake, [DAY], "run-1")
    assert flat(stream_conversations(lake, DAY)) == [silent]


def test_messages_of_no_conversation_are_passed_over(lake: Lake) -> None:
    for path in lake.day_paths("conversations", DAY).values():
        frame = pl.read_parquet(str(path))
        frame.filter(pl.col("conversation_id") != "c3").write_parquet(str(path))
    assert flat(stream_conversations(lake, DAY)) == [c for c in in_order(conversations()) if c.conversation_id != "c3"]


def test_an_empty_day_has_no_groups(lake: Lake) -> None:
    assert list(stream_conversations(lake, DAY + timedelta(days=1))) == []


@pytest.mark.parametrize("table", ["conversations", "messages"])
def test_a_file_out_of_order_is_refused_and_not_half_read(lake: Lake, table: str) -> None:
    (path, *_) = lake.day_paths(table, DAY).values()  # pyright: ignore[reportArgumentType]
    pl.read_parquet(str(path)).reverse().write_parquet(str(path))
    with pytest.raises(UnsortedFile):
        flat(stream_conversations(lake, DAY))
