"""CSV and Parquet: one row per conversation, streamed, with the types and the damage such files come with."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.sources.files.parquet_rows import PARQUET_BATCH_ROWS
from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation

DAY = date(2026, 11, 2)
SENT = datetime(2026, 11, 2, 10, 0, 0, 123456, tzinfo=UTC)
MESSAGES = [{"author_type": "customer", "sent_at": SENT.isoformat(), "text": 'Say "hi",\nplease 🙂'}]


def extract(path: Path) -> tuple[list[Conversation], list[Rejected]]:
    outcomes = list(
        FilesSource(str(path), "acme", lambda: datetime(2026, 11, 10, tzinfo=UTC)).extract(frozenset({DAY}))
    )
    return [o for o in outcomes if isinstance(o, Conversation)], [o for o in outcomes if isinstance(o, Rejected)]


def csv_file(path: Path, *rows: dict[str, object]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), newline="")
    return path


def row(conversation_id: str, **fields: object) -> dict[str, object]:
    return {"conversation_id": conversation_id, "messages": json.dumps(MESSAGES), **fields}


def test_a_csv_row_is_a_conversation_with_typed_fields(tmp_path: Path) -> None:
    fields = {"csat_rating": 4, "is_test": "true", "language": "", "tags": "a,b", "vendor_cx_score": "3.5", "plan": "x"}

    (found,), rejected = extract(csv_file(tmp_path / "drop.csv", row("007", **fields)))

    assert rejected == []
    assert found.conversation_id == "007"
    assert (found.csat_rating, found.is_test, found.language, found.tags) == (4, True, None, ("a", "b"))
    assert (found.vendor_cx_score, found.source_metadata) == (3.5, '{"plan":"x"}')
    assert found.messages[0].text == MESSAGES[0]["text"]
    assert found.version_at == SENT


def test_a_csv_with_a_byte_order_mark_and_a_message_of_two_megabytes_is_read(tmp_path: Path) -> None:
    long = json.dumps([{**MESSAGES[0], "text": "word " * 400_000}])
    path = csv_file(tmp_path / "drop.csv", {"conversation_id": "1", "messages": long})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    (found,), rejected = extract(path)

    assert rejected == []
    assert len(found.messages[0].text) == 2_000_000


def test_broken_csv_rows_are_named_by_the_line_they_begin_on_and_cost_no_other(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "drop.csv", row("1"), row("2"))
    first, second = path.read_bytes().split(b"\r\n2,")
    broken = b'\r\n"x"y,z\r\na,b,c\r\n\xff,[]\r\nbad,{\r\n\r\n2,'
    path.write_bytes(first.replace(b"please", b"pl\nease") + broken + second)

    found, rejected = extract(path)

    assert [c.conversation_id for c in found] == ["2"]
    assert [(r.record_ref, r.rule) for r in rejected] == [
        ("drop.csv:2", "not_json"),
        ("drop.csv:4", "not_csv"),
        ("drop.csv:5", "not_csv"),
        ("drop.csv:6", "invalid_utf8"),
        ("drop.csv:7", "not_json"),
    ]
    assert rejected[2].detail == "3 fields where the header names 2"


def test_a_quote_left_open_is_told_and_what_came_before_is_kept(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "drop.csv", row("1"))
    path.write_bytes(path.read_bytes() + b'2,"[]\r\n3,[]\r\n')

    found, rejected = extract(path)

    assert [c.conversation_id for c in found] == ["1"]
    assert [(r.record_ref, r.rule) for r in rejected] == [("drop.csv:3", "not_csv")]


def test_a_csv_header_that_is_no_text_rejects_the_file_once(tmp_path: Path) -> None:
    path = tmp_path / "drop.csv"
    path.write_bytes(b"conversation_id,\xff\r\n1,[]\r\n")

    assert [(r.record_ref, r.rule) for r in extract(path)[1]] == [("drop.csv:1", "invalid_utf8")]


def parquet_file(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=100)
    return path


def structs(unit: str = "us") -> pa.Array:
    kind = pa.struct({"author_type": pa.string(), "sent_at": pa.timestamp(unit, "UTC"), "text": pa.string()})
    return pa.array([[{**MESSAGES[0], "sent_at": SENT}]], pa.list_(kind))


@pytest.mark.parametrize(
    "messages",
    [
        pa.array([json.dumps(MESSAGES)]),
        pa.array([json.dumps(MESSAGES)], pa.large_string()),
        pa.array([json.dumps(MESSAGES).encode()], pa.binary()),
        pa.array([json.dumps(MESSAGES)]).dictionary_encode(),
        structs(),
        structs("ns"),
        structs("ms"),
    ],
    ids=["text", "large text", "bytes", "dictionary", "structs", "nanoseconds", "milliseconds"],
)
def test_parquet_messages_are_lists_of_structs_or_text_with_a_json_array(tmp_path: Path, messages: pa.Array) -> None:
    (found,), rejected = extract(parquet_file(tmp_path / "drop.parquet", conversation_id=[7], messages=messages))

    assert rejected == []
    assert found.conversation_id == "7"
    assert found.messages[0].text == MESSAGES[0]["text"]
    assert found.version_at.replace(microsecond=0) == SENT.replace(microsecond=0)


def test_parquet_columns_of_any_type_are_read_or_kept_as_metadata(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path / "drop.parquet",
        conversation_id=pa.array([7.0, None]),
        messages=[MESSAGES, MESSAGES],
        created_at=pa.array([datetime(2026, 11, 1), None], pa.timestamp("ns")),  # noqa: DTZ001 - naive on purpose
        csat_rating=pa.array([float("nan"), 3.0]),
        tags=pa.array([["a"], None]),
        price=pa.array([3, None], pa.decimal128(9, 2)),
        born=pa.array([date(2000, 1, 2), None]),
    )

    (found,), rejected = extract(path)

    assert (found.conversation_id, found.csat_rating, found.tags) == ("7", None, ("a",))
    assert found.created_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert found.source_metadata == '{"born":"2000-01-02","price":"3.00"}'
    assert [(r.record_ref, r.rule) for r in rejected] == [("drop.parquet:2", "no_conversation_id")]


def test_a_parquet_row_with_text_that_is_none_is_rejected_alone(tmp_path: Path) -> None:
    ids = pa.array([b"1", b"\xff", b"3"]).cast(pa.string(), safe=False)

    found, rejected = extract(parquet_file(tmp_path / "drop.parquet", conversation_id=ids, messages=[MESSAGES] * 3))

    assert [c.conversation_id for c in found] == ["1", "3"]
    assert [(r.record_ref, r.rule) for r in rejected] == [("drop.parquet:2", "invalid_utf8")]


def test_a_parquet_file_of_several_batches_is_read_to_its_end(tmp_path: Path) -> None:
    count = PARQUET_BATCH_ROWS * 2 + 5
    path = parquet_file(tmp_path / "drop.parquet", conversation_id=list(range(count)), messages=[MESSAGES] * count)

    found, rejected = extract(path)

    assert rejected == []
    assert [c.conversation_id for c in found] == [str(n) for n in range(count)]


def test_an_empty_parquet_table_gives_nothing(tmp_path: Path) -> None:
    assert extract(parquet_file(tmp_path / "drop.parquet", conversation_id=pa.array([], pa.string()))) == ([], [])


@pytest.mark.parametrize("damage", ["cut", "page", "empty"])
def test_a_damaged_parquet_file_is_told_and_the_next_file_is_read(tmp_path: Path, damage: str) -> None:
    path = parquet_file(tmp_path / "a.parquet", conversation_id=list(range(900)), messages=[MESSAGES] * 900)
    whole = path.read_bytes()
    middle = len(whole) // 3
    broken = {"cut": whole[:middle], "empty": b"", "page": whole[:middle] + bytes(200) + whole[middle + 200 :]}
    path.write_bytes(broken[damage])
    csv_file(tmp_path / "b.csv", row("after"))

    found, rejected = extract(tmp_path)

    assert found[-1].conversation_id == "after"
    assert [r.rule for r in rejected] == ["damaged_file"]
    assert rejected[0].record_ref == f"a.parquet:{len(found)}"
