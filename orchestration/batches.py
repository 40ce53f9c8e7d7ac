"""Days in batches: from the lake to the provider that the settings name, and from there into the cache.

What a batch is, and how it survives crashes, is the domain's (`scoring_ops/batch_*.py`). Days must be in the lake;
they are scored by a normal run afterwards, which finds the answers in the cache.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import NamedTuple, Self

from orchestration.judges import batch_endpoint, batch_judge, budget_of
from orchestration.lake import Lake
from orchestration.parquet_file import batches as rows_of
from orchestration.settings import Settings
from orchestration.versions import stream_conversations
from scoring_ops.batch_collection import Collected, Collector, Polled
from scoring_ops.batch_file import BatchFile
from scoring_ops.batch_store import Batch, BatchStore
from scoring_ops.batch_submission import Submitted, Submitter
from scoring_ops.budget import Budget, load_prices
from scoring_ops.cache import JudgementCache
from scoring_ops.eligibility import failed_rules
from scoring_ops.judges.batch import ProviderError, request_line
from scoring_ops.judges.protocol import Usage
from scoring_ops.scorer import Clock, Scorer, utc_now
from scoring_ops.transcript import Transcript, transcribe


class Estimate(NamedTuple):
    """What submitting some days would take; money is None where the price is unknown."""

    requests: int
    long: int
    """Conversations that take several requests and are left to a normal run."""
    bytes: int
    likely_usd: float | None
    most_usd: float | None
    absent: int
    """Days that are not in the lake."""


class BatchDesk:
    """The batches of one provider on one lake and cache; close it.

    Raises:
        SettingError: the judge in use cannot be asked in batches.
    """

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, deadline: float = 60.0) -> None:
        self._settings = settings
        self._clock = clock
        self._judge = batch_judge(settings)
        self._lake = Lake(settings.lake_url)
        self._cache = JudgementCache(settings.cache_url)
        self._store = BatchStore(self._cache)
        self._provider = batch_endpoint(settings, deadline=deadline)
        prices = load_prices(settings.home / "prices.toml")
        self.collector = Collector(self._cache, self._provider, prices, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._provider.close()
        self._cache.close()

    def batches(self) -> list[Batch]:
        """Every batch on record, oldest first, of all endpoints."""
        return self._store.batches()

    def unfinished(self) -> list[Batch]:
        """Batches that have not ended."""
        return self._store.batches("prepared", "sent", "open")

    def estimate(self, days: Sequence[date], limit: int | None = None) -> Estimate:
        """What submitting the days would send and cost now; sends nothing."""
        budget = budget_of(self._settings, self._judge).of_batches()
        usual, most = Usage(0, 0), Usage(0, 0)
        requests = long = size = 0
        for transcript in islice(self._transcripts(days), limit):
            request = self._judge.only_request(transcript)
            if request is None:
                long += 1
                continue
            requests += 1
            size += len(request_line(transcript.transcript_hash, request))
            usual += self._judge.usual_usage(transcript)
            most += request.most
        absent = sum(not self._lake.day_paths("conversations", day) for day in days)
        return Estimate(requests, long, size, budget.cost(usual), budget.cost(most), absent)

    def submit(
        self,
        days: Sequence[date],
        run_id: str,
        *,
        limit: int | None = None,
        on_writing: Callable[[int], None] = lambda _: None,
        on_upload: Callable[[int, int], None] = lambda _read, _of: None,
    ) -> Submitted:
        """Submits what the days hold and nobody has settled or asks about, at most `limit` conversations.

        The first one is asked at once and at the full price: so a wrong key or model shows now and not in a day, and
        what the endpoint does not take of a request is left out of all the others.

        Args:
            days: update days in the lake.
            run_id: the run that pays.
            limit: keeps a batch below a provider's limit of tokens in the queue.
            on_writing: told how many requests are written.
            on_upload: told how many bytes of a file are uploaded, and of how many.

        Raises:
            ProviderError: the provider failed; batches started before go on.
            CacheError: batches cannot be recorded.
        """
        self.collector.recover()
        budget = budget_of(self._settings, self._judge)
        chosen = islice(self._transcripts(days), limit)
        first = next((t for t in chosen if self._judge.only_request(t) is not None), None)
        if first is not None:
            asyncio.run(self._try(first, budget, run_id))
        submitter = Submitter(
            self._judge,
            self._cache,
            self._provider,
            budget=budget,
            run_id=run_id,
            clock=self._clock,
            new_file=lambda: BatchFile(told=on_upload),
            progress=on_writing,
        )
        return submitter.submit(islice(self._transcripts(days), limit))

    async def _try(self, transcript: Transcript, budget: Budget, run_id: str) -> None:
        """Asks about one transcript as a normal run does.

        Raises:
            ProviderError: the endpoint cannot judge it.
        """
        scorer = Scorer(self._judge, self._cache, budget=budget, run_id=run_id, clock=self._clock)
        try:
            judged = await scorer.judge_all([transcript])
        finally:
            await self._judge.aclose()
        if judged.statuses["model_error"]:
            version = self._judge.identity.version
            details = [outcome.detail for outcome in self._cache.outcomes(version, [transcript.transcript_hash])]
            raise ProviderError(f"nothing was submitted: {'; '.join(details)}")

    def poll(self) -> Iterator[Polled]:
        """How each open batch stands, oldest first, those of submitters that have died included.

        Raises:
            ProviderError: the provider cannot be asked.
        """
        self.collector.recover()
        return self.collector.poll()

    def collect(self) -> list[Collected]:
        """Keeps the results of all batches that have ended.

        Raises:
            ProviderError: the provider cannot be asked; what was read is kept.
        """
        return [done for polled in self.poll() if (done := self.collector.collect(polled)) is not None]

    def cancel(self, batch_id: str | None = None) -> list[Batch]:
        """Asks the provider to stop an open batch, or all; returns those it took."""
        open_ones = [b for b in self._store.batches("open") if batch_id is None or b.batch_id == batch_id]
        for batch in open_ones:
            self.collector.cancel(batch)
        return open_ones

    def _transcripts(self, days: Sequence[date]) -> Iterator[Transcript]:
        """The eligible transcripts of the days that are neither settled nor in a batch, each words once."""
        version, profile = self._judge.identity.version, self._settings.eligibility
        seen: set[str] = set()
        for day in days:
            hashes = {name for name in self._hashes(day) if name not in seen}
            open_ones = hashes - self._cache.settled(version, hashes)
            open_ones -= self._store.leased(version, list(open_ones))
            groups = stream_conversations(self._lake, day, only=open_ones.__contains__)
            for conversation in chain.from_iterable(groups):
                transcript = transcribe(conversation)
                if transcript.transcript_hash not in seen and not failed_rules(conversation, profile):
                    seen.add(transcript.transcript_hash)
                    yield transcript

    def _hashes(self, day: date) -> Iterator[str]:
        for path in self._lake.day_paths("conversations", day).values():
            for rows in rows_of(path, ["transcript_hash"]):
                yield from rows["transcript_hash"]
