"""What people said about a conversation: ratings by reviewers, a decision where they had to settle, and what follows.

Here lives the meaning of a label and nothing that reads one. A label answers up to three questions, each on the
scale of a score (1 to 5, more is better for the customer): how the whole was (`score`), and how it was in two
dimensions. Where only the side is known (a self-report, an outcome), the label is an outcome without a number.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from scoring_ops.conversation import Conversation
from scoring_ops.weighing import to_score

Question = Literal["score", "resolution", "customer_effort"]
QUESTIONS: tuple[Question, ...] = ("score", "resolution", "customer_effort")

NEGATIVE_BELOW, POSITIVE_ABOVE = 2.5, 3.5
FENCE = Fraction(1, 5)  # a panel whose mean lies nearer to the line than this is on the fence

RESOLUTION_VALUES: Mapping[str, int] = {"resolved": 5, "partly_resolved": 3, "unresolved": 1}
EFFORT_VALUES: Mapping[str, int] = {"low": 5, "moderate": 3, "high": 1}
"""The rubric's words on the scale; `unclear` is no answer."""


class Rating(NamedTuple):
    """What one person said, 1 to 5."""

    reviewer: str
    value: int


class Verdict(NamedTuple):
    """The answer of people to one question: ratings, what was settled among them, or an outcome alone."""

    ratings: tuple[Rating, ...] = ()
    adjudicated: int | None = None
    outcome_is_negative: bool | None = None

    @property
    def mean(self) -> float | None:
        """The mean of the reviewers; None where nobody gave a number."""
        mean = self._mean
        return None if mean is None else float(mean)

    @property
    def value(self) -> float | None:
        """What counts, 1 to 5: what was settled, else the mean; None for an outcome without a number."""
        return self.mean if self.adjudicated is None else float(self.adjudicated)

    @property
    def score(self) -> int | None:
        """The value as a whole score, ties toward 3."""
        return None if self.value is None else to_score(self.value)

    @property
    def negative(self) -> bool:
        """True where people found it bad."""
        return bool(self.outcome_is_negative) if self.value is None else self.value < NEGATIVE_BELOW

    @property
    def positive(self) -> bool | None:
        """True where people found it good; None where only a bad side is known."""
        return None if self.value is None else self.value > POSITIVE_ABOVE

    @property
    def clear(self) -> bool:
        """False where the reviewers' mean lies on the fence between bad and not bad, whatever was settled then."""
        mean = self._mean
        return mean is None or abs(mean - Fraction(NEGATIVE_BELOW)) >= FENCE

    @property
    def _mean(self) -> Fraction | None:
        return Fraction(sum(r.value for r in self.ratings), len(self.ratings)) if self.ratings else None


Label = Mapping[Question, Verdict]


class Labelled(NamedTuple):
    """A conversation, its texts masked, and what people said about it; labels stay apart from what is judged."""

    conversation: Conversation
    label: Label

    @property
    def key(self) -> str:
        """The name under which reports list it."""
        return "/".join(self.conversation.identity)
