"""The known truth of the demo: what really happened in each conversation, kept apart from what the source emits.

It lies in a file of its own, never in the lake: reports can be held against it, scoring must not see it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from os import PathLike
from pathlib import Path

import polars as pl

from orchestration.sources.demo.facts import SENTIMENT
from orchestration.sources.demo.odd import agent_mix_of
from orchestration.sources.demo.odds import Kind
from orchestration.sources.demo.plan import SERVED
from orchestration.sources.demo.timeline import Timeline
from scoring_ops.claims import EffortLevel, Emotion, FaultKind, Policy, Resolution, RiskKind, Sentiment, Sign
from scoring_ops.conversation import AgentMix


@dataclass(frozen=True, slots=True)
class KnownTruth:
    """What is true of one conversation at the end of the demo's time.

    `experience` is 1 to 5; it and all that follows from it is None or empty where nobody was served to the end
    (`kind` says why). `resolutions` has one entry per issue. `answered` and `rating` leave out ratings that would
    come after the last day.
    """

    workspace_id: str
    source: str
    conversation_id: str
    kind: Kind
    agent_mix: AgentMix
    topic: str
    experience: int | None
    resolutions: tuple[Resolution, ...]
    sentiment_end: Sentiment | None
    effort: EffortLevel | None
    emotions: tuple[Emotion, ...]
    faults: tuple[FaultKind, ...]
    product_feedback: Sign | None
    product_area: str | None
    policy_feedback: Sign | None
    policy: Policy | None
    risks: tuple[RiskKind, ...]
    reopened: bool
    asked: bool
    answered: bool
    rating: int | None


_LISTS = ("resolutions", "emotions", "faults", "risks")
_TYPES: dict[str, pl.DataType] = {
    **{field.name: pl.String() for field in fields(KnownTruth)},
    **{name: pl.List(pl.String) for name in _LISTS},
    **{name: pl.Int64() for name in ("experience", "rating")},
    **{name: pl.Boolean() for name in ("reopened", "asked", "answered")},
}


def truth_of(timeline: Timeline, workspace_id: str, source: str, end: datetime) -> KnownTruth:
    """The truth about one conversation, as of `end`."""
    plan, facts = timeline.plan, timeline.plan.facts
    served = plan.kind in SERVED
    asked_at = next((timed.at for timed in timeline.beats if timed.beat.kind == "rating_request"), None)
    answered = timeline.rated_at is not None and timeline.rated_at < end
    return KnownTruth(
        workspace_id=workspace_id,
        source=source,
        conversation_id=plan.conversation_id,
        kind=plan.kind,
        agent_mix=agent_mix_of([timed.beat for timed in timeline.beats]),
        topic=plan.topics[0].key,
        experience=plan.experience,
        resolutions=facts.resolutions if served else (),
        sentiment_end=SENTIMENT[facts.ending] if served else None,
        effort=facts.effort if served else None,
        emotions=facts.emotions if served else (),
        faults=facts.faults if served else (),
        product_feedback=facts.product if served else None,
        product_area=plan.topics[0].product_area if served and facts.product else None,
        policy_feedback=facts.policy if served else None,
        policy=plan.topics[0].policy if served and facts.policy else None,
        risks=facts.risks if served else (),
        reopened=plan.reopened_after is not None,
        asked=asked_at is not None and asked_at < end,
        answered=answered,
        rating=plan.survey.rating if answered else None,
    )


def write_truth(truths: Iterable[KnownTruth], path: str | PathLike[str]) -> None:
    """Writes one row per conversation to a Parquet file; lists stay lists."""
    rows = [{**asdict(truth), **{name: list(getattr(truth, name)) for name in _LISTS}} for truth in truths]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows, schema=_TYPES).write_parquet(Path(path))
