"""Why people read a conversation again: the words that a review, its mart and its rules share.

A review stands beside the machine's score and never overwrites it. Reviews of `random_control` are drawn by chance and
read without the score: they alone say how often the scorer is right. All other reasons look for its mistakes.
"""

from typing import Literal

QueueReason = Literal[
    "random_control",
    "evidence_rejected",
    "sides_differ",
    "low_confidence",
    "shadow_differs",
    "csat_differs",
]
DrawnBy = QueueReason | Literal["asked"]
"""What brought a conversation before a person; `asked`: somebody wanted this one read."""

Role = Literal["reviewer", "adjudicator"]
"""Who gives a score of their own, and who settles it where reviewers differ."""

CONTROL: QueueReason = "random_control"
