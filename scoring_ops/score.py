"""What a scoring yields: a score from 1 to 5 that carries its own reasons, and the rows beside it.

Plain immutable values; how they are made is `scorecard.py`, where they are stored is not known here.
"""

from typing import Literal, NamedTuple

from scoring_ops.claims import FeedbackKind, Policy, Resolution, Severity, Sign
from scoring_ops.evidence import Evidence
from scoring_ops.rubric.dimensions import Dimension

SCORE_MIN, SCORE_NEUTRAL, SCORE_MAX = 1, 3, 5
POSITIVE_FROM = 4
NEGATIVE_TO = 2

ReasonSign = Literal["positive", "negative", "neutral"]
GroundsCode = Literal["positive", "negative", "mixed", "neutral", "weak_evidence"]


class Reason(NamedTuple):
    """One proven claim and what it contributes to the raw score; `weight` is signed, in score points."""

    claim: str
    dimension: Dimension
    value: str
    sign: ReasonSign
    weight: float
    evidence: Evidence
    evidence_count: int
    share: float = 1.0


class DimensionScore(NamedTuple):
    """All that was found in one dimension: its values, its contribution and how many claims were proven."""

    dimension: Dimension
    value: str
    contribution: float
    claims: int
    proven: int


class Issue(NamedTuple):
    """One issue of the customer with its status; only proven issues become rows."""

    position: int
    issue: str
    status: Resolution
    evidence: Evidence


class FeedbackItem(NamedTuple):
    """One piece of product or policy feedback, proven; `area` is the part of the product or the policy."""

    claim: str
    dimension: Dimension
    sign: Sign
    kind: FeedbackKind | Policy
    area: str
    statement: str
    severity: Severity
    evidence: Evidence


class RejectedClaim(NamedTuple):
    """A claim whose quote is not in the transcript: stored and counted, worth nothing."""

    claim: str
    dimension: Dimension
    value: str
    quote: str


class ConversationScore(NamedTuple):
    """The score of one conversation version and everything that explains it."""

    score: int
    raw_score: float
    judge_rating: int
    confidence: float
    summary: str
    language: str
    grounds: str
    grounds_code: GroundsCode
    what_would_change_it: str | None
    reasons: tuple[Reason, ...]
    dimensions: tuple[DimensionScore, ...]
    issues: tuple[Issue, ...]
    feedback: tuple[FeedbackItem, ...]
    rejected: tuple[RejectedClaim, ...]
    claims_total: int
    claims_proven: int
