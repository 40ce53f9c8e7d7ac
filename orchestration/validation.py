"""Validating a scorer: labelled conversations are judged through the cache, scored, and held against what people said.

Costs what judging costs, once: answers are cached like those of a run, and budgets hold. The arithmetic is
`scoring_ops/validation`; where reports are kept is `validation_store.py`.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import NamedTuple
from uuid import uuid4

from pydantic import ValidationError

from orchestration.judges import ScorerInUse, budget_of, scorer_of
from orchestration.labels import LabelledSet
from orchestration.settings import Settings
from orchestration.taught import taught_hashes
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.claims import Claims
from scoring_ops.eligibility import failed_rules
from scoring_ops.judges.again import AskedAgain
from scoring_ops.judges.protocol import Judge, Status
from scoring_ops.score import ConversationScore
from scoring_ops.scorer import Clock, Scorer, utc_now
from scoring_ops.transcript import Transcript, transcribe
from scoring_ops.validation.cases import Case
from scoring_ops.validation.comparison import Rerun, rerun_of
from scoring_ops.validation.labels import Labelled
from scoring_ops.validation.report import Source, ValidationReport, validation_report
from scoring_ops.weighing import score_claims
from scoring_ops.words import count_words

RERUN = 100  # conversations that are asked about twice, unless told otherwise
SEED = 20250106

Told = Callable[[str, int, int], None]
"""Hears what is being done, how many conversations are done, and how many there are."""


def nobody(_what: str, _done: int, _of: int) -> None:
    """Hears nothing."""


class _Read(NamedTuple):
    labelled: Labelled
    transcript: Transcript


def validate(
    settings: Settings,
    labels: LabelledSet,
    *,
    baseline: ValidationReport | None = None,
    rerun: int = RERUN,
    clock: Clock = utc_now,
    told: Told = nobody,
) -> ValidationReport:
    """The report of the scorer that the settings describe, on these labels; a version need not pass the gate for it.

    Args:
        settings: say which scorer is validated.
        labels: the labelled conversations, masked.
        baseline: the report of another version, to be compared with.
        rerun: how many conversations the judge is asked about a second time.
        clock: the time of the report.
        told: hears how far it has come.

    Raises:
        SettingError: a scorer that cannot be used.
        CacheError: answers cannot be kept.
    """
    scorer = scorer_of(settings)
    read = [_Read(labelled, transcribe(labelled.conversation)) for labelled in labels.labelled]
    spoken = [one for one in read if one.transcript.turns]
    again = random.Random(SEED).sample(spoken, min(rerun, len(spoken)))  # noqa: S311  a sample, no secret
    with open_cache(settings.cache_url) as cache:
        asyncio.run(_judge_all(settings, scorer.judge, cache, {"judging": spoken, "judging again": again}, told))
        scores, statuses = _scores(scorer, scorer.judge_version, cache, spoken)
        second, _ = _scores(scorer, AskedAgain(scorer.judge).identity.version, cache, again)
    scored = [(one, score) for one in spoken if (score := scores.get(_name(one))) is not None]
    cases = [_case(one, score) for one, score in scored]
    if silent := len(read) - len(spoken):
        statuses["ineligible"] += silent
    source = Source(
        scorer.scorer_version,
        scorer.judge_version,
        labels.name,
        labels.sha256,
        clock(),
        len(labels.unusable),
        statuses,
        sum(bool(failed_rules(one.labelled.conversation, settings.eligibility)) for one, _ in scored),
        len(taught_hashes(settings.scorer).intersection(one.transcript.transcript_hash for one in read)),
    )
    said = [labelled.label for labelled in labels.labelled]
    return validation_report(cases, said, source, baseline=baseline, rerun=_rerun(again, scores, second))


def score_all(
    settings: Settings, labelled: Sequence[Labelled], told: Told = nobody
) -> tuple[str, Mapping[str, ConversationScore]]:
    """The scorer's version, and the scores of conversations by their keys; those without an answer are left out.

    Raises:
        SettingError: a scorer that cannot be used.
        CacheError: answers cannot be kept.
    """
    scorer = scorer_of(settings)
    read = [_Read(one, transcribe(one.conversation)) for one in labelled]
    spoken = [one for one in read if one.transcript.turns]

    async def judge() -> None:
        try:
            await _judge(settings, scorer.judge, cache, spoken, partial(_tell, told, "judging", len(spoken)))
        finally:
            await scorer.judge.aclose()

    with open_cache(settings.cache_url) as cache:
        asyncio.run(judge())
        scores, _ = _scores(scorer, scorer.judge_version, cache, spoken)
    return scorer.scorer_version, scores


async def _judge_all(
    settings: Settings, judge: Judge, cache: JudgementCache, rounds: Mapping[str, Sequence[_Read]], told: Told
) -> None:
    """Judges the conversations of the first round, then those of the second again; in one loop, for one client."""
    try:
        for asked, (what, read) in zip((judge, AskedAgain(judge)), rounds.items(), strict=True):
            await _judge(settings, asked, cache, read, partial(_tell, told, what, len(read)))
    finally:
        await judge.aclose()


def _tell(told: Told, what: str, of: int, done: int) -> None:
    told(what, done, of)


async def _judge(
    settings: Settings, judge: Judge, cache: JudgementCache, read: Sequence[_Read], done: Callable[[int], None]
) -> None:
    counter = count(1)
    judging = Scorer(
        judge,
        cache,
        budget=budget_of(settings, judge),
        run_id=f"validate-{uuid4()}",
        concurrency=settings.max_concurrency,
        progress=lambda: done(next(counter)),
    )
    await judging.judge_all(one.transcript for one in read)


def _scores(
    scorer: ScorerInUse, judge_version: str, cache: JudgementCache, read: Sequence[_Read]
) -> tuple[Mapping[str, ConversationScore], Counter[str]]:
    """The scores by conversation, of those that have an answer, and how many of the others ended in which status."""
    names = {one.transcript.transcript_hash for one in read}
    answers = {a.call.transcript_hash: a.claims_json for a in cache.answers(judge_version, names)}
    outcomes: dict[str, Status] = {o.transcript_hash: o.status for o in cache.outcomes(judge_version, names)}
    scores: dict[str, ConversationScore] = {}
    missing = Counter[str]()
    for one in read:
        claims = _claims(answers.get(one.transcript.transcript_hash))
        if claims is None:
            missing[outcomes.get(one.transcript.transcript_hash, "pending")] += 1
        else:
            channel = one.labelled.conversation.channel
            scores[_name(one)] = score_claims(claims, one.transcript, channel, scorer.card)
    return scores, missing


def _claims(claims_json: str | None) -> Claims | None:
    try:
        return None if claims_json is None else Claims.model_validate_json(claims_json)
    except ValidationError:  # an answer of another form: not scored until it is asked for again
        return None


def _rerun(
    again: Sequence[_Read], first: Mapping[str, ConversationScore], second: Mapping[str, ConversationScore]
) -> Rerun | None:
    both = [name for one in again if (name := _name(one)) in first and name in second]
    return rerun_of([first[n].score for n in both], [second[n].score for n in both]) if both else None


def _case(one: _Read, score: ConversationScore) -> Case:
    conversation, label = one.labelled
    words = sum(count_words(turn.text) for turn in one.transcript.turns)
    return Case(one.labelled.key, label, score, one.transcript, conversation.language, conversation.channel, words)


def _name(one: _Read) -> str:
    return one.labelled.key
