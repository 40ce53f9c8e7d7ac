"""Scores written back to the helpdesk they came from: the latest of each conversation, only where it differs.

Off by default. Each conversation is asked for before it is written, so that a command given twice writes once; one that
is gone is counted and passed over. The requests keep the helpdesk's limits as those of extraction do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

import polars as pl

from orchestration.lake import Lake
from orchestration.sources.http import ApiError, Refused, in_flight
from orchestration.write_back.targets import LONGEST, Target, Values

GONE = 404
Outcome = Literal["written", "would write", "unchanged", "gone"]


class Score(NamedTuple):
    """What is written about one conversation."""

    conversation_id: str
    score: int
    reasons: str
    version: str

    @property
    def values(self) -> Values:
        """By the names of the attributes; reasons are cut to what an attribute holds."""
        reasons = self.reasons if len(self.reasons) <= LONGEST else f"{self.reasons[: LONGEST - 1]}…"
        return {"cxs_score": self.score, "cxs_reasons": reasons, "cxs_version": self.version[:LONGEST]}


class Written(NamedTuple):
    """What became of one conversation."""

    score: Score
    outcome: Outcome


def latest_scores(
    lake: Lake, days: Iterable[date], scorer_version: str, workspace_id: str, source: str
) -> Sequence[Score]:
    """The score of the latest version of each conversation among these update days, by one scorer."""
    columns = ["conversation_id", "version_at", "score", "grounds", "scorer_version"]
    place = (pl.col("workspace_id") == workspace_id) & (pl.col("source") == source)
    frames = [
        lake.read_day("conversation_scores", day, scorer=scorer_version).filter(place).select(columns) for day in days
    ]
    if not frames:
        return ()
    latest = pl.concat(frames).sort("version_at").unique("conversation_id", keep="last").sort("conversation_id")
    return tuple(Score(one, score, grounds, version) for one, _, score, grounds, version in latest.iter_rows())


def write_back(target: Target, scores: Iterable[Score], *, apply: bool) -> Iterator[Written]:
    """Writes what differs, in order; without `apply` only says what would be written.

    Raises:
        SourceError: the helpdesk refuses, such as an attribute that was never made there.
    """

    def handle(score: Score) -> Outcome:
        try:
            held = target.current(score.conversation_id)
            if all(str(held.get(name)) == str(value) for name, value in score.values.items()):
                return "unchanged"
            if not apply:
                return "would write"
            target.write(score.conversation_id, score.values)
        except Refused:
            raise
        except ApiError as error:
            if error.status != GONE:
                raise
            return "gone"
        return "written"

    for score, outcome in in_flight(handle, scores):
        yield Written(score, outcome)


def counted(written: Iterable[Written]) -> Counter[str]:
    """How many ended how."""
    return Counter(one.outcome for one in written)
