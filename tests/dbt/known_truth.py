"""Weeks of scored conversations drawn from odds that are written down: a mart can be held against what is true.

A seed is a workspace, so that one build of the marts answers for hundreds of draws. In a `planted` world happy
customers answer surveys more often, people and the AI agent serve equally well but get other topics, one topic gets
worse by two points a week, and in the third week a stricter scorer takes over, while the old one still scores along. In
a `calm` world nothing has a cause. Drawn with numpy in whole columns, as a million of them are soon drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema
from scoring_ops.claims import Dimension
from tests.dbt.lake_builder import JUDGE, SCORER, SHADOW, SHADOW_JUDGE, default_row, utc

MONDAY = date(2026, 1, 5)
CHANGE = 2  # the third week is the first of the new scorer
TOPICS = ("access", "dispute", "shipping")
DECLINING = TOPICS.index("shipping")
SCORED, ASKED = 0.9, 0.6
RATED_GOOD = (0.2, 0.9)  # of the badly and of the well served
RESOLVED = (0.3, 0.8)
LENIENT = 0.2  # of what the new scorer finds not good, the old one found this share good
SCORES_OF_BAD = (1, 2, 3)
Column = np.ndarray


@dataclass(frozen=True)
class World:
    """The odds of a kind of workspace; `good` is the chance of a 4 or 5 by week and topic."""

    name: str
    per_week: int
    weeks: int = 26
    shares: tuple[float, ...] = (0.45, 0.3, 0.25)
    human: tuple[float, ...] = (0.3, 0.7, 0.5)
    mood: tuple[float, ...] = (0.9, 0.55, 0.86)
    decline: float = 0.02
    answers: tuple[float, float] = (0.25, 0.6)  # of the badly and of the well served who are asked
    has_scorer_change: bool = True
    good: Column = field(init=False)

    def __post_init__(self) -> None:
        """Works out the odds of every week."""
        good = np.tile(np.array(self.mood), (self.weeks, 1))
        good[:, DECLINING] -= self.decline * np.arange(self.weeks)
        object.__setattr__(self, "good", good)


def planted(per_week: int) -> World:
    """A world with every cause that the marts are to find."""
    return World("planted", per_week)


def calm(per_week: int) -> World:
    """A world in which every group is served alike, every week, and everybody answers alike."""
    return World(
        "calm",
        per_week,
        human=(0.5, 0.5, 0.5),
        mood=(0.75, 0.75, 0.75),
        decline=0,
        answers=(0.4, 0.4),
        has_scorer_change=False,
    )


@dataclass(frozen=True)
class Drawn:
    """The conversations of all seeds of a world, one entry each in every column."""

    world: World
    ids: Column
    seed: Column
    day: Column
    topic: Column
    human: Column
    good: Column
    score: Column
    old_score: Column
    scored: Column
    overlap: Column
    asked: Column
    rating: Column  # 0 is none
    resolved: Column


def draw(world: World, seeds: int, start: int = 7) -> Drawn:
    """The conversations of `seeds` workspaces, the same for the same start."""
    chance = np.random.default_rng(start)
    size = seeds * world.weeks * world.per_week
    ids = np.arange(size)
    seed, rest = np.divmod(ids, world.weeks * world.per_week)
    week = rest // world.per_week
    topic = chance.choice(len(TOPICS), size, p=world.shares)
    good = _happens(chance, world.good[week, topic])
    old_good = good | _happens(chance, np.full(size, LENIENT))
    asked = _happens(chance, np.full(size, ASKED))
    rated = asked & _happens(chance, np.array(world.answers)[good.astype(int)])
    rated_good = _happens(chance, np.array(RATED_GOOD)[good.astype(int)])
    has_old = world.has_scorer_change & (week <= CHANGE)
    return Drawn(
        world=world,
        ids=ids,
        seed=seed,
        day=week * 7 + ids % 7,
        topic=topic,
        human=_happens(chance, np.array(world.human)[topic]),
        good=good,
        score=_score(chance, good),
        old_score=np.where(has_old, _score(chance, old_good), 0),
        scored=_happens(chance, np.full(size, SCORED)),
        overlap=has_old & (week == CHANGE),
        asked=asked,
        rating=np.where(rated, _score(chance, rated_good), 0),
        resolved=_happens(chance, np.array(RESOLVED)[good.astype(int)]),
    )


def _happens(chance: np.random.Generator, odds: Column) -> Column:
    return chance.random(len(odds)) < odds


def _score(chance: np.random.Generator, good: Column) -> Column:
    return np.where(good, chance.integers(4, 6, len(good)), chance.choice(SCORES_OF_BAD, len(good)))


def write(root: Path, worlds: list[Drawn], *, reasons: int = 0) -> None:
    """Writes all worlds as one lake, with `reasons` per score; no week of it is immature."""
    for table in LAKE_TABLES:
        _write(root, table, "empty", pl.DataFrame(schema=polars_schema(table)))
    _write(root, "workspaces", "all", _frame("workspaces", pl.DataFrame({"champion_scorer_version": [SHADOW]})))
    for drawn in worlds:
        name = drawn.world.name
        versions = _versions(drawn)
        _write(root, "conversations", name, _frame("conversations", _conversations(drawn, versions)))
        for position in (0, 1):
            _write(root, "messages", f"{name}-{position}", _frame("messages", _message(drawn, versions, position)))
        for scorer, judge, score in ((SHADOW, SHADOW_JUDGE, _new_score(drawn)), (SCORER, JUDGE, drawn.old_score)):
            part, is_judged = f"{name}-{judge}", score > 0
            scored = versions.with_columns(score=score, judge_version=pl.lit(judge), scorer_version=pl.lit(scorer))
            judged = scored.with_columns(
                status=pl.when(pl.Series(drawn.scored)).then(pl.lit("scored")).otherwise(pl.lit("model_error"))
            )
            _write(root, "judgements", part, _frame("judgements", judged.filter(is_judged)))
            scored = scored.filter(is_judged & drawn.scored).with_columns(raw_score=pl.col("score").cast(pl.Float64))
            _write(root, "conversation_scores", part, _frame("conversation_scores", scored))
            for number, frame in enumerate(_reasons(scored, reasons)):
                _write(root, "score_reasons", f"{part}-{number}", _frame("score_reasons", frame))
    last = MONDAY + timedelta(weeks=max(drawn.world.weeks for drawn in worlds) + 2)
    late = pl.DataFrame({"workspace_id": ["late"], "version_at": [utc(f"{last} 12:00")], "state": ["open"]})
    _write(root, "conversations", "late", _frame("conversations", late))


def _versions(drawn: Drawn) -> pl.DataFrame:
    noon = datetime.combine(MONDAY, datetime.min.time()) + timedelta(hours=12)
    columns = {"id": drawn.ids, "seed": drawn.seed, "day": drawn.day}
    return pl.DataFrame(columns).select(
        workspace_id=pl.format(f"{drawn.world.name}-{{}}", pl.col("seed")),
        conversation_id=pl.format("c{}", pl.col("id")),
        version_at=(pl.lit(noon) + pl.duration(days="day")).dt.replace_time_zone("UTC"),
    )


def _conversations(drawn: Drawn, versions: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("version_at")
    return versions.with_columns(
        created_at=at,
        first_closed_at=at,
        last_closed_at=at,
        topic=np.array(TOPICS)[drawn.topic],
        channel=np.array(("chat", "email"))[drawn.ids // 7 % 2],
        team=np.array(("north", "south", "west"))[drawn.ids // 14 % 3],
        language=pl.lit("en"),
        customer_id=pl.col("conversation_id"),
        initiated_by=pl.lit("customer"),
        ai_agent_participated=~drawn.human,
        ai_resolution_state=pl.when(pl.Series(~drawn.human & drawn.resolved)).then(pl.lit("assumed")),
        csat_requested_at=pl.when(pl.Series(drawn.asked)).then(at),
        csat_rating=pl.when(pl.Series(drawn.rating > 0)).then(pl.Series(drawn.rating)),
        csat_rated_at=pl.when(pl.Series(drawn.rating > 0)).then(at),
        observed_at=at,
    )


def _message(drawn: Drawn, versions: pl.DataFrame, position: int) -> pl.DataFrame:
    agent = pl.when(pl.Series(drawn.human)).then(pl.lit("human_agent")).otherwise(pl.lit("ai_agent"))
    return versions.with_columns(
        message_id=pl.lit(f"m{position}"),
        position=pl.lit(position),
        author_type=agent if position else pl.lit("customer"),
        sent_at=pl.col("version_at") - pl.duration(minutes=10 * (2 - position)),
    )


def _new_score(drawn: Drawn) -> Column:
    return np.where((drawn.old_score == 0) | drawn.overlap, drawn.score, 0)


def _reasons(scored: pl.DataFrame, count: int) -> Iterator[pl.DataFrame]:
    """The same number for every score, in opposite directions, with the score as their sum."""
    against = 2
    dimensions = get_args(Dimension)
    for number in range(count):
        pull = (pl.col("score") - 2.5) / (count - against) if number < count - against else pl.lit(-0.5 / against)
        yield scored.with_columns(
            reason_position=pl.lit(number),
            dimension=pl.lit(dimensions[number % len(dimensions)]),
            weight=pull,
            sign=pl.when(pull > 0).then(pl.lit("positive")).otherwise(pl.lit("negative")),
        )


def _frame(table: LakeTable, frame: pl.DataFrame) -> pl.DataFrame:
    """The typed rows of a table; a column that is not there takes its default, or null."""
    given, kinds = default_row(table), polars_schema(table)
    columns: list[pl.Expr] = []
    for name, kind in kinds.items():
        value = given.get(name)
        if isinstance(kind, pl.Datetime) and value is not None:
            value = utc(value)
        column = pl.col(name) if name in frame.columns else pl.lit(value)
        columns.append(column.cast(kind).alias(name))
    return frame.select(columns)


def _write(root: Path, table: LakeTable, part: str, frame: pl.DataFrame) -> None:
    (root / table).mkdir(parents=True, exist_ok=True)
    frame.write_parquet(root / table / f"{part}.parquet")
