"""Scores of a day from its stored claims, and the ledger of the calls behind them; no judge is called.

Judging costs money and goes through the cache (`scoring.py`); scoring is pure, free, and may run as often as one
likes. Versions are read, scored and written in groups, so that no day is ever in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from itertools import groupby, islice

from pydantic import ValidationError

from expectations.schemas.tables import LakeTable
from orchestration import frames
from orchestration.day_writer import DayWriter
from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.parquet_file import batches
from orchestration.score_rows import Scored, Stamp, rows_of
from orchestration.scored_day import SCORE_TABLES, ScoredDay, digest_of_inputs, stored_day
from orchestration.settings import Settings
from orchestration.versions import GROUP, JudgedVersion, stream_judged
from scoring_ops.cache import open_cache
from scoring_ops.claims import Claims
from scoring_ops.scorecard import Scorecard
from scoring_ops.scorer import Clock, utc_now
from scoring_ops.weighing import score_claims


def score_day(
    settings: Settings, lake: Lake, day: date, run_id: str, clock: Clock = utc_now, *, force: bool = False
) -> ScoredDay:
    """Writes all score tables of a day from its stored judgements, or keeps them where their inputs are the same.

    Args:
        settings: say which scorer scores.
        lake: where judgements are, and scores go.
        day: the update day.
        run_id: the run, for the rows.
        clock: the time, for the rows.
        force: scores again whatever is stored.
    """
    scorer = scorer_in_use(settings)
    inputs = digest_of_inputs(lake, day, scorer)
    if not force and (stored := stored_day(lake, day, scorer, inputs)) is not None:
        return stored
    stamp = Stamp(scorer.scorer_version, scorer.card.version, scorer.is_validated, clock(), run_id)
    counts = ScoredDay(Counter(), 0, 0, 0)
    with ExitStack() as stack:
        writers: dict[LakeTable, DayWriter] = {
            table: stack.enter_context(lake.day_writer(table, day, scorer=stamp.scorer_version, inputs=inputs))
            for table in SCORE_TABLES
        }
        for group in _groups(stream_judged(lake, day, scorer.judge_version), writers):
            claimed = [version for version in group if version.judgement.status == "scored"]
            scored = [one for version in claimed if (one := _scored(version, scorer.card)) is not None]
            for table, writer in writers.items():
                writer.write(lake.frame(table, rows_of(table, scored, stamp)))
            counts = _counted(counts, scored, unreadable=len(claimed) - len(scored))
    return counts


def _groups(versions: Iterator[JudgedVersion], writers: Mapping[LakeTable, DayWriter]) -> Iterator[list[JudgedVersion]]:
    """Versions in groups of one workspace and source, which then has a file in every table, if an empty one."""
    for (workspace_id, source), own in groupby(versions, key=lambda version: version.judgement.version[:2]):
        for writer in writers.values():
            writer.begin(workspace_id, source)
        while group := list(islice(own, GROUP)):
            yield group


def _scored(version: JudgedVersion, card: Scorecard) -> Scored | None:
    """The score of a version; None where its claims are of another form or about other words: it stays pending."""
    judgement, transcript = version.judgement, version.transcript
    if transcript is None or judgement.transcript_hash != transcript.transcript_hash:
        return None
    try:
        claims = Claims.model_validate_json(judgement.claims_json)
    except ValidationError:
        return None
    return Scored(judgement, transcript.agent_mix, score_claims(claims, transcript, version.channel, card))


def _counted(day: ScoredDay, scored: list[Scored], *, unreadable: int) -> ScoredDay:
    return ScoredDay(
        day.scores + Counter(one.score.score for one in scored),
        day.claims + sum(one.score.claims_total for one in scored),
        day.proven + sum(one.score.claims_proven for one in scored),
        day.unreadable + unreadable,
    )


def write_calls(settings: Settings, lake: Lake, day: date) -> int:
    """Writes `llm_calls` of a day: the call behind each answer in use, one row per key; returns their number."""
    judge_version = scorer_in_use(settings).judge_version
    answers = iter(sorted(_answers_in_use(lake, day, judge_version).items()))
    calls_written = 0
    with (
        open_cache(settings.cache_url) as cache,
        lake.day_writer("llm_calls", day, scorer=judge_version) as writer,
    ):
        while group := list(islice(answers, GROUP)):
            hashes = {transcript_hash for (_, _, transcript_hash), _ in group}
            calls = {answer.call.transcript_hash: answer.call for answer in cache.answers(judge_version, hashes)}
            rows = [
                frames.call_row(workspace, source, users, calls[transcript_hash])
                for (workspace, source, transcript_hash), users in group
                if transcript_hash in calls
            ]
            writer.write(lake.frame("llm_calls", rows))
            calls_written += len(rows)
    return calls_written


def _answers_in_use(lake: Lake, day: date, judge_version: str) -> Counter[tuple[str, str, str]]:
    """How many scored versions use an answer, by workspace, source and transcript hash."""
    users: Counter[tuple[str, str, str]] = Counter()
    columns = ["workspace_id", "source", "transcript_hash", "status"]
    for path in lake.day_paths("judgements", day, scorer=judge_version).values():
        for frame in batches(path, columns):
            users.update(row[:3] for row in frame.iter_rows() if row[3] == "scored")
    return users
