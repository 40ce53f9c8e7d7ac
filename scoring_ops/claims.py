"""What a judge may claim about a conversation: eleven dimensions, each claim with verbatim citations.

These models are the wire format (their JSON Schema is what an LLM must fill) and what the cache stores.
Nothing here is proven yet: `evidence.py` checks every citation, `scorecard.py` turns proven claims into a score.
Every field is required and nothing else is allowed, so that the schema is valid for strict structured outputs.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from scoring_ops.rubric.dimensions import Dimension

Resolution = Literal["resolved", "partly_resolved", "unresolved", "unclear"]
Sentiment = Literal["very_negative", "negative", "neutral", "positive", "very_positive", "not_detectable"]
Aspect = Literal["tone", "knowledge", "timeliness"]
AnswerFault = Literal["unclear", "inaccurate", "incomplete", "contradictory", "needs_clarification"]
EffortLevel = Literal["low", "moderate", "high"]
EffortDriver = Literal["repeating", "handoffs", "chasing", "channel_switch", "long_wait"]
Sign = Literal["positive", "negative"]
Emotion = Literal["delight", "gratitude", "relief", "frustration", "anger", "disappointment", "anxiety", "confusion"]
FeedbackKind = Literal["feature", "bug", "stability", "usability", "service"]
Policy = Literal["refund", "return", "account_rules", "eligibility", "pricing", "privacy", "other"]
Severity = Literal["low", "medium", "high", "critical"]
FaultKind = Literal["lost_context", "repeated_explanation", "contradiction", "unanswered"]
RiskKind = Literal["churn", "competitor", "legal", "privacy", "vulnerable", "abusive"]


class _Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(_Claim):
    """Where a claim is said to stand: a turn number of the rendered transcript (from 1) and its exact words."""

    turn: int = Field(description="number of the turn, as printed in the transcript")
    quote: str = Field(description="words copied verbatim from that turn")


class IssueClaim(_Claim):
    """One thing the customer wanted solved, and how it ended."""

    issue: str = Field(description="the customer's issue in at most 15 words")
    status: Resolution
    evidence: tuple[Citation, ...]


class SentimentClaim(_Claim):
    """How the customer felt at the start and at the end."""

    start: Sentiment
    start_evidence: tuple[Citation, ...]
    end: Sentiment
    end_evidence: tuple[Citation, ...]


class ServiceClaim(_Claim):
    """One aspect of the service given, 1 (very poor) to 5 (excellent)."""

    aspect: Aspect
    rating: int = Field(ge=1, le=5)
    evidence: tuple[Citation, ...]


class AnswerQualityClaim(_Claim):
    """How good the answers of one kind of agent were, 1 to 5, and what was wrong with them."""

    rating: int = Field(ge=1, le=5)
    faults: tuple[AnswerFault, ...]
    evidence: tuple[Citation, ...]


class EffortClaim(_Claim):
    """How hard the customer had to work."""

    level: EffortLevel
    drivers: tuple[EffortDriver, ...]
    evidence: tuple[Citation, ...]


class EmotionClaim(_Claim):
    """One clearly expressed strong feeling of the customer."""

    sign: Sign
    emotion: Emotion
    evidence: tuple[Citation, ...]


class ProductFeedbackClaim(_Claim):
    """Praise or complaint about what the product or the service does."""

    sign: Sign
    kind: FeedbackKind
    area: str = Field(description="part of the product, 1 to 4 words")
    statement: str = Field(description="the feedback in one line")
    severity: Severity
    evidence: tuple[Citation, ...]


class PolicyFeedbackClaim(_Claim):
    """Praise or complaint about a rule of the company."""

    sign: Sign
    policy: Policy
    statement: str = Field(description="the feedback in one line")
    severity: Severity
    evidence: tuple[Citation, ...]


class FaultClaim(_Claim):
    """One fault of the process, whoever caused it."""

    kind: FaultKind
    evidence: tuple[Citation, ...]


class RiskClaim(_Claim):
    """One explicit risk for the company or the customer."""

    kind: RiskKind
    evidence: tuple[Citation, ...]


class Claims(_Claim):
    """All a judge says about one conversation. `judge_rating` is its own 1-5 opinion: kept, never used as score."""

    issues: tuple[IssueClaim, ...]
    sentiment: SentimentClaim | None
    service_quality: tuple[ServiceClaim, ...]
    answer_quality_ai: AnswerQualityClaim | None
    answer_quality_human: AnswerQualityClaim | None
    customer_effort: EffortClaim | None
    strong_emotion: tuple[EmotionClaim, ...]
    product_feedback: tuple[ProductFeedbackClaim, ...]
    policy_feedback: tuple[PolicyFeedbackClaim, ...]
    process_fault: tuple[FaultClaim, ...]
    risk: tuple[RiskClaim, ...]
    summary: str = Field(description="what happened, neutral, two sentences")
    language: str = Field(description="main language of the customer, ISO 639-1")
    judge_rating: int = Field(ge=1, le=5, description="your own overall rating of the customer's experience")


class Finding(NamedTuple):
    """One claim, flattened: what the scorecard can weigh and what must be proven by its citations.

    `claim` names the claim it comes from ("issues.0"); `value` is the key under which `scorecard.toml` holds the
    weight; `share` divides a weight among findings that answer one question together (a conversation's issues).
    """

    claim: str
    dimension: Dimension
    value: str
    citations: tuple[Citation, ...]
    share: float = 1.0


def findings(claims: Claims) -> tuple[Finding, ...]:
    """Every claim as a `Finding`, in a fixed order: resolution, sentiment, service, answers, effort, the lists."""
    return (*_issue_findings(claims), *_single_findings(claims), *_list_findings(claims))


def _issue_findings(claims: Claims) -> list[Finding]:
    share = 1 / max(len(claims.issues), 1)
    return [
        Finding(f"issues.{n}", "resolution", claim.status, claim.evidence, share)
        for n, claim in enumerate(claims.issues)
    ]


def _single_findings(claims: Claims) -> list[Finding]:
    found: list[Finding] = []
    if claims.sentiment is not None:
        start, end = claims.sentiment.start, claims.sentiment.end
        if start != "not_detectable":
            found.append(Finding("sentiment.start", "sentiment", f"start:{start}", claims.sentiment.start_evidence))
        if end != "not_detectable":
            found.append(Finding("sentiment.end", "sentiment", f"end:{end}", claims.sentiment.end_evidence))
    for n, claim in enumerate(claims.service_quality):
        value = f"{claim.aspect}:{claim.rating}"
        found.append(Finding(f"service_quality.{n}", "service_quality", value, claim.evidence))
    ai, human, effort = claims.answer_quality_ai, claims.answer_quality_human, claims.customer_effort
    if ai is not None:
        found.append(Finding("answer_quality_ai", "answer_quality_ai", str(ai.rating), ai.evidence))
    if human is not None:
        found.append(Finding("answer_quality_human", "answer_quality_human", str(human.rating), human.evidence))
    if effort is not None:
        found.append(Finding("customer_effort", "customer_effort", effort.level, effort.evidence))
    return found


def _list_findings(claims: Claims) -> list[Finding]:
    return [
        *(
            Finding(f"strong_emotion.{n}", "strong_emotion", f"{c.sign}:{c.emotion}", c.evidence)
            for n, c in enumerate(claims.strong_emotion)
        ),
        *(
            Finding(f"product_feedback.{n}", "product_feedback", f"{c.sign}:{c.severity}", c.evidence)
            for n, c in enumerate(claims.product_feedback)
        ),
        *(
            Finding(f"policy_feedback.{n}", "policy_feedback", f"{c.sign}:{c.severity}", c.evidence)
            for n, c in enumerate(claims.policy_feedback)
        ),
        *(
            Finding(f"process_fault.{n}", "process_fault", c.kind, c.evidence)
            for n, c in enumerate(claims.process_fault)
        ),
        *(Finding(f"risk.{n}", "risk", c.kind, c.evidence) for n, c in enumerate(claims.risk)),
    ]
