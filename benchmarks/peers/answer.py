"""The answer as a pydantic model, for clients that make the schema from one and validate with it.

It says the same as the schema of the workload; what the mock server's claims hold beyond it is ignored.
"""

from typing import Literal

from pydantic import BaseModel

Feeling = Literal["very_negative", "negative", "neutral", "positive", "very_positive"]


class Citation(BaseModel):
    """Where a claim stands."""

    turn: int
    quote: str


class Issue(BaseModel):
    """One thing the customer wanted."""

    issue: str
    status: Literal["resolved", "partly_resolved", "unresolved", "unclear"]
    evidence: list[Citation]


class Sentiment(BaseModel):
    """How the customer felt."""

    start: Feeling
    start_evidence: list[Citation]
    end: Feeling
    end_evidence: list[Citation]


class Claims(BaseModel):
    """The whole answer."""

    issues: list[Issue]
    sentiment: Sentiment
    summary: str
    language: str
    judge_rating: Literal[1, 2, 3, 4, 5]
