"""Label files: our own two forms, the public sets, conversations from the file or the lake, and what is refused."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration import frames
from orchestration.labels import LabelledSet, labelled_set, read_labels
from orchestration.lake import Lake
from orchestration.settings import SettingError
from scoring_ops.conversation import Conversation
from scoring_ops.privacy import mask
from scoring_ops.transcript import transcribe
from scoring_ops.validation.labels import Rating, Verdict
from tests.builders import START, make_conversation

SAID = [
    {"author_type": "customer", "text": "Where is my parcel? Write to me at ana@example.com."},
    {"author_type": "human_agent", "text": "It is on its way."},
]
REVIEWED = {
    "conversation_id": "1001",
    "language": "en",
    "labels": [
        {"reviewer": "ana", "score": 2, "resolution": "unresolved", "customer_effort": "high"},
        {"reviewer": "ben", "score": 3, "resolution": "unclear", "customer_effort": 3},
    ],
    "adjudicated": {"score": 2},
    "messages": SAID,
}


def written(folder: Path, *records: Mapping[str, object]) -> Path:
    path = folder / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def read(path: Path, lake: Path) -> LabelledSet:
    return labelled_set(read_labels(path), "acme", Lake(str(lake)))


def stored(lake: Lake, *conversations: Conversation) -> None:
    lake.initialise()
    for conversation in conversations:
        masked = mask(conversation).conversation
        row = frames.conversation_row(masked, transcribe(masked).transcript_hash, START, "run")
        key = frames.VERSION
        lake.merge_day(
            "messages", START.date(), lake.frame("messages", frames.message_rows(masked)), key, ("position",)
        )
        lake.merge_day("conversations", START.date(), lake.frame("conversations", [row]), key)


def test_two_reviewers_and_what_they_settled_are_read_from_one_record(tmp_path: Path) -> None:
    ((_, label),) = read(written(tmp_path, REVIEWED), tmp_path).labelled
    assert label == {
        "score": Verdict((Rating("ana", 2), Rating("ben", 3)), adjudicated=2),
        "resolution": Verdict((Rating("ana", 1),)),
        "customer_effort": Verdict((Rating("ana", 1), Rating("ben", 3))),
    }


def test_a_row_per_reviewer_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "conversation_id,reviewer,role,score,resolution,customer_effort,language,messages\n"
        f'1001,ana,,2,unresolved,high,en,"{json.dumps(SAID).replace(chr(34), chr(34) * 2)}"\n'
        "1001,ben,reviewer,3,unclear,moderate,,\n"
        "1001,cem,adjudicator,2,,,,\n",
        encoding="utf-8",
    )
    rows, records = read(path, tmp_path), read(written(tmp_path, REVIEWED), tmp_path)
    assert rows.unusable == ()
    assert rows.labelled == records.labelled


def test_texts_are_masked_on_reading_and_no_time_is_needed(tmp_path: Path) -> None:
    ((conversation, _),) = read(written(tmp_path, REVIEWED), tmp_path).labelled
    assert conversation.messages[0].text == "Where is my parcel? Write to me at [EMAIL_1]."


def test_nothing_that_a_judge_may_not_know_is_read_with_the_conversation(tmp_path: Path) -> None:
    told = {**REVIEWED, "csat_rating": 1, "meta": {"happy": False}, "csat_remark": "awful", "vendor_cx_score": 2.0}
    ((conversation, _),) = read(written(tmp_path, told), tmp_path).labelled
    assert (conversation.csat_rating, conversation.csat_remark, conversation.vendor_cx_score) == (None, None, None)
    assert conversation.source_metadata is None


def test_a_conversation_that_is_only_named_comes_from_the_lake(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    stored(lake, make_conversation(), make_conversation(conversation_id="c2"))
    label = {"conversation_id": "c2", "labels": [{"reviewer": "ana", "score": 4}]}
    ((conversation, _),) = read(written(tmp_path, label), tmp_path / "lake").labelled
    assert conversation.identity == ("acme", "demo", "c2")
    assert [m.text for m in conversation.messages] == [m.text for m in make_conversation().messages]


def test_a_conversation_that_is_nowhere_or_in_two_places_is_told_and_left_out(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    stored(lake, make_conversation(), make_conversation(workspace_id="other"))
    ana = [{"reviewer": "ana", "score": 4}]
    path = written(
        tmp_path,
        {"conversation_id": "c1", "labels": ana},
        {"conversation_id": "c9", "labels": ana},
        {"conversation_id": "c1", "workspace_id": "other", "labels": ana},
    )
    found = read(path, tmp_path / "lake")
    assert [one.key for one in found.labelled] == ["other/demo/c1"]
    assert [(one.ref, one.rule) for one in found.unusable] == [("c1", "ambiguous"), ("c9", "no_conversation")]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"labels": [{"reviewer": "ana", "score": 2}]}, "no_conversation_id"),
        ({"conversation_id": "1"}, "no_label"),
        ({"conversation_id": "1", "labels": [{"reviewer": "ana", "score": 6}]}, "bad_label"),
        ({"conversation_id": "1", "labels": [{"score": 2}]}, "bad_label"),
        ({"conversation_id": "1", "labels": [{"reviewer": "ana", "resolution": "solved"}]}, "bad_label"),
        (
            {"conversation_id": "1", "labels": [{"reviewer": "a", "score": 2}, {"reviewer": "a", "score": 2}]},
            "bad_label",
        ),
        ({"conversation_id": "1", "human_label": {"stars": 4}}, "no_label"),
        ({"conversation_id": "1", "human_label": {"ratings": {"S": [0, 3]}}}, "bad_label"),
    ],
)
def test_a_record_that_says_nothing_or_nonsense_is_told_by_its_line_and_the_rest_goes_on(
    tmp_path: Path, record: dict[str, object], rule: str
) -> None:
    found = read(written(tmp_path, record, REVIEWED), tmp_path)
    assert [(one.ref, one.rule) for one in found.unusable] == [("labels.jsonl:1", rule)]
    assert len(found.labelled) == 1


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"labels: no such file or folder"):
        read_labels(tmp_path / "nowhere.jsonl")


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "n", "negative", "question"),
    [
        ("stc3_en", 1003, 277, "score"),
        ("stc3_zh", 2204, 591, "score"),
        ("star_en", 3518, 252, "score"),
        ("tau_airline_en", 136, 76, "resolution"),
    ],
)
def test_public_sets_are_read_whole(shared_data: Path, name: str, n: int, negative: int, question: str) -> None:
    found = read_labels(shared_data / "labelled" / f"{name}.dev.jsonl.gz")
    assert found.unusable == ()
    assert len(found.labels) == len(found.conversations) == n
    assert sum(label[question].negative for label in found.labels.values()) == negative


@pytest.mark.shared_data
def test_the_verdicts_of_panels_are_those_that_their_files_state(shared_data: Path) -> None:
    found = read_labels(shared_data / "labelled" / "stc3_zh.dev.jsonl.gz")
    for place, label in found.labels.items():
        stated = found.conversations[place]["human_label"]
        score = label["score"]
        assert (score.negative, score.positive, score.clear, score.score) == tuple(
            stated[name] for name in ("negative", "positive", "clear", "score")
        )
        assert label["resolution"].negative == stated["dims"]["resolution"]["negative"]
