"""The local judge on real labelled conversations: better than a mood word list alone, and never degenerate."""

import gzip
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from scoring_ops.claims import findings
from scoring_ops.conversation import Conversation, Message
from scoring_ops.evidence import verify
from scoring_ops.judges.local.judge import claims_about
from scoring_ops.scorecard import default_scorecard
from scoring_ops.transcript import transcribe
from scoring_ops.weighing import score_claims

DATA = Path(__file__).resolve().parents[3] / "../shared/data/labelled"
pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


class Labelled(NamedTuple):
    conversation: Conversation
    negative: bool


def labelled(name: str, every: int) -> list[Labelled]:
    path = DATA / f"{name}.dev.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project (../shared/data/labelled)")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_labelled(json.loads(line)) for n, line in enumerate(lines) if n % every == 0]


def _labelled(record: dict) -> Labelled:
    messages = tuple(
        Message(message_id=str(n), position=n, sent_at=m["sent_at"], author_type=m["author_type"], text=m["text"])
        for n, m in enumerate(record["messages"])
    )
    conversation = Conversation(
        workspace_id="w",
        source=record["source"],
        conversation_id=record["conversation_id"],
        version_at=record["created_at"] or "2020-01-01T00:00:00Z",
        channel=record["channel"],
        messages=messages,
    )
    return Labelled(conversation, bool(record["human_label"]["negative"]))


def scores(rows: list[Labelled]) -> list[int]:
    card = default_scorecard()
    read = [(row.conversation, transcribe(row.conversation)) for row in rows]
    return [score_claims(claims_about(t), t, c.channel, card).score for c, t in read]


def negative_f1(rows: list[Labelled]) -> float:
    pairs = [(score <= 2, row.negative) for score, row in zip(scores(rows), rows, strict=True)]
    found = sum(said and true for said, true in pairs)
    return 2 * found / (sum(said for said, _ in pairs) + sum(true for _, true in pairs))


@pytest.mark.parametrize(("name", "floor"), [("stc3_en", 0.50), ("stc3_zh", 0.50), ("star_en", 0.18)])
def test_unhappy_customers_are_found_better_than_by_mood_words_alone(name: str, floor: float):
    assert negative_f1(labelled(name, every=3)) >= floor


@pytest.mark.parametrize("name", ["star_en", "stc3_en", "stc3_zh"])
def test_all_five_scores_occur_and_none_takes_two_thirds(name: str):
    found = scores(labelled(name, every=4))
    assert set(found) == {1, 2, 3, 4, 5}
    assert max(found.count(score) for score in set(found)) < len(found) * 2 / 3


@pytest.mark.parametrize("name", ["star_en", "stc3_zh", "tau_airline_en"])
def test_every_claim_about_real_conversations_is_proven_exactly(name: str):
    if not (DATA / f"{name}.dev.jsonl.gz").exists():
        pytest.skip(f"{name} is not beside the project (../shared/data/labelled)")
    for row in _conversations(name, every=5):
        read = transcribe(row)
        verification = verify(findings(claims_about(read)), read)
        assert verification.rejected == ()
        assert {e.match_kind for p in verification.proven for e in p.evidence} <= {"exact"}


def _conversations(name: str, every: int) -> list[Conversation]:
    with gzip.open(DATA / f"{name}.dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for n, line in enumerate(lines) if n % every == 0]
    return [_labelled({**r, "human_label": {"negative": False}}).conversation for r in records]
