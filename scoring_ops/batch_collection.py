"""Following batches to their end: polled, read line by line, kept, booked at their price; dead submitters' too.

Collecting may be killed and repeated, by several processes at once: every line is booked once. What a batch leaves
without an answer is nobody's any more, so that the next run or batch takes it. Lines are read in `judges/batch.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

from scoring_ops.batch_store import Batch, BatchStore, Read
from scoring_ops.budget import Budget, Limits, Price
from scoring_ops.cache import Attempt, CachedAnswer, Call, JudgementCache, Outcome, Settled
from scoring_ops.judges.batch import Batches, ProviderBatch, Result, has_ended, read_result
from scoring_ops.judges.protocol import Usage
from scoring_ops.leases import Leases

GROUP = 500  # results kept in one transaction
UNCERTAIN = timedelta(minutes=10)
"""How long after it was sent a batch may still turn up in the provider's list."""
SILENT = timedelta(hours=3)
"""Age at which a batch that has not begun has no submitter any more, on whatever machine that was."""
_CLOCKS_DIFFER = timedelta(hours=1)


class Polled(NamedTuple):
    """A batch as recorded, and as the provider tells it."""

    batch: Batch
    told: ProviderBatch


class Collected(NamedTuple):
    """A batch that has ended, and what came of its requests; "" counts those without a result."""

    batch: Batch
    status: str
    detail: str
    statuses: Counter[str]
    cost_usd: float | None


class Collector:
    """Collects the batches of one provider into one cache."""

    def __init__(
        self,
        cache: JudgementCache,
        provider: Batches,
        prices: Mapping[str, Price],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing is asked yet.

        Args:
            cache: where batches are recorded and answers are kept.
            provider: where the batches run.
            prices: the price of a single call by "family/model"; batches are booked at their share of it.
            clock: the time of day, in UTC.
        """
        self._cache, self._provider, self._prices, self._clock = cache, provider, prices, clock
        self._store = BatchStore(cache)

    def recover(self) -> None:
        """Finds out what became of batches whose submitter has died: adopted where they run, else abandoned.

        One that was sent a moment ago and is not in the provider's list yet is looked for again later.

        Raises:
            ProviderError: the provider cannot be asked.
        """
        for batch in self._store.batches("prepared", "sent", endpoint=self._provider.endpoint):
            with Leases(self._cache, batch.judge_version) as leases:
                is_dead = leases.bury_dead([batch.submitter]) > 0 or self._clock() - batch.created_at > SILENT
                if is_dead and self._store.take_over(batch, leases.owner):
                    self._recover(batch._replace(submitter=leases.owner))

    def _recover(self, batch: Batch) -> None:
        if batch.state == "sent" and batch.sent_at is not None and batch.file_id is not None:
            found = self._provider.find(batch.batch_id, batch.file_id, batch.sent_at - _CLOCKS_DIFFER)
            if found is not None:
                self._store.change(batch, provider_id=found.provider_id, state="open")
                return
            if self._clock() - batch.sent_at < UNCERTAIN:
                return
            self._provider.delete_file(batch.file_id)  # so that a request still under way cannot start it
        self._store.end(batch, "abandoned", "the process that made it died before it began", self._clock())

    def poll(self) -> Iterator[Polled]:
        """How each open batch stands at the provider, oldest first; changes nothing.

        Raises:
            ProviderError: the provider cannot be asked.
        """
        for batch in self._store.batches("open", endpoint=self._provider.endpoint):
            yield Polled(batch, self._provider.look(batch.provider_id or ""))

    def collect(self, polled: Polled) -> Collected | None:
        """Keeps the results of a batch that has ended and ends it; None for one that runs.

        Raises:
            ProviderError: a file of results cannot be read now; what was read is kept.
            CacheError: answers cannot be kept.
        """
        batch, told = polled
        if not has_ended(told.status):
            return None
        read = self._keep_all(batch, told)
        # Work done whose results are gone was paid for all the same: what was set aside for it counts as spent.
        lost = told.completed > read
        detail = f"{told.complaint} {told.completed - read} results are gone".strip() if lost else told.complaint
        self._store.end(batch, told.status, detail, self._clock(), paid=lost)
        return self._collected(batch.batch_id)

    def cancel(self, batch: Batch) -> ProviderBatch:
        """Asks the provider to stop a batch; it stays open until its results are collected.

        Raises:
            ProviderError: the provider did not take it.
        """
        return self._provider.cancel(batch.provider_id or "")

    def _keep_all(self, batch: Batch, told: ProviderBatch) -> int:
        """Keeps what all files of results say; returns how many answers there were."""
        price = self._prices.get(batch.price_name)
        budget = Budget(price, Limits()).of_batches()
        lines = chain.from_iterable(self._provider.lines(file) or () for file in told.files)
        results = (result for line in lines if (result := read_result(line)) is not None)
        answered = 0
        while group := list(islice(results, GROUP)):
            keys = self._store.items(batch, [result.transcript_hash for result in group])
            known = [result for result in group if result.transcript_hash in keys]
            answered += sum(result.status != "model_error" for result in known)
            self._store.settle(batch, [_read(batch, keys[r.transcript_hash], r, budget) for r in known])
        return answered

    def _collected(self, batch_id: str) -> Collected:
        (batch,) = [batch for batch in self._store.batches() if batch.batch_id == batch_id]
        return Collected(batch, batch.state, batch.detail, self._store.statuses(batch), batch.cost_usd)


def _read(batch: Batch, cache_key: str, result: Result, budget: Budget) -> Read:
    """What is kept of a result: an answer, a refusal, or the ledger line alone of what a normal run will mend."""
    usage = result.usage or Usage()
    call = Call(
        cache_key=cache_key,
        judge_version=batch.judge_version,
        model=batch.model,
        transcript_hash=result.transcript_hash,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=budget.cost(usage),
        latency_ms=0.0,  # a batch tells none
        started_at=batch.created_at,  # its money was set aside on this day
        run_id=batch.run_id,
    )
    kept: CachedAnswer | Outcome | None = None
    if result.status == "scored":
        kept = CachedAnswer(call, result.claims_json, windows=1)
    elif result.status == "refused":
        kept = Outcome(batch.judge_version, result.transcript_hash, result.status, result.detail, batch.run_id)
    attempts = () if result.usage is None else (Attempt(call, result.status),)
    return Read(Settled(batch.judge_version, result.transcript_hash, kept, attempts), result.status, result.detail)
