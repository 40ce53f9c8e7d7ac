"""Reviews by people: sheets from the queue, answers beside the scores, labels from them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED, WARNING, WRONG_USE
from orchestration.extraction import extract_days
from orchestration.labels import labelled_set, read_labels
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.review.answers import import_reviews
from orchestration.scores import score_day
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from scoring_ops.ops import Chunk
from tests.builders import REPLY, START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
NOW = datetime(2025, 2, 1, tzinfo=UTC)
UNHAPPY = ("customer", "My parcel is broken, nobody helps, I want my money back. This is terrible service!")
Row = dict[str, Any]
NEVER_MADE = {"reason_position": 77, "dimension": "risk", "value": "x", "quote": "q", "is_supported": True}


@pytest.fixture
def lake() -> Lake:
    """Three conversations, judged and scored."""
    settings = load_settings()
    lake = Lake(settings.lake_url)
    lake.initialise()
    records = [make_conversation(UNHAPPY, REPLY, UNHAPPY, conversation_id=f"c{n}") for n in range(3)]
    extract_days(FakeSource(records), lake, [DAY], "run")
    with LakeScoringDesk(settings, lake) as desk:
        desk.judge(Chunk(DAY.isoformat(), 0, 1), "run", retry_failed=False)
        desk.write_judgements(DAY, "run")
    score_day(settings, lake, DAY, "run")
    return lake


def queue(*rows: tuple[str, str, int]) -> None:
    """A published calibration queue of (conversation, reason, rank) in which nothing has been reviewed."""
    settings = load_settings()
    settings.published_dir.mkdir(parents=True)
    scorer = Lake(settings.lake_url).read("conversation_scores")["scorer_version"][0]
    with duckdb.connect(str(settings.published_dir / MARTS_FILE)) as marts:
        marts.execute(
            "create table route_calibration_queue (workspace_id text, source text, conversation_id text, version_at "
            "timestamp, scorer_version text, reason text, week_start date, queue_rank int, is_blind boolean, "
            "is_reviewed boolean, route_key text)"
        )
        for name, reason, rank in rows:
            values = ["acme", "demo", name, START.replace(tzinfo=None), scorer, reason, DAY, rank]
            values += [reason == "random_control", False, name + reason]
            marts.execute(f"insert into route_calibration_queue values ({', '.join('?' * 11)})", values)


def run(*arguments: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(app, ["review", *arguments])
    assert done.exit_code == exit_code, done.output
    return done.output


def exported(tmp_path: Path, *options: str) -> list[Row]:
    run("export", "--out", str(tmp_path / "sheets.jsonl"), *options)
    return [json.loads(line) for line in (tmp_path / "sheets.jsonl").read_text(encoding="utf-8").splitlines()]


def answered(tmp_path: Path, *sheets: Row) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, sheets)), encoding="utf-8")
    return path


def test_sheets_hold_the_conversation_and_what_the_scorer_made_of_it(lake: Lake, tmp_path: Path) -> None:
    queue(("c1", "low_confidence", 1), ("c1", "sides_differ", 2))
    (sheet,) = exported(tmp_path)
    score = lake.read("conversation_scores").filter(conversation_id="c1").row(0, named=True)
    assert [turn["text"] for turn in sheet["turns"]] == [UNHAPPY[1], REPLY[1], UNHAPPY[1]]
    assert (sheet["shown_score"], sheet["shown_scorer_version"]) == (score["score"], score["scorer_version"])
    assert sheet["reasons"] == ["low_confidence", "sides_differ"]
    assert sheet["saw_score"] is True
    proven = lake.read("score_reasons").filter(pl.col("conversation_id") == "c1", pl.col("match_kind") != "rejected")
    assert [(c["reason_position"], c["quote"]) for c in sheet["claims"]] == [
        *proven.sort("reason_position").select("reason_position", "quote").iter_rows()
    ]
    assert all(claim["is_supported"] is None for claim in sheet["claims"])


def test_the_control_is_blind_whatever_else_it_was_drawn_for(lake: Lake, tmp_path: Path) -> None:
    queue(("c1", "low_confidence", 1), ("c1", "random_control", 9))
    (sheet,) = exported(tmp_path)
    assert sheet["drawn_by"] == "random_control"
    hidden = ("shown_score", "shown_scorer_version", "summary", "grounds")
    assert [sheet[name] for name in hidden] == [None] * 4
    assert (sheet["claims"], sheet["reasons"], sheet["saw_score"]) == ([], [], False)


def test_the_queue_is_taken_in_turn_up_to_the_number_asked_for(lake: Lake, tmp_path: Path) -> None:
    queue(("c0", "low_confidence", 1), ("c1", "low_confidence", 2), ("c2", "random_control", 1))
    assert [sheet["conversation_id"] for sheet in exported(tmp_path, "--most", "2")] == ["c2", "c0"]
    assert "nothing waits" in run(
        "export", "--out", str(tmp_path / "x.jsonl"), "--from", "2031-01-06", exit_code=WARNING
    )


def test_a_conversation_that_is_asked_for_needs_no_queue(lake: Lake, tmp_path: Path) -> None:
    (sheet,) = exported(tmp_path, "--conversation", "c2")
    assert (sheet["conversation_id"], sheet["drawn_by"]) == ("c2", "asked")
    assert "no score in use of c9" in run("export", "--out", "x.jsonl", "--conversation", "c9", exit_code=WRONG_USE)


def test_without_marts_and_with_another_ending_the_export_says_what_to_do(lake: Lake) -> None:
    assert "run a backfill first" in run("export", "--out", "week.jsonl", exit_code=WRONG_USE)
    assert "neither in .html nor in .jsonl" in run("export", "--out", "week.xlsx", exit_code=WRONG_USE)


def test_the_page_holds_the_sheets_as_data_that_no_text_can_leave(lake: Lake, tmp_path: Path) -> None:
    settings = load_settings()
    hostile = ("customer", "This is terrible! </script><script>alert(1)</script> nobody helps me at all.")
    extract_days(FakeSource([make_conversation(hostile, REPLY, conversation_id="c9")]), lake, [DAY], "run")
    with LakeScoringDesk(settings, lake) as desk:
        desk.judge(Chunk(DAY.isoformat(), 0, 1), "run", retry_failed=False)
        desk.write_judgements(DAY, "run")
    score_day(settings, lake, DAY, "run")
    run("export", "--out", str(tmp_path / "week.html"), "--conversation", "c9")
    page = (tmp_path / "week.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 2
    assert "<script>alert" not in page.replace("<\\/script><script>alert", "")
    data = page.split("id=data>")[1].split("</script>")[0]
    assert json.loads(data)[0]["turns"][0]["text"] == hostile[1]


def test_answers_stand_beside_the_score_and_change_nothing_of_it(lake: Lake, tmp_path: Path) -> None:
    queue(("c0", "low_confidence", 1), ("c1", "random_control", 1), ("c2", "low_confidence", 2))
    blind, open_, blank = exported(tmp_path)
    open_["claims"][0]["is_supported"] = False
    open_ |= {"score": 5, "resolution": "partly_resolved", "comment": "Write to kim@example.com", "reviewer": "ana"}
    before = lake.checksum("conversation_scores")
    told = run("import", str(answered(tmp_path, blind | {"score": 2}, open_, blank)), "--reviewer", "ben")
    assert "2 reviews kept, 1 of them with another score than the machine's; 1 claims checked; 1 sheets left" in told
    rows = lake.read("reviews").sort("conversation_id").drop("workspace_id", "source", "version_at", "transcript_hash")
    assert rows.drop("reviewed_at", "shown_scorer_version").rows() == [
        ("c0", "ana", "reviewer", 5, 3, None, "Write to [EMAIL_1]", "low_confidence", True, open_["shown_score"]),
        ("c1", "ben", "reviewer", 2, None, None, None, "random_control", False, None),
    ]
    checked = lake.read("claim_reviews").row(0, named=True)
    assert (checked["conversation_id"], checked["reviewer"], checked["is_supported"]) == ("c0", "ana", False)
    assert lake.checksum("conversation_scores") == before


def test_answering_again_replaces_ones_own_answer_and_nobody_elses(lake: Lake, tmp_path: Path) -> None:
    (sheet,) = exported(tmp_path, "--conversation", "c0")
    for reviewer, score in (("ana", 1), ("ben", 3), ("ana", 4)):
        import_reviews(answered(tmp_path, sheet | {"reviewer": reviewer, "score": score}), lake, NOW)
    assert lake.read("reviews").select("reviewer", "score").sort("reviewer").rows() == [("ana", 4), ("ben", 3)]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"score": 7}, "bad_review"),
        ({"transcript_hash": "0" * 64}, "unknown_version"),
        ({"conversation_id": "c9"}, "unknown_version"),
        ({"reviewer": " "}, "no_reviewer"),
        ({"claims": [NEVER_MADE]}, "unknown_claim"),
        ({"shown_scorer_version": None}, "unknown_claim"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_and_the_others_are_kept(
    lake: Lake, tmp_path: Path, change: Row, rule: str
) -> None:
    sheets = exported(tmp_path, "--conversation", "c0", "--conversation", "c1")
    for sheet in sheets:
        sheet["claims"][0]["is_supported"] = True
        sheet |= {"score": 2, "reviewer": "ana"}
    told = run("import", str(answered(tmp_path, sheets[0] | change, sheets[1])), exit_code=WARNING)
    assert rule in told
    assert "answers.jsonl:1" in told
    assert lake.read("reviews")["conversation_id"].to_list() == ["c1"]


def test_the_same_sheet_twice_in_a_file_is_taken_once(lake: Lake, tmp_path: Path) -> None:
    (sheet,) = exported(tmp_path, "--conversation", "c0")
    one = sheet | {"score": 2, "reviewer": "ana"}
    done = import_reviews(answered(tmp_path, one, one | {"score": 5}), lake, NOW)
    assert [u.rule for u in done.unusable] == ["reviewed_twice"]
    assert lake.read("reviews")["score"].to_list() == [2]


def test_what_people_decided_becomes_labels_that_can_be_read(lake: Lake, tmp_path: Path) -> None:
    assert "nobody has reviewed" in run("labels", "--out", str(tmp_path / "none.jsonl"), exit_code=FAILED)
    queue(("c0", "low_confidence", 1), ("c1", "random_control", 2))
    queued = exported(tmp_path)
    said = [sheet | {"reviewer": who, "score": 2} for sheet in queued for who in ("ana", "ben")]
    import_reviews(answered(tmp_path, *said), lake, NOW)
    run("labels", "--out", str(tmp_path / "all.jsonl"))
    run("labels", "--control", "--out", str(tmp_path / "gold.jsonl"))
    read = labelled_set(read_labels(tmp_path / "all.jsonl"), "acme", lake)
    assert read.unusable == ()
    assert {one.key.split("/")[-1]: one.label["score"].value for one in read.labelled} == {"c0": 2.0, "c1": 2.0}
    assert all(len(one.label["score"].ratings) == 2 for one in read.labelled)
    gold = labelled_set(read_labels(tmp_path / "gold.jsonl"), "acme", lake)
    assert [one.conversation.conversation_id for one in gold.labelled] == ["c1"]
