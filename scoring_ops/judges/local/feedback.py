"""Product feedback, policy feedback and risk: what the customer praises, complains about or threatens with.

A sentence counts where it names a fault, or names a thing and judges it. The part of the product comes from the
lexicon's own nouns, the statement is the customer's sentence.
"""

from scoring_ops.claims import (
    FeedbackKind,
    Policy,
    PolicyFeedbackClaim,
    ProductFeedbackClaim,
    RiskClaim,
    RiskKind,
    Severity,
    Sign,
)
from scoring_ops.judges.local.quotes import cite, clip
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.judges.local.signals import Sentence

STATEMENT_LENGTH = 160
MAXIMUM_FEEDBACK = 3
PRAISE, COMPLAINT = 1.2, -1.2  # mood of a sentence that judges what it names
GRAVE = -4.0
ABUSE = -2.0  # a harsh word alone is anger; it is abuse where the sentence is hostile
WISHED = "wished"  # the meaning of feature phrases that say something is missing
WITHOUT_AREA = "general"
_FAULTS: tuple[FeedbackKind, ...] = ("stability", "bug", "usability")
_RISKS: tuple[RiskKind, ...] = ("churn", "competitor", "legal", "privacy", "vulnerable", "abusive")
_POLICIES: dict[str, Policy] = {
    "refund": "refund",
    "return": "return",
    "account_rules": "account_rules",
    "eligibility": "eligibility",
    "pricing": "pricing",
    "privacy": "privacy",
}


def product_claims(reading: Reading) -> tuple[ProductFeedbackClaim, ...]:
    """What the customer says about the product or the service, one claim for each kind and area, worst first."""
    found: dict[tuple[Sign, FeedbackKind, str], tuple[float, ProductFeedbackClaim]] = {}
    for said, sentence in _customer_sentences(reading):
        judged = _judged(sentence)
        if judged is None:
            continue
        sign, kind = judged
        key = (sign, kind, _area(sentence))
        severity = _severity(said, sentence, sign)
        evidence = cite(said, sentence)
        if not evidence or abs(sentence.mood) < found.get(key, (-1.0, None))[0]:
            continue
        found[key] = (
            abs(sentence.mood),
            ProductFeedbackClaim(
                sign=sign,
                kind=kind,
                area=key[2],
                statement=_statement(said, sentence),
                severity=severity,
                evidence=evidence,
            ),
        )
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(claim for _, (_, claim) in ranked[:MAXIMUM_FEEDBACK])


def policy_claims(reading: Reading) -> tuple[PolicyFeedbackClaim, ...]:
    """What the customer praises or complains about in the company's rules, one claim for each policy and sign."""
    found: dict[tuple[Sign, Policy], PolicyFeedbackClaim] = {}
    for said, sentence in _customer_sentences(reading):
        hits = sentence.of("policy")
        sign = _sign(sentence)
        evidence = cite(said, sentence) if hits and sign is not None else ()
        if sign is None or not evidence:
            continue
        policy = _POLICIES.get(hits[0].meaning, "other")
        found.setdefault(
            (sign, policy),
            PolicyFeedbackClaim(
                sign=sign,
                policy=policy,
                statement=_statement(said, sentence),
                severity=_severity(said, sentence, sign),
                evidence=evidence,
            ),
        )
    return tuple(found.values())[:MAXIMUM_FEEDBACK]


def risk_claims(reading: Reading) -> tuple[RiskClaim, ...]:
    """The risks the customer puts into words, each once, where it was said last."""
    found: dict[RiskKind, RiskClaim] = {}
    for said, sentence in _customer_sentences(reading):
        for kind in _RISKS:
            if not sentence.has(kind) or (kind == "abusive" and sentence.mood > ABUSE):
                continue
            evidence = cite(said, sentence)
            if evidence:
                found[kind] = RiskClaim(kind=kind, evidence=evidence)
    return tuple(found[kind] for kind in _RISKS if kind in found)


def _customer_sentences(reading: Reading) -> list[tuple[Said, Sentence]]:
    return [(said, sentence) for said in reading.customer for sentence in said.sentences if sentence.hits]


def _sign(sentence: Sentence) -> Sign | None:
    if sentence.mood <= COMPLAINT or sentence.has("reject"):
        return "negative"
    return "positive" if sentence.mood >= PRAISE and not sentence.is_question else None


def _judged(sentence: Sentence) -> tuple[Sign, FeedbackKind] | None:
    for kind in _FAULTS:
        if sentence.has(kind):
            return "negative", kind
    sign = _sign(sentence)
    if sentence.has("service") and sign is not None:
        return sign, "service"
    if sentence.has("feature"):
        wished = any(hit.meaning == WISHED for hit in sentence.of("feature")) or sign == "negative"
        return ("negative", "feature") if wished else ("positive", "feature") if sign is not None else None
    if sign is not None and sentence.has("area"):
        return sign, "feature"
    return None


def _area(sentence: Sentence) -> str:
    areas = sentence.of("area")
    if areas:
        return areas[0].meaning
    return "service" if sentence.has("service") else WITHOUT_AREA


def _severity(said: Said, sentence: Sentence, sign: Sign) -> Severity:
    if sign == "positive":
        return "low"
    if said.has("severe"):
        return "critical" if sentence.mood <= GRAVE else "high"
    if sentence.mood <= GRAVE:
        return "high"
    return "medium" if sentence.mood < COMPLAINT or sentence.has("still", "cannot", "broken") else "low"


def _statement(said: Said, sentence: Sentence) -> str:
    return clip(" ".join(said.turn.text[sentence.start : sentence.end].split()), STATEMENT_LENGTH)
