"""Update days as windows of time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)


def windows(days: frozenset[date]) -> Iterator[tuple[datetime, datetime]]:
    """The days as spans of consecutive ones, each from its first midnight in UTC to that after its last."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][-1] == DAY:
            spans[-1].append(day)
        else:
            spans.append([day])
    for span in spans:
        yield datetime.combine(span[0], time(), UTC), datetime.combine(span[-1], time(), UTC) + DAY
