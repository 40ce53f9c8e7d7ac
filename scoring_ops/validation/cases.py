"""A labelled conversation that has been scored, and what of the score answers each question of the labels.

The whole is answered by the raw score. A dimension is answered on the same scale from the proven claims alone:
resolution by the statuses of the issues, effort by its level; where nothing is proven the answer is the middle.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scoring_ops.conversation import AgentMix
from scoring_ops.score import SCORE_NEUTRAL, ConversationScore
from scoring_ops.transcript import Transcript
from scoring_ops.validation.figures import Pair
from scoring_ops.validation.labels import EFFORT_VALUES, RESOLUTION_VALUES, Label, Question


class Case(NamedTuple):
    """A labelled conversation with its score."""

    key: str
    label: Label
    score: ConversationScore
    transcript: Transcript
    language: str | None
    channel: str | None
    words: int

    @property
    def agent_mix(self) -> AgentMix:
        """Who served the customer."""
        return self.transcript.agent_mix

    @property
    def is_clear(self) -> bool:
        """Whether people were not on the fence about the whole."""
        return self.label["score"].clear


def pairs_of(cases: Sequence[Case], question: Question) -> list[Pair]:
    """What people and the scorer said to a question, for each conversation where people answered it."""
    return [Pair(case.label[question], answer(case.score, question)) for case in cases if question in case.label]


def answer(score: ConversationScore, question: Question) -> float:
    """What a score says to a question, 1 to 5."""
    if question == "score":
        return score.raw_score
    if question == "resolution":
        values = [RESOLUTION_VALUES.get(issue.status, SCORE_NEUTRAL) for issue in score.issues]
        return sum(values) / len(values) if values else SCORE_NEUTRAL
    levels = [EFFORT_VALUES[r.value] for r in score.reasons if r.dimension == question and r.value in EFFORT_VALUES]
    return levels[0] if levels else SCORE_NEUTRAL
