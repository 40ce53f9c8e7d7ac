"""A scorecard as the text of `scorecard.toml`, and the model card that stands beside it for people.

Both are text: what is written where is the caller's.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from scoring_ops.scorecard import Scorecard


class Figure(NamedTuple):
    """One measured agreement with people: class, conversations, share of the class, precision, recall, F1."""

    name: str
    n: int
    share: float
    precision: float
    recall: float
    f1: float


class Provenance(NamedTuple):
    """Where a scorer comes from: what a reader needs to judge whether it fits their conversations."""

    judge: str
    labels: Sequence[str]
    """Each labels file: its name, conversations and sha256."""
    languages: Sequence[tuple[str, int]]
    licences: Sequence[str]
    day: str
    """When it was made."""
    first: str
    last: str
    """The days of its first and last conversation."""
    split: str
    groups: int
    conversations: int
    embedder: str


def card_toml(card: Scorecard, comment: str) -> str:
    """The text of a scorecard file that reads as this card again."""
    lines = [f"# {comment}", f"version = {json.dumps(card.version)}", "", "[caps]"]
    lines += [f"{dimension} = {cap!r}" for dimension, cap in card.caps.items()]
    for dimension, weights in card.weights.items():
        lines += ["", f"[weights.{dimension}]"]
        lines += [f"{json.dumps(value)} = {float(weight)!r}" for value, weight in weights.items()]
    lines += ["", "[waits]"]
    lines += [f"{channel} = [{slow!r}, {very_slow!r}]" for channel, (slow, very_slow) in card.waits.items()]
    return "\n".join(lines) + "\n"


def model_card(made: Provenance, figures: Sequence[Figure]) -> str:
    """The model card, in Markdown."""
    return _CARD.format(
        judge=made.judge,
        day=made.day,
        labels="\n".join(f"- {line}" for line in made.labels),
        conversations=made.conversations,
        groups=made.groups,
        first=made.first,
        last=made.last,
        languages=", ".join(f"{language} {n:,}" for language, n in made.languages),
        licences=", ".join(made.licences) or "not stated",
        split=made.split,
        figures="\n".join(
            f"| {f.name} | {f.n:,} | {f.share:.1%} | {f.precision:.3f} | {f.recall:.3f} | {f.f1:.3f} |" for f in figures
        ),
        embedder=made.embedder or "none",
    )


_CARD = """# Model card

A scorer of CX Score for judge `{judge}`, made on {day} by `cxscore calibrate`.

## Data

{labels}
- {conversations:,} conversations in {groups:,} groups, from {first} to {last}
- languages: {languages}
- licence of the data: {licences}. Whoever passes this folder on needs that licence to allow it.

## Figures

Measured on conversations that the measured scorer was not trained on: {split}. Groups (translations, equal words, what
the labels say belongs together) were kept whole. The scorer in this folder was then trained on all of them.

| class | conversations | share | precision | recall | F1 |
| --- | --- | --- | --- | --- | --- |
{figures}

## Limits

- It knows what these people said of these conversations; other channels, languages and products are a guess.
- It rates experiences, not agents, and must not be used to rank people.
- Sentence vectors: {embedder}.
"""
