"""What judging some days would take, before anything is spent: calls, tokens and money.

Days that the lake holds are read from there, the others from the source, in memory: no table changes and nobody is
asked. The most is what a budget would set aside; what is likely follows earlier answers of the same judge, where there
are enough of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import NamedTuple

from orchestration.judges import budget_of, scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import Settings
from orchestration.sources.chosen import check_source, chosen_source
from orchestration.versions import stream_conversations
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.cache_upkeep import stats
from scoring_ops.conversation import Conversation
from scoring_ops.eligibility import failed_rules
from scoring_ops.judges.protocol import Usage
from scoring_ops.privacy import mask
from scoring_ops.transcript import Transcript, transcribe

ENOUGH = 20  # earlier answers whose mean tells more than a guess
_GROUP = 500


class Plan(NamedTuple):
    """What the days hold, and what judging them takes. Money is None where the price is unknown."""

    versions: int
    ineligible: int
    settled: int
    """Eligible versions whose words the judge has answered, or refused for good, or that another version shares."""
    calls: int
    """Conversations to be asked about; a long one, or a broken answer, takes more than one request."""
    likely: Usage
    most: Usage
    likely_usd: float | None
    most_usd: float | None
    earlier_answers: int
    """Answers from which the likely usage was learnt; 0 where it is a guess."""
    from_source: int
    """Days that are not in the lake yet."""


def plan(settings: Settings, days: Sequence[date], *, retry_failed: bool = False) -> Plan:
    """What a backfill of these days would ask and pay now.

    Raises:
        SettingError: a source, judge, scorer or budget that cannot be used.
        SourceError: the source cannot be read.
    """
    check_source(settings)
    scorer, lake = scorer_in_use(settings), Lake(settings.lake_url)
    judge = scorer.judge
    absent = frozenset(day for day in days if not lake.day_paths("conversations", day))
    versions = ineligible = eligible = calls = 0
    usual, most = Usage(0, 0), Usage(0, 0)
    seen: set[str] = set()
    conversations = chain(_from_lake(lake, days), _from_source(settings, absent))
    with open_cache(settings.cache_url) as cache:
        while group := list(islice(conversations, _GROUP)):
            transcripts = [transcribe(c) for c in group if not failed_rules(c, settings.eligibility)]
            versions, eligible = versions + len(group), eligible + len(transcripts)
            ineligible += len(group) - len(transcripts)
            for transcript in _unsettled(transcripts, scorer.judge_version, cache, seen, retry_failed=retry_failed):
                calls += 1
                usual += judge.usual_usage(transcript)
                most += judge.most_usage(transcript)
        earlier, likely = _learnt(cache, scorer.judge_version, calls) or (0, usual)
    cost = budget_of(settings, judge).cost
    settled = eligible - calls
    return Plan(versions, ineligible, settled, calls, likely, most, cost(likely), cost(most), earlier, len(absent))


def _from_lake(lake: Lake, days: Sequence[date]) -> Iterator[Conversation]:
    for day in days:
        yield from chain.from_iterable(stream_conversations(lake, day))


def _from_source(settings: Settings, days: frozenset[date]) -> Iterator[Conversation]:
    if days:
        for record in chosen_source(settings).extract(days):
            if isinstance(record, Conversation):
                yield mask(record).conversation


def _unsettled(
    transcripts: Sequence[Transcript],
    judge_version: str,
    cache: JudgementCache,
    seen: set[str],
    *,
    retry_failed: bool,
) -> Iterator[Transcript]:
    """Those that would be asked about, each words once; `seen` grows by them."""
    settled = cache.settled(judge_version, (t.transcript_hash for t in transcripts), retry_failed=retry_failed)
    for transcript in transcripts:
        if transcript.transcript_hash not in settled and transcript.transcript_hash not in seen:
            seen.add(transcript.transcript_hash)
            yield transcript


def _learnt(cache: JudgementCache, judge_version: str, calls: int) -> tuple[int, Usage] | None:
    """The usage of so many calls by the mean of earlier answers, and the number of those; None for too few."""
    for judge in stats(cache):
        if judge.judge_version == judge_version and judge.answers >= ENOUGH:
            means = (judge.input_tokens / judge.answers, judge.output_tokens / judge.answers)
            return judge.answers, Usage(*(round(calls * mean) for mean in means))
    return None
