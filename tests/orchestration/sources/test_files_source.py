"""Which files a path names, how a pass serves several days, and what becomes of damaged files."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from upath import UPath

from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Rejected, SourceError
from scoring_ops.conversation import Conversation

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAYS = frozenset(date(2026, 11, day) for day in range(1, 12))


def record(conversation_id: str, day: int = 2, **fields: object) -> dict[str, object]:
    sent = f"2026-11-{day:02d}T10:00:00Z"
    return {
        "conversation_id": conversation_id,
        "messages": [{"author_type": "customer", "sent_at": sent, "text": "Where is my parcel?"}],
        **fields,
    }


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def extract(path: object, days: frozenset[date] = DAYS) -> tuple[list[Conversation], list[Rejected]]:
    outcomes = list(FilesSource(str(path), "acme", lambda: NOW).extract(days))
    return (
        [o for o in outcomes if isinstance(o, Conversation)],
        [o for o in outcomes if isinstance(o, Rejected)],
    )


def ids(path: object, days: frozenset[date] = DAYS) -> list[str]:
    found, rejected = extract(path, days)
    assert rejected == []
    return [c.conversation_id for c in found]


def test_the_source_is_chosen_by_the_setting_files() -> None:
    assert FilesSource("drop", "acme", lambda: NOW).name == "files"


def test_a_folder_gives_every_kind_of_file_below_it_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "c.jsonl").write_bytes(lines(record("3")))
    (tmp_path / "b" / "x.ndjson").write_bytes(lines(record("2")))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines(record("1"))))
    (tmp_path / "D.NDJSON.GZ").write_bytes(gzip.compress(lines(record("0"))))
    (tmp_path / "notes.txt").write_text("not a drop")
    (tmp_path / ".c.jsonl").write_text("a half-copied file")

    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_an_object_store_is_read_like_a_folder() -> None:
    folder = UPath("memory://files-source-test/drop")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "one.jsonl.gz").write_bytes(gzip.compress(lines(record("1"), record("2"))))

    assert ids("memory://files-source-test/drop") == ["1", "2"]
    assert ids("memory://files-source-test/drop/one.jsonl.gz") == ["1", "2"]


@pytest.mark.parametrize("path", ["nowhere", "nowhere.jsonl"])
def test_a_missing_path_is_an_error_before_any_record_and_names_the_setting(tmp_path: Path, path: str) -> None:
    source = FilesSource(str(tmp_path / path), "acme", lambda: NOW)

    with pytest.raises(SourceError, match=f"CX_FILES_PATH: no such file or folder: .*{path}"):
        source.extract(DAYS)


def test_a_path_without_any_readable_kind_is_an_error_that_lists_the_kinds(tmp_path: Path) -> None:
    (tmp_path / "drop.xlsx").write_bytes(b"PK")

    with pytest.raises(SourceError, match=r"CX_FILES_PATH: .*drop\.xlsx holds no file of the kinds \*\.jsonl, .*csv"):
        extract(tmp_path / "drop.xlsx")
    with pytest.raises(SourceError, match="holds no file"):
        extract(tmp_path)


def test_a_file_that_cannot_be_opened_is_an_error_and_not_a_gap(tmp_path: Path) -> None:
    (tmp_path / "gone.jsonl").write_bytes(lines(record("1")))
    outcomes = FilesSource(str(tmp_path), "acme", lambda: NOW).extract(DAYS)
    (tmp_path / "gone.jsonl").unlink()

    with pytest.raises(SourceError, match=r"CX_FILES_PATH: cannot read .*gone\.jsonl: No such file"):
        list(outcomes)


def test_one_pass_gives_the_asked_days_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "drop.jsonl").write_bytes(lines(*(record(str(day), day) for day in range(1, 8))))

    assert ids(tmp_path, frozenset({date(2026, 11, 2), date(2026, 11, 5)})) == ["2", "5"]


def test_a_bad_record_is_rejected_by_the_pass_of_its_own_day_alone(tmp_path: Path) -> None:
    (tmp_path / "drop.jsonl").write_bytes(lines(record("1", 2, csat_rating=9)))

    _, rejected = extract(tmp_path, frozenset({date(2026, 11, 2)}))
    assert [(r.rule, r.day) for r in rejected] == [("bad_value", date(2026, 11, 2))]
    assert extract(tmp_path, frozenset({date(2026, 11, 3)})) == ([], [])


def test_a_bad_record_of_no_known_day_is_rejected_by_every_pass(tmp_path: Path) -> None:
    (tmp_path / "drop.jsonl").write_bytes(lines(record("1", messages=[{"author_type": "customer", "text": "Hi"}])))

    for day in (2, 3):
        _, rejected = extract(tmp_path, frozenset({date(2026, 11, day)}))
        assert [(r.rule, r.day) for r in rejected] == [("no_time", None)]


def test_the_same_version_twice_keeps_the_first_and_rejects_the_second(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(record("1", subject="first")))
    (tmp_path / "b.jsonl").write_bytes(lines(record("1", subject="second"), record("2")))

    found, rejected = extract(tmp_path)

    assert [(c.conversation_id, c.subject) for c in found] == [("1", "first"), ("2", None)]
    assert [(r.record_ref, r.rule, r.conversation_id) for r in rejected] == [("b.jsonl:1", "duplicate_id", "1")]


def test_another_version_and_another_source_or_workspace_are_no_duplicates(tmp_path: Path) -> None:
    same = [record("1", 2), record("1", 3), record("1", 2, source="mail"), record("1", 2, workspace_id="other")]
    (tmp_path / "drop.jsonl").write_bytes(lines(*same))

    assert ids(tmp_path) == ["1"] * 4


def test_a_duplicate_after_a_broken_record_is_the_first_good_one(tmp_path: Path) -> None:
    (tmp_path / "drop.jsonl").write_bytes(lines(record("1", csat_rating=9), record("1")))

    found, rejected = extract(tmp_path)

    assert [c.conversation_id for c in found] == ["1"]
    assert [r.rule for r in rejected] == ["bad_value"]


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_nothing(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + lines(record("1")).replace(b"\n", b"\r\n") + b"\r\n   \n\n" + lines(record("2")).rstrip()
    (tmp_path / "drop.jsonl").write_bytes(body)

    assert ids(tmp_path) == ["1", "2"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.csv"])
def test_an_empty_file_gives_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")

    assert extract(tmp_path) == ([], [])


def test_a_truncated_gzip_gives_what_came_before_and_the_files_after_it(tmp_path: Path) -> None:
    noise = [record(str(n), remark="".join(chr(33 + (n * k) % 90) for k in range(300))) for n in range(400)]
    whole = gzip.compress(lines(*noise))
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.jsonl").write_bytes(lines(record("after")))

    found, rejected = extract(tmp_path)

    kept = len(found) - 1
    assert 100 < kept < 300
    assert [c.conversation_id for c in found] == [*(str(n) for n in range(kept)), "after"]
    assert [(r.rule, r.record_ref, r.day) for r in rejected] == [("truncated_file", f"a.jsonl.gz:{kept + 1}", None)]


def test_damage_inside_a_gzip_and_a_file_that_is_none_are_told_apart_from_an_early_end(tmp_path: Path) -> None:
    body = bytearray(gzip.compress(lines(record("1"))))
    body[-6] ^= 0xFF
    (tmp_path / "checksum.jsonl.gz").write_bytes(bytes(body))
    (tmp_path / "plain.jsonl.gz").write_bytes(lines(record("2")))

    found, rejected = extract(tmp_path)

    assert [c.conversation_id for c in found] == ["1"]
    assert [(r.record_ref, r.rule) for r in rejected] == [
        ("checksum.jsonl.gz:2", "damaged_file"),
        ("plain.jsonl.gz:1", "damaged_file"),
    ]


def test_a_time_within_a_day_from_now_is_no_future(tmp_path: Path) -> None:
    soon = NOW + timedelta(hours=23)
    (tmp_path / "drop.jsonl").write_bytes(lines(record("1", version_at=soon.isoformat())))

    assert ids(tmp_path) == ["1"]
