"""A lake of surveys and scores drawn at random, kept beside it as plain rows: what other code computes from them.

Thirteen weeks of a workspace `lab`, whose happy customers answer more often, whose people and AI agent score alike
within a topic but have other topics, and whose customers come back; and of `calm`, where answering has no cause.
`few` has 9 conversations.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tests.dbt.lake_builder import JUDGE, SCORER, LakeBuilder

MONDAY = date(2026, 1, 5)
WEEKS = 13
PER_WEEK = {"lab": 120, "calm": 110}
MIXES = ("human_only", "ai_only", "mixed")
REPLIES = {"human_only": ("human_agent",), "ai_only": ("ai_agent",), "mixed": ("ai_agent", "human_agent")}
TOPICS = ("access", "dispute")
MOOD = {"access": (0.04, 0.06, 0.1, 0.3, 0.5), "dispute": (0.3, 0.25, 0.15, 0.2, 0.1)}


@dataclass(frozen=True)
class Served:
    """One conversation as it was drawn; a score or rating that is not there is None."""

    workspace: str
    week: date
    number: int
    customer: str
    mix: str
    topic: str
    channel: str
    score: int | None
    asked: bool
    rating: int | None
    vendor: float | None

    @property
    def is_good(self) -> bool:
        """Scored 4 or 5."""
        return self.score is not None and self.score >= 4

    @property
    def is_rated_good(self) -> bool:
        """Rated 4 or 5."""
        return self.rating is not None and self.rating >= 4


def drawn(seed: int = 3) -> list[Served]:
    """Every conversation of the lake, the same for a seed."""
    chance = np.random.default_rng(seed)
    found = [
        _draw(chance, workspace, MONDAY + timedelta(weeks=week), number)
        for workspace, size in PER_WEEK.items()
        for week in range(WEEKS)
        for number in range(size)
    ]
    return [*found, *(_draw(chance, "few", MONDAY, number) for number in range(9))]


def _draw(chance: np.random.Generator, workspace: str, week: date, number: int) -> Served:
    mix = str(chance.choice(MIXES, p=(0.4, 0.4, 0.2)))
    topic = str(chance.choice(TOPICS, p=(0.3, 0.7) if mix == "human_only" else (0.8, 0.2)))
    feels = int(chance.choice(5, p=MOOD[topic])) + 1
    score = feels if chance.random() < 0.9 else None
    asked = bool(chance.random() < 0.6)
    answers = 0.7 if feels >= 4 and workspace == "lab" else 0.35
    rated = asked and chance.random() < answers
    return Served(
        workspace=workspace,
        week=week,
        number=number,
        customer=f"c{chance.integers(0, 50)}",
        mix=mix,
        topic=topic,
        channel=str(chance.choice(("chat", "email"))),
        score=score,
        asked=asked,
        rating=int(np.clip(feels + chance.integers(-1, 2), 1, 5)) if rated else None,
        vendor=feels * 20 + float(chance.integers(-20, 21)) if workspace == "lab" else None,
    )


def write(lake: LakeBuilder, served: list[Served]) -> None:
    """Writes the conversations as a lake, with the newest version late enough for every week to be mature."""
    lake.add("workspaces", champion_scorer_version=SCORER)
    for one in served:
        _write_one(lake, one)
    late = f"{MONDAY + timedelta(weeks=WEEKS + 2)} 12:00"
    lake.add("conversations", workspace_id="lab", conversation_id="late", version_at=late, state="open")
    lake.write()


def _write_one(lake: LakeBuilder, one: Served) -> None:
    at = f"{one.week + timedelta(days=one.number % 7)} 12:00"
    version = {
        "workspace_id": one.workspace,
        "conversation_id": f"{one.week}-{one.number}",
        "version_at": at,
    }
    lake.add(
        "conversations",
        **version,
        first_closed_at=at,
        last_closed_at=at,
        customer_id=one.customer,
        topic=one.topic,
        channel=one.channel,
        initiated_by="customer",
        csat_requested_at=at if one.asked else None,
        csat_rating=one.rating,
        csat_rated_at=at if one.rating else None,
        vendor_cx_score=one.vendor,
    )
    for position, author in enumerate(("customer", *REPLIES[one.mix])):
        lake.add("messages", **version, message_id=f"m{position}", position=position, author_type=author, sent_at=at)
    lake.add("judgements", **version, status="scored" if one.score else "model_error")
    if one.score:
        scored = {**version, "scorer_version": SCORER, "judge_version": JUDGE}
        lake.add("conversation_scores", **scored, score=one.score, raw_score=float(one.score), scored_at=at)
        weight = one.score - 3.0
        sign = "positive" if weight > 0 else "negative" if weight < 0 else "neutral"
        lake.add("score_reasons", **version, sign=sign, weight=weight)
