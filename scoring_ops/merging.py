"""The claims about the parts of a long transcript, merged into claims about the whole: pure and deterministic.

The rubric decides what is one entry: a feeling and a risk are one however often they are said, a fault is one for each
event, feedback one for each point. Nothing is proven here: every quote is one that a judge gave, and `evidence.py`
looks for it in the whole transcript. Asking a judge to reconcile the result is `reconciliation.py`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar, get_args

from scoring_ops.claims import (
    AnswerFault,
    AnswerQualityClaim,
    Aspect,
    Citation,
    Claims,
    EffortClaim,
    EffortDriver,
    EffortLevel,
    EmotionClaim,
    FaultClaim,
    IssueClaim,
    PolicyFeedbackClaim,
    ProductFeedbackClaim,
    RiskClaim,
    Sentiment,
    SentimentClaim,
    ServiceClaim,
    Severity,
)
from scoring_ops.matching import MOST_ENTRIES, bounded, grouped, overlap, same_issue, same_wording, united
from scoring_ops.score import NEGATIVE_TO, SCORE_NEUTRAL
from scoring_ops.weighing import to_score
from scoring_ops.windows import Window

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
_LEVELS: tuple[EffortLevel, ...] = get_args(EffortLevel)
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Entry = TypeVar("Entry", EmotionClaim, FaultClaim, RiskClaim)
Feedback = TypeVar("Feedback", ProductFeedbackClaim, PolicyFeedbackClaim)
Rated = TypeVar("Rated", ServiceClaim, AnswerQualityClaim)

_Felt = tuple[Sentiment, tuple[Citation, ...]]
_UNDETECTED: _Felt = ("not_detectable", ())


class _Mention(NamedTuple):
    """An issue as one part tells it; `is_new` where it cites a turn that no earlier part has judged."""

    issue: IssueClaim
    is_new: bool


def merge(parts: Sequence[Claims], cut: Sequence[Window]) -> Claims:
    """The claims about the whole conversation; those of a single part come back as they are.

    Args:
        parts: the claims about each window, in order.
        cut: the windows, which tell how much each part weighs and which turns it repeats.

    Raises:
        ValueError: no parts, or another number of them than of windows.
    """
    if not parts or len(parts) != len(cut):
        raise ValueError(f"{len(parts)} claims about {len(cut)} windows")
    if len(parts) == 1:
        return parts[0]
    weights = [max(window.turns_judged, 1) for window in cut]
    return Claims(
        issues=_issues(parts, cut),
        sentiment=_sentiment(parts),
        service_quality=_service(parts, weights),
        answer_quality_ai=_answers([part.answer_quality_ai for part in parts], weights),
        answer_quality_human=_answers([part.answer_quality_human for part in parts], weights),
        customer_effort=_effort([part.customer_effort for part in parts]),
        strong_emotion=_entries(
            [part.strong_emotion for part in parts], lambda a, b: (a.sign, a.emotion) == (b.sign, b.emotion)
        ),
        product_feedback=_feedback(
            [part.product_feedback for part in parts], lambda a, b: (a.sign, a.kind) == (b.sign, b.kind)
        ),
        policy_feedback=_feedback(
            [part.policy_feedback for part in parts], lambda a, b: (a.sign, a.policy) == (b.sign, b.policy)
        ),
        process_fault=_entries(
            [part.process_fault for part in parts],
            lambda a, b: a.kind == b.kind and overlap(a.evidence, b.evidence),
        ),
        risk=_entries([part.risk for part in parts], lambda a, b: a.kind == b.kind),
        summary=_summary(parts[0].summary, parts[-1].summary),
        language=Counter(part.language for part in parts).most_common(1)[0][0],
        judge_rating=_mean([part.judge_rating for part in parts], weights),
    )


def _issues(parts: Sequence[Claims], cut: Sequence[Window]) -> tuple[IssueClaim, ...]:
    """Every issue once, in its first wording, with its last status and what proves that status."""
    by_first_part: list[list[list[_Mention]]] = []
    for part, window in zip(parts, cut, strict=True):
        known = list(chain.from_iterable(by_first_part))
        issues = part.issues[:MOST_ENTRIES]
        homes = _homes(known, issues)
        first_mentions: list[list[_Mention]] = []
        for number, issue in enumerate(issues):
            mention = _Mention(issue, any(citation.turn >= window.fresh_from for citation in issue.evidence))
            if number in homes:
                known[homes[number]].append(mention)
            else:
                first_mentions.append([mention])
        by_first_part = bounded([*by_first_part, first_mentions])
    return tuple(_last_status(mentions) for mentions in chain.from_iterable(by_first_part))


def _homes(known: Sequence[Sequence[_Mention]], issues: Sequence[IssueClaim]) -> dict[int, int]:
    """Which known issue each issue of a part is, the most alike first: two issues of one part are never the same."""
    pairs = [
        (-likeness, at, number)
        for at, mentions in enumerate(known)
        for number, issue in enumerate(issues)
        if (likeness := max(same_issue(mention.issue, issue) for mention in mentions))
    ]
    homes: dict[int, int] = {}
    for _, at, number in sorted(pairs):
        if number not in homes and at not in homes.values():
            homes[number] = at
    return homes


def _last_status(mentions: Sequence[_Mention]) -> IssueClaim:
    """An issue with the status of its last mention; one that only repeats turns already judged tells nothing later."""
    winner = next((m for m in reversed(mentions) if m.is_new), mentions[-1]).issue
    agreeing = (m.issue.evidence for m in reversed(mentions) if m.issue.status == winner.status)
    evidence = united([winner.evidence, *agreeing])
    return IssueClaim(issue=mentions[0].issue.issue, status=winner.status, evidence=evidence)


def _sentiment(parts: Sequence[Claims]) -> SentimentClaim | None:
    """The start of the first part that detects one, the end of the last; a cited one before one without a quote."""
    told = [part.sentiment for part in parts if part.sentiment is not None]
    if not told:
        return None
    start, start_evidence = _detected([(claim.start, claim.start_evidence) for claim in told])
    end, end_evidence = _detected([(claim.end, claim.end_evidence) for claim in reversed(told)])
    return SentimentClaim(start=start, start_evidence=start_evidence, end=end, end_evidence=end_evidence)


def _detected(told: Sequence[_Felt]) -> _Felt:
    detected = [pair for pair in told if pair[0] != "not_detectable"]
    cited = [pair for pair in detected if pair[1]]
    return (*cited, *detected, _UNDETECTED)[0]


def _service(parts: Sequence[Claims], weights: Sequence[int]) -> tuple[ServiceClaim, ...]:
    """One entry for each aspect. The rubric: one serious lapse keeps an aspect at 2 or below."""
    merged: list[ServiceClaim] = []
    for aspect in get_args(Aspect):
        rated = [
            (claim, weight)
            for part, weight in zip(parts, weights, strict=True)
            for claim in part.service_quality
            if claim.aspect == aspect
        ]
        if rated:
            rating, evidence = _overall(rated, lapse_at_most=NEGATIVE_TO)
            merged.append(ServiceClaim(aspect=aspect, rating=rating, evidence=evidence))
    return tuple(merged)


def _answers(told: Sequence[AnswerQualityClaim | None], weights: Sequence[int]) -> AnswerQualityClaim | None:
    """One rating of all answers. The rubric: where a fault had to be put right along the way it is 3 at best."""
    rated = [(claim, weight) for claim, weight in zip(told, weights, strict=True) if claim is not None]
    if not rated:
        return None
    rating, evidence = _overall(rated, lapse_at_most=SCORE_NEUTRAL)
    faults: dict[AnswerFault, None] = dict.fromkeys(fault for claim, _ in rated for fault in claim.faults)
    return AnswerQualityClaim(rating=rating, faults=tuple(faults), evidence=evidence)


def _overall(rated: Sequence[tuple[Rated, int]], *, lapse_at_most: int) -> tuple[int, tuple[Citation, ...]]:
    """The mean by turns, bounded where any part was poor; proven by parts on the same side of 3 alone."""
    told = [pair for pair in rated if pair[0].evidence] or list(rated)
    rating = _mean([claim.rating for claim, _ in told], [weight for _, weight in told])
    if min(claim.rating for claim, _ in told) <= NEGATIVE_TO:
        rating = min(rating, lapse_at_most)
    proving = [claim for claim, _ in told if rating == SCORE_NEUTRAL or _side(claim.rating) == _side(rating)]
    return rating, united(claim.evidence for claim in sorted(proving, key=lambda claim: abs(claim.rating - rating)))


def _mean(ratings: Sequence[int], weights: Sequence[int]) -> int:
    """The weighted mean, rounded as scores are: ties toward 3."""
    return to_score(sum(rating * weight for rating, weight in zip(ratings, weights, strict=True)) / sum(weights))


def _side(rating: int) -> int:
    return (rating > SCORE_NEUTRAL) - (rating < SCORE_NEUTRAL)


def _effort(told: Sequence[EffortClaim | None]) -> EffortClaim | None:
    """The highest level and what proves that one; the drivers of all parts."""
    claims = [claim for claim in told if claim is not None]
    claims = [claim for claim in claims if claim.evidence] or claims
    if not claims:
        return None
    level = _LEVELS[max(_LEVELS.index(claim.level) for claim in claims)]
    evidence = united(claim.evidence for claim in claims if claim.level == level)
    drivers: dict[EffortDriver, None] = dict.fromkeys(driver for claim in claims for driver in claim.drivers)
    return EffortClaim(level=level, drivers=tuple(drivers), evidence=evidence)


def _entries(parts: Sequence[tuple[Entry, ...]], same: Callable[[Entry, Entry], bool]) -> tuple[Entry, ...]:
    return tuple(
        group[0].model_copy(update={"evidence": united(claim.evidence for claim in group)})
        for group in grouped(parts, same)
    )


def _feedback(
    parts: Sequence[tuple[Feedback, ...]], same_kind: Callable[[Feedback, Feedback], bool]
) -> tuple[Feedback, ...]:
    """Each point once, in its first wording, with its highest severity and the quotes of that one first."""

    def same(some: Feedback, other: Feedback) -> bool:
        return same_kind(some, other) and (
            overlap(some.evidence, other.evidence) or same_wording(some.statement, other.statement) > 0
        )

    merged: list[Feedback] = []
    for group in grouped(parts, same):
        by_severity = sorted(group, key=lambda claim: -_SEVERITIES.index(claim.severity))
        evidence = united(claim.evidence for claim in by_severity)
        merged.append(group[0].model_copy(update={"severity": by_severity[0].severity, "evidence": evidence}))
    return tuple(merged)


def _summary(first: str, last: str) -> str:
    """What the customer wanted as the first part tells it, and how it ended as the last one does."""
    opening = _SENTENCE_END.split(first.strip())[0]
    ending = [sentence for sentence in _SENTENCE_END.split(last.strip()) if sentence][-1:]
    return " ".join(dict.fromkeys(filter(None, (opening, *ending))))
