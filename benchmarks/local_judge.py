"""How well and how fast the local judge scores labelled public conversations, the negative class first.

Reads the labelled sets beside the project (../shared/data/labelled), which are not part of it, and leaves out what is
absent: `python benchmarks/local_judge.py`. These are development figures: parts of these sets were read while the
word lists were written, so conversations kept apart will come out lower.
"""

import gzip
import json
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from scoring_ops.conversation import Conversation, Message
from scoring_ops.judges.local.judge import claims_about
from scoring_ops.score import NEGATIVE_TO
from scoring_ops.scorecard import Scorecard, default_scorecard
from scoring_ops.transcript import transcribe
from scoring_ops.weighing import score_claims

DATA = Path(__file__).resolve().parents[1] / "../shared/data/labelled"
SETS = ("stc3_en", "stc3_zh", "star_en")


class Labelled(NamedTuple):
    """A conversation and whether people found it negative."""

    conversation: Conversation
    negative: bool


class Measured(NamedTuple):
    """Figures of one set: conversations, negatives among them, precision, recall, F1, and conversations per CPU s."""

    n: int
    negatives: int
    precision: float
    recall: float
    f1: float
    speed: float


def read(path: Path) -> list[Labelled]:
    """The conversations of a labelled file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [labelled(json.loads(line)) for line in lines]


def labelled(record: dict[str, object]) -> Labelled:
    """One line of a labelled file; labels stay apart from what is judged."""
    return Labelled(conversation_of(record), bool(record["human_label"]["negative"]))


def conversation_of(record: dict[str, object]) -> Conversation:
    """The conversation of one line of a labelled file."""
    messages = [
        {"message_id": str(n), "position": n, **{name: part[name] for name in ("author_type", "sent_at", "text")}}
        for n, part in enumerate(record["messages"])
    ]
    return Conversation(
        workspace_id="benchmark",
        source="labelled",
        conversation_id=record["conversation_id"],
        version_at=record["created_at"] or "2020-01-01T00:00:00Z",
        channel=record["channel"],
        messages=tuple(Message(**message) for message in messages),
    )


def is_negative(conversation: Conversation, card: Scorecard) -> bool:
    """Whether the local judge ends at 1 or 2."""
    transcript = transcribe(conversation)
    return score_claims(claims_about(transcript), transcript, conversation.channel, card).score <= NEGATIVE_TO


def measure(rows: list[Labelled]) -> Measured:
    """Precision, recall and F1 of the negative class, and the speed of judging, proving and scoring together."""
    card = default_scorecard()
    is_negative(rows[0].conversation, card)  # word lists load with the first conversation
    started = time.process_time()
    said = [is_negative(row.conversation, card) for row in rows]
    seconds = time.process_time() - started
    true = [row.negative for row in rows]
    both = sum(a and b for a, b in zip(said, true, strict=True))
    precision, recall = both / max(sum(said), 1), both / max(sum(true), 1)
    return Measured(
        len(rows), sum(true), precision, recall, 2 * both / max(sum(said) + sum(true), 1), len(rows) / seconds
    )


def main() -> None:
    """Measures every set that is there."""
    table = Table(title="Local judge, negative class (score 1 or 2)", title_justify="left")
    for name in ("set", "n", "negative", "precision", "recall", "F1", "conversations / CPU s"):
        table.add_column(name, justify="left" if name == "set" else "right")
    for name in SETS:
        path = DATA / f"{name}.dev.jsonl.gz"
        if not path.exists():
            table.add_row(name, "absent")
            continue
        m = measure(read(path))
        rates = (f"{rate:.3f}" for rate in (m.precision, m.recall, m.f1))
        table.add_row(name, f"{m.n:,}", f"{m.negatives:,}", *rates, f"{m.speed:,.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
