"""From proven claims to a score: pure, deterministic, and closed under its own arithmetic.

`raw_score = 3 + sum of weights of the reasons`; the score is that sum rounded (ties toward 3) and clamped to 1-5.
What a claim weighs is the card's (`scorecard.py`); whether it is proven is decided in `evidence.py`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scoring_ops.claims import Claims, Finding, findings
from scoring_ops.evidence import ProvenFinding, verify
from scoring_ops.rubric.dimensions import DIMENSIONS, Dimension
from scoring_ops.score import (
    POSITIVE_FROM,
    SCORE_MAX,
    SCORE_MIN,
    SCORE_NEUTRAL,
    ConversationScore,
    DimensionScore,
    FeedbackItem,
    GroundsCode,
    Issue,
    Reason,
    RejectedClaim,
)
from scoring_ops.scorecard import Scorecard
from scoring_ops.timing import timing_findings
from scoring_ops.transcript import Transcript

DECIMALS = 6  # weights and sums are rounded here, so that stored floats are equal on every machine
_RANK: Mapping[Dimension, int] = {dimension: rank for rank, dimension in enumerate(DIMENSIONS)}


def score_claims(claims: Claims, transcript: Transcript, channel: str | None, card: Scorecard) -> ConversationScore:
    """The score of a conversation from its claims: every reason proven, every contribution a row.

    Args:
        claims: what the judge claimed.
        transcript: the transcript the claims are about; quotes are looked for here.
        channel: decides which wait is long.
        card: the weights.
    """
    verification = verify(findings(claims), transcript)
    claimed = {(p.finding.dimension, p.finding.value) for p in verification.proven}
    computed = timing_findings(transcript, channel, card.waits)
    proven = (
        *verification.proven,
        *(p for p in computed if (p.finding.dimension, p.finding.value) not in claimed),
    )
    reasons = weigh(proven, card)
    raw = raw_score(reasons)
    total = len(proven) + len(verification.rejected)
    rejected = tuple(
        RejectedClaim(f.claim, f.dimension, f.value, f.citations[0].quote if f.citations else "")
        for f in verification.rejected
    )
    code = _grounds_code(reasons)
    return ConversationScore(
        score=to_score(raw),
        raw_score=raw,
        judge_rating=claims.judge_rating,
        confidence=_confidence(raw, len(proven), total),
        summary=claims.summary,
        language=claims.language,
        grounds=_grounds(reasons),
        grounds_code=code,
        what_would_change_it=_what_would_change_it(proven, reasons, raw, card),
        reasons=reasons,
        dimensions=_dimension_scores(reasons, rejected),
        issues=_issues(claims, proven),
        feedback=_feedback(claims, proven),
        rejected=rejected,
        claims_total=total,
        claims_proven=len(proven),
    )


def weigh(proven: tuple[ProvenFinding, ...], card: Scorecard) -> tuple[Reason, ...]:
    """The contribution of each proven finding, strongest first; a dimension over its cap is scaled down to it."""
    reasons: list[Reason] = []
    for dimension, own in _by_dimension(proven).items():
        weights = _capped([card.weight(item) for item in own], card.caps[dimension])
        reasons += map(_reason, own, weights)
    return tuple(sorted(reasons, key=lambda r: (-abs(r.weight), _RANK[r.dimension], r.claim)))


def _by_dimension(proven: Iterable[ProvenFinding]) -> dict[Dimension, list[ProvenFinding]]:
    found: dict[Dimension, list[ProvenFinding]] = {}
    for item in proven:
        found.setdefault(item.finding.dimension, []).append(item)
    return found


def _capped(weights: Sequence[float], cap: float) -> list[float]:
    """The weights of one dimension, all scaled down alike where together they exceed its cap."""
    total = 0.0
    for weight in weights:  # not sum(), which rounds otherwise since Python 3.12: stored floats are equal everywhere
        total += weight
    scale = min(1.0, cap / abs(total)) if total else 1.0
    return [round(weight * scale, DECIMALS) for weight in weights]


def _reason(item: ProvenFinding, weight: float) -> Reason:
    finding, evidence = item
    sign = "positive" if weight > 0 else "negative" if weight < 0 else "neutral"
    return Reason(
        finding.claim, finding.dimension, finding.value, sign, weight, evidence[0], len(evidence), finding.share
    )


def raw_score(reasons: tuple[Reason, ...]) -> float:
    """3 plus the sum of the reasons' weights."""
    return round(SCORE_NEUTRAL + math.fsum(r.weight for r in reasons), DECIMALS)


def to_score(raw: float) -> int:
    """A raw score rounded to the nearest whole number, ties toward 3, clamped to 1-5."""
    rounded = math.ceil(raw - 0.5) if raw > SCORE_NEUTRAL else math.floor(raw + 0.5)
    return max(SCORE_MIN, min(SCORE_MAX, rounded))


def _grounds_code(reasons: tuple[Reason, ...]) -> GroundsCode:
    if not reasons:
        return "weak_evidence"
    signs = {r.sign for r in reasons} - {"neutral"}
    if len(signs) > 1:
        return "mixed"
    return "neutral" if not signs else "positive" if "positive" in signs else "negative"


