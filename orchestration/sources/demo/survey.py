"""The satisfaction survey: who is asked, who answers, when, and with which rating.

The chances are in `odds.py`. Asking is blind to the experience; answering is not, which is the bias to be found.
"""

from dataclasses import dataclass
from random import Random

from orchestration.sources.demo.chance import graded, happens
from orchestration.sources.demo.odds import (
    AI_RATING_ODDS,
    AI_SEVERITY,
    HUMAN_LENIENCY,
    LATE_RATING_SHARE,
    RATING_NOISE,
    REMARK_ODDS,
    RESPONSE_ODDS,
    SURVEY_REQUEST_RATE,
    Service,
)

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Survey:
    """What becomes of the survey of one conversation; seconds count from its first close."""

    asked_after: int | None = None
    answered_after: int | None = None
    rating: int | None = None
    remark: bool = False
    ai_rating: int | None = None


def draw_survey(rng: Random, experience: int | None, service: Service) -> Survey:
    """The survey of a closed conversation. Without an experience (nobody was served) nobody answers."""
    asked = happens(rng, SURVEY_REQUEST_RATE)
    asked_after = rng.randrange(30, 120)
    if experience is None:
        return Survey(asked_after if asked else None)
    answers = happens(rng, RESPONSE_ODDS[experience])
    rating = _felt(rng, experience, service)
    late = happens(rng, LATE_RATING_SHARE)
    delay = rng.randrange(_DAY, 6 * _DAY) if late else rng.randrange(60, 2400)
    remark = happens(rng, REMARK_ODDS)
    ai_rating = _ai_rating(rng, experience) if service != "human_only" else None
    if not asked:
        return Survey(ai_rating=ai_rating)
    if not answers:
        return Survey(asked_after, ai_rating=ai_rating)
    return Survey(asked_after, asked_after + delay, rating, remark, ai_rating)


def _felt(rng: Random, experience: int, service: Service) -> int:
    """The rating: the experience with noise, a little kinder to people and harder on the AI agent."""
    rating = graded(rng, RATING_NOISE[experience])
    kinder, harder = happens(rng, HUMAN_LENIENCY), happens(rng, AI_SEVERITY)
    if service == "human_only" and kinder:
        return min(rating + 1, 5)
    if service == "ai_only" and harder:
        return max(rating - 1, 1)
    return rating


def _ai_rating(rng: Random, experience: int) -> int | None:
    rates = happens(rng, AI_RATING_ODDS)
    rating = graded(rng, RATING_NOISE[experience])
    return rating if rates else None
