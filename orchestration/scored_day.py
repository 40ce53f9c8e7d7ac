"""What a scored day is: its tables, its counts, and the digest of everything its scores were made from.

The digest is kept in the day's files, so that scores whose inputs are still the same need not be made again. Making
them is `scores.py`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from expectations.schemas.tables import LakeTable, polars_schema
from orchestration.judges import ScorerInUse
from orchestration.lake import Lake, is_run_varying
from orchestration.parquet_file import UNREADABLE, batches, hash_columns, inputs_of

SCORE_TABLES: tuple[LakeTable, ...] = (
    "conversation_scores",
    "dimension_scores",
    "score_reasons",
    "issues",
    "feedback_items",
)


class ScoredDay(NamedTuple):
    """What scoring a day gave: versions by score, claims, proven ones, and stored claims that fit no transcript."""

    scores: Counter[int]
    claims: int
    proven: int
    unreadable: int


def digest_of_inputs(lake: Lake, day: date, scorer: ScorerInUse) -> str:
    """Hex sha256 of all that the scores of a day are made from, but for what varies by run.

    The stored bytes of the columns are hashed, not their values: nothing is decoded, and files written in another
    way count as changed, which costs a scoring and never a wrong score.
    """
    digest = hashlib.sha256()
    made_by = (scorer.scorer_version, scorer.is_validated, [polars_schema(table) for table in SCORE_TABLES])
    digest.update(repr(made_by).encode())
    read: dict[LakeTable, str | None] = {"conversations": None, "messages": None, "judgements": scorer.judge_version}
    for table, judge_version in read.items():
        for folder, path in lake.day_paths(table, day, scorer=judge_version).items():
            digest.update(f"{table}/{folder}".encode())
            hash_columns(path, digest, lambda name: not is_run_varying(name))
    return digest.hexdigest()


def stored_day(lake: Lake, day: date, scorer: ScorerInUse, inputs: str) -> ScoredDay | None:
    """The counts of a day whose stored scores were made from these inputs; None where any file of it was not."""
    judged = _statuses(lake, day, scorer.judge_version)
    needed = {folder for folder, statuses in judged.items() if statuses}
    for table in SCORE_TABLES:
        paths = lake.day_paths(table, day, scorer=scorer.scorer_version)
        if not needed <= paths.keys() or any(inputs_of(path) != inputs for path in paths.values()):
            return None
    try:
        rows = pl.concat(_counted(lake, day, scorer.scorer_version))
    except UNREADABLE:
        return None
    scores = Counter[int](rows["score"])
    unreadable = sum(statuses["scored"] for statuses in judged.values()) - scores.total()
    return ScoredDay(scores, int(rows["claims_total"].sum()), int(rows["claims_proven"].sum()), unreadable)


def _statuses(lake: Lake, day: date, judge_version: str) -> dict[str, Counter[str]]:
    """Judged versions by status, for each workspace and source."""
    return {
        folder: Counter[str](status for frame in batches(path, ["status"]) for status in frame["status"])
        for folder, path in lake.day_paths("judgements", day, scorer=judge_version).items()
    }


def _counted(lake: Lake, day: date, scorer_version: str) -> Iterator[pl.DataFrame]:
    columns = ["score", "claims_total", "claims_proven"]
    yield lake.empty("conversation_scores").select(columns)
    for path in lake.day_paths("conversation_scores", day, scorer=scorer_version).values():
        yield from batches(path, columns)