def _grounds(reasons: tuple[Reason, ...]) -> str:
    """The grounds of a score in one sentence, the strongest two reasons of each sign."""
    if not reasons:
        return "No claim could be proven from the transcript, so the score stays neutral."
    parts: list[str] = []
    for sign, verb in (("positive", "Raised by"), ("negative", "Lowered by")):
        named = [f"{label(r.dimension, r.value)} ({r.weight:+.2f})" for r in reasons if r.sign == sign][:2]
        if named:
            parts.append(f"{verb if not parts else verb.lower()} {' and '.join(named)}")
    return ("; ".join(parts) or "Nothing proven moves the score away from neutral") + "."


def label(dimension: str, value: str) -> str:
    """A dimension and its value for people: "sentiment end: very negative"."""
    return f"{dimension} {value}".replace("_", " ").replace(":", " ")


def _confidence(raw: float, proven: int, total: int) -> float:
    """Share of claims proven x distance from the nearest score boundary (0.5 at it, 1 half a point away)."""
    if total == 0:
        return 0.0
    distance = min(abs(raw - boundary) for boundary in (1.5, 2.5, 3.5, 4.5))
    return round(proven / total * (0.5 + min(distance, 0.5)), DECIMALS)


class _Change(NamedTuple):
    """Another answer to the question of one finding, and the raw score it would lead to."""

    finding: Finding
    value: str
    raw: float
    step: float

    @property
    def size(self) -> float:
        return abs(round(self.step, DECIMALS))

    @property
    def told(self) -> str:
        before, after = label(self.finding.dimension, self.finding.value), label("", self.value).strip()
        return f"{before} -> {after} ({self.step:+.2f}) would make it {to_score(self.raw)}"


def _what_would_change_it(
    proven: tuple[ProvenFinding, ...], reasons: tuple[Reason, ...], raw: float, card: Scorecard
) -> str | None:
    """The smallest single change of one finding that moves the score across the line between 3 and 4."""
    positive = to_score(raw) >= POSITIVE_FROM
    crossing = [c for c in _changes(proven, reasons, raw, card) if (to_score(c.raw) >= POSITIVE_FROM) != positive]
    smallest = min((change.size for change in crossing), default=0.0)
    return min((change.told for change in crossing if change.size == smallest), default=None)


def _changes(
    proven: tuple[ProvenFinding, ...], reasons: tuple[Reason, ...], raw: float, card: Scorecard
) -> Iterator[_Change]:
    """Every single change of one finding to a value of another weight.

    A change moves the sum of its own dimension alone, which is weighed anew: under its cap a change can be worth
    less than its own weight.
    """
    for dimension, own in _by_dimension(proven).items():
        others = SCORE_NEUTRAL + math.fsum(reason.weight for reason in reasons if reason.dimension != dimension)
        weights = [card.weight(item) for item in own]
        for n, (finding, _) in enumerate(own):
            for value, full_weight in card.answers(dimension, finding.value):
                weight = full_weight * finding.share
                if weight != weights[n]:
                    moved = _capped([*weights[:n], weight, *weights[n + 1 :]], card.caps[dimension])
                    changed = round(others + math.fsum(moved), DECIMALS)
                    yield _Change(finding, value, changed, changed - raw)


def _dimension_scores(reasons: tuple[Reason, ...], rejected: tuple[RejectedClaim, ...]) -> tuple[DimensionScore, ...]:
    lost = Counter(claim.dimension for claim in rejected)
    proven: dict[Dimension, list[Reason]] = {}
    for reason in reasons:
        proven.setdefault(reason.dimension, []).append(reason)
    return tuple(
        _dimension_score(dimension, proven.get(dimension, []), lost[dimension])
        for dimension in DIMENSIONS
        if dimension in proven or dimension in lost
    )


def _dimension_score(dimension: Dimension, proven: list[Reason], lost: int) -> DimensionScore:
    values = ",".join(sorted(reason.value for reason in proven))
    contribution = round(math.fsum(reason.weight for reason in proven), DECIMALS)
    return DimensionScore(dimension, values, contribution, len(proven) + lost, len(proven))


def _issues(claims: Claims, proven: tuple[ProvenFinding, ...]) -> tuple[Issue, ...]:
    by_claim = {p.finding.claim: p.evidence[0] for p in proven}
    return tuple(
        Issue(n, claim.issue, claim.status, by_claim[f"issues.{n}"])
        for n, claim in enumerate(claims.issues)
        if f"issues.{n}" in by_claim
    )


def _feedback(claims: Claims, proven: tuple[ProvenFinding, ...]) -> tuple[FeedbackItem, ...]:
    by_claim = {p.finding.claim: p.evidence[0] for p in proven}
    product = (
        FeedbackItem(key, "product_feedback", c.sign, c.kind, c.area, c.statement, c.severity, by_claim[key])
        for n, c in enumerate(claims.product_feedback)
        if (key := f"product_feedback.{n}") in by_claim
    )
    policy = (
        FeedbackItem(key, "policy_feedback", c.sign, c.policy, c.policy, c.statement, c.severity, by_claim[key])
        for n, c in enumerate(claims.policy_feedback)
        if (key := f"policy_feedback.{n}") in by_claim
    )
    return (*product, *policy)
