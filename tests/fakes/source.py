"""A source that emits what a test gives it."""

from collections.abc import Iterable, Iterator
from datetime import date

from orchestration.sources.protocol import Rejected
from scoring_ops.conversation import Conversation


class FakeSource:
    """Emits its records by update day; rejected records without a day come with every pass."""

    name = "fake"

    def __init__(self, records: Iterable[Conversation | Rejected]) -> None:
        self.records = list(records)

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        for record in self.records:
            day = record.day if isinstance(record, Rejected) else record.update_day
            if day is None or day in days:
                yield record
