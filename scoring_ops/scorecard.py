"""From proven claims to a score: pure, deterministic, and closed under its own arithmetic.

`raw_score = 3 + sum of weights of the reasons`; the score is that sum rounded (ties toward 3) and clamped to 1-5.
The weights live in `scorecard.toml`, or in the `scorecard.toml` of a calibrated scorer's folder.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from scoring_ops.claims import Claims, findings
from scoring_ops.evidence import ProvenFinding, verify
from scoring_ops.judges.protocol import content_key
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
from scoring_ops.timing import timing_findings
from scoring_ops.transcript import Transcript

SCORING_VERSION = "1"  # raised whenever this module, evidence, meaning or timing would score the same claims otherwise
DECIMALS = 6  # weights and sums are rounded here, so that stored floats are equal on every machine


class ScorecardError(ValueError):
    """A scorecard file that cannot be used; the message names the file and the rule."""


class Scorecard(BaseModel):
    """The weights: signed score points by dimension and value, the cap of each dimension, and the waits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    caps: Mapping[Dimension, float]
    weights: Mapping[Dimension, Mapping[str, float]]
    waits: Mapping[str, tuple[float, float]]

    @model_validator(mode="after")
    def _complete(self) -> "Scorecard":
        for dimension in DIMENSIONS:
            if dimension not in self.caps or dimension not in self.weights:
                raise ValueError(f"dimension {dimension!r} has no cap or no weights")
        if "default" not in self.waits:
            raise ValueError("waits have no default")
        for channel, (slow, very_slow) in self.waits.items():
            if not 0 < slow < very_slow < math.inf:
                raise ValueError(f"waits.{channel}: must be 0 < slow < very slow, in minutes")
        for dimension, cap in self.caps.items():
            if not 0 < cap < math.inf:
                raise ValueError(f"caps.{dimension}: must be a positive number")
        return self

    @property
    def digest(self) -> str:
        """Eight hex digits that change with any number on the card, and with the code that applies it."""
        return content_key([SCORING_VERSION, self.model_dump(mode="json")])[:8]

    def weight(self, finding: ProvenFinding) -> float:
        """The signed weight of a proven finding before its dimension's cap; 0 for a value without a weight."""
        return self.weights[finding.finding.dimension].get(finding.finding.value, 0.0) * finding.finding.share


def default_scorecard() -> Scorecard:
    """The scorecard that ships with the project."""
    text = (files("scoring_ops") / "scorecard.toml").read_text(encoding="utf-8")
    return Scorecard.model_validate(tomllib.loads(text))


def load_scorecard(folder: Path) -> Scorecard:
    """The scorecard of a calibrated scorer's folder.

    Raises:
        ScorecardError: no readable `scorecard.toml`, or one with unknown, missing or absurd entries.
    """
    path = folder / "scorecard.toml"
    try:
        card = Scorecard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScorecardError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: not a TOML file ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ScorecardError(": ".join(filter(None, (str(path), where, first["msg"])))) from error
    for rule in _absurdities(card, default_scorecard()):
        raise ScorecardError(f"{path}: {rule}")
    return card


def _absurdities(card: Scorecard, shipped: Scorecard) -> Iterator[str]:
    """What a calibrated card may not do: name other values than the shipped one, or turn their order around."""
    for dimension, weights in shipped.weights.items():
        own = card.weights[dimension]
        for value in sorted(set(weights) ^ set(own)):
            yield f"weights.{dimension}.{value}: {'missing' if value in weights else 'unknown'}"
        for (worse, low), (better, high) in permutations(weights.items(), 2):
            if low < high and same_question(worse, better) and not own.get(worse, 0) <= own.get(better, 0) < math.inf:
                yield f"weights.{dimension}: {worse} may not weigh more than {better}"


def same_question(value: str, other: str) -> bool:
    """True for two answers to one question, such as "end:neutral" and "end:positive"."""
    return value.rpartition(":")[0] == other.rpartition(":")[0]


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
        what_would_change_it=_what_would_change_it(proven, raw, card),
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
    sums: dict[Dimension, float] = {}
    for item in proven:
        sums[item.finding.dimension] = sums.get(item.finding.dimension, 0.0) + card.weight(item)
    reasons: list[Reason] = []
    for item in proven:
        dimension, cap = item.finding.dimension, card.caps[item.finding.dimension]
        scale = min(1.0, cap / abs(sums[dimension])) if sums[dimension] else 1.0
        weight = round(card.weight(item) * scale, DECIMALS)
        sign = "positive" if weight > 0 else "negative" if weight < 0 else "neutral"
        reasons.append(
            Reason(
                item.finding.claim,
                dimension,
                item.finding.value,
                sign,
                weight,
                item.evidence[0],
                len(item.evidence),
                item.finding.share,
            )
        )
    return tuple(sorted(reasons, key=lambda r: (-abs(r.weight), DIMENSIONS.index(r.dimension), r.claim)))


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
    size: float
    text: str


def _what_would_change_it(proven: tuple[ProvenFinding, ...], raw: float, card: Scorecard) -> str | None:
    """The smallest single change of one finding that moves the score across the line between 3 and 4.

    Each change is weighed as a whole: under its dimension's cap a change can be worth less than its own weight.
    """
    positive = to_score(raw) >= POSITIVE_FROM
    changes: list[_Change] = []
    for n, item in enumerate(proven):
        finding = item.finding
        for value in card.weights[finding.dimension]:
            if not same_question(value, finding.value) or value == finding.value:
                continue
            other = item._replace(finding=finding._replace(value=value))
            changed = raw_score(weigh((*proven[:n], other, *proven[n + 1 :]), card))
            if (to_score(changed) >= POSITIVE_FROM) != positive:
                step = changed - raw
                text = (
                    f"{label(finding.dimension, finding.value)} -> {label('', value).strip()} "
                    f"({step:+.2f}) would make it {to_score(changed)}"
                )
                changes.append(_Change(abs(round(step, DECIMALS)), text))
    return min(changes).text if changes else None


def _dimension_scores(reasons: tuple[Reason, ...], rejected: tuple[RejectedClaim, ...]) -> tuple[DimensionScore, ...]:
    rows: list[DimensionScore] = []
    for dimension in DIMENSIONS:
        own = [r for r in reasons if r.dimension == dimension]
        lost = sum(r.dimension == dimension for r in rejected)
        if own or lost:
            value = ",".join(sorted(r.value for r in own))
            contribution = round(math.fsum(r.weight for r in own), DECIMALS)
            rows.append(DimensionScore(dimension, value, contribution, len(own) + lost, len(own)))
    return tuple(rows)


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
