"""Putting transcripts into batches: leased, recorded, uploaded, started, each step written down before it is made.

A batch takes what the cache has not settled, up to the API's limits by count and bytes, and sets aside the most it can
cost. A process may be killed at any point: `batch_collection.py` finds out what became of the batch, and nothing is
started twice. The file is `batch_file.py`.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import BinaryIO, NamedTuple, cast

from scoring_ops.batch_file import BatchFile
from scoring_ops.batch_store import Batch, BatchStore, Item, new_batch_id
from scoring_ops.budget import Budget, day_scope, run_scope
from scoring_ops.cache import JudgementCache
from scoring_ops.judges.batch import (
    Batches,
    BatchJudge,
    OnlyRequest,
    ProviderError,
    ProviderRefused,
    request_line,
)
from scoring_ops.leases import BEAT_EVERY, Leases, Wanted
from scoring_ops.transcript import Transcript

GROUP = 64  # transcripts leased in one transaction


@dataclass
class Submitted:
    """What became of the transcripts given; `batches` are those started."""

    batches: list[Batch] = field(default_factory=list["Batch"])
    requests: int = 0
    long: int = 0
    """Left to a normal run: they take several requests that build on each other."""
    settled: int = 0
    elsewhere: int = 0
    """In another batch, or in the hands of a run."""
    unaffordable: int = 0
    """Left for want of money."""


class _Line(NamedTuple):
    transcript: Transcript
    request: OnlyRequest
    text: bytes

    @property
    def name(self) -> str:
        return self.transcript.transcript_hash


@dataclass
class _Draft:
    """A batch in the making: its record and its file."""

    batch: Batch
    file: BatchFile


class Submitter:
    """Submits transcripts as one run, within a budget."""

    def __init__(
        self,
        judge: BatchJudge,
        cache: JudgementCache,
        provider: Batches,
        *,
        budget: Budget,
        run_id: str,
        clock: Callable[[], datetime],
        watch: Callable[[], float] = monotonic,
        new_file: Callable[[], BatchFile] = BatchFile,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            judge: in whose words is asked.
            cache: where batches are recorded and answers will be kept.
            provider: where batches run.
            budget: the price of a single call, and the limits; batches are booked at their own price.
            run_id: the run that pays.
            clock: the time of day, in UTC.
            watch: seconds that only grow.
            new_file: makes the file of a batch, with its limits.
            progress: told how many requests are written so far.
        """
        self._judge, self._provider = judge, provider
        self._store = BatchStore(cache)
        self._budget = budget.of_batches()
        self._run_id = run_id
        self._clock = clock
        self._leases = Leases(cache, judge.identity.version, clock=watch)
        self._new_file, self._progress = new_file, progress
        self._done = Submitted()

    def submit(self, transcripts: Iterable[Transcript]) -> Submitted:
        """Starts batches of all transcripts that nobody has settled or asks about; equal ones share a line.

        Raises:
            CacheError: batches cannot be recorded; what was not recorded was not sent.
            ProviderError: the provider failed; batches started before go on.
        """
        with self._leases, _beating(self._leases):
            self._draft = self._begin()
            try:
                self._fill(self._lines(transcripts))
                self._send()
            except BaseException as error:
                self._give_up(error)
                raise
            finally:
                self._draft.file.close()
        return self._done

    def _fill(self, lines: Iterator[_Line]) -> None:
        """Claims lines group by group, and sends a batch whenever its file is full."""
        group: list[_Line] = []
        for line in lines:
            if len(group) == GROUP or not self._has_room(*group, line):
                self._claim(group)
                group = []
                if not self._has_room(line):
                    self._send()
                    self._draft.file.close()
                    self._draft = self._begin()
            group.append(line)
        self._claim(group)

    def _lines(self, transcripts: Iterable[Transcript]) -> Iterator[_Line]:
        seen: set[str] = set()
        for transcript in transcripts:
            name = transcript.transcript_hash
            if name in seen:
                continue
            seen.add(name)
            request = self._judge.only_request(transcript)
            if request is None:
                self._done.long += 1
            else:
                yield _Line(transcript, request, request_line(name, request))

    def _has_room(self, *lines: _Line) -> bool:
        return self._draft.file.has_room([line.text for line in lines])

    def _begin(self) -> _Draft:
        """A batch that is recorded before the first transcript is leased to it."""
        identity = self._judge.identity
        batch = Batch(
            batch_id=new_batch_id(),
            state="prepared",
            judge_version=identity.version,
            model=identity.model,
            price_name=f"{identity.family}/{identity.model}",
            endpoint=self._provider.endpoint,
            run_id=self._run_id,
            submitter=self._leases.owner,
            created_at=self._clock(),
        )
        self._store.record(batch)
        return _Draft(batch, self._new_file())

    def _claim(self, group: Sequence[_Line]) -> None:
        """Leases a group to the batch and adds what it got to the file."""
        if not group:
            return
        batch = self._draft.batch
        claimed = self._leases.claim(
            [Wanted(line.name, self._budget.reserve(line.request.most)) for line in group],
            caps=self._budget.caps(self._run_id, batch.created_at),
            run_scope=run_scope(self._run_id),
            day_scope=day_scope(batch.created_at),
            batch=batch.owner,
        )
        mine = [line for line in group if line.name in claimed.mine]
        if mine:
            self._store.add(batch, [Item(line.name, self._judge.cache_key(line.transcript)) for line in mine])
            self._draft.file.add([line.text for line in mine])
        self._done.requests += len(mine)
        self._done.settled += len(claimed.settled)
        self._done.elsewhere += len(claimed.held) + len(claimed.batched)
        self._done.unaffordable += len(claimed.waiting) + len(claimed.unaffordable)
        self._progress(self._done.requests)

    def _send(self) -> None:
        """Uploads the file and starts the batch; each step is recorded before the next is made."""
        draft = self._draft
        if draft.file.requests == 0:
            self._store.forget(draft.batch)
            return
        draft.batch = self._store.change(draft.batch, requests=draft.file.requests)
        draft.file.seek(0)
        name = f"cx-score-{draft.batch.batch_id}.jsonl"
        file_id = self._provider.upload(cast("BinaryIO", draft.file), name)
        draft.batch = self._store.change(draft.batch, file_id=file_id, state="sent", sent_at=self._clock())
        made = self._provider.create(file_id, draft.batch.batch_id)
        draft.batch = self._store.change(draft.batch, provider_id=made.provider_id, state="open")
        self._done.batches.append(draft.batch)

    def _give_up(self, error: BaseException) -> None:
        """Abandons a batch that certainly has not begun; the fate of one that was sent is not known here."""
        batch = self._draft.batch
        if batch.state == "prepared" or (batch.state == "sent" and isinstance(error, ProviderRefused)):
            said = str(error) if isinstance(error, ProviderError) else type(error).__name__
            self._store.end(batch, "abandoned", said, self._clock())


@contextmanager
def _beating(leases: Leases) -> Generator[None]:
    """Shows that the submitter lives while it uploads, which may take minutes."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_EVERY):
            leases.beat()

    beating = threading.Thread(target=beat, name="batch-beat", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
