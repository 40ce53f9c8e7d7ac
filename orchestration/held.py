"""Which conversation versions the lake already holds, so that a pass that broke off does not fetch them again."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from orchestration.lake import Lake

SETTLED = timedelta(minutes=2)
"""A version seen sooner after its update than this may have changed within the same second: it is fetched again."""


class Held:
    """Answers for one workspace and source; holds the versions of a few days in memory, ids and times alone."""

    def __init__(self, lake: Lake, workspace_id: str, source: str) -> None:
        self._lake = lake
        self._place = (workspace_id, source)
        self._of_day = lru_cache(maxsize=4)(self._read)

    def __call__(self, conversation_id: str, version_at: datetime) -> bool:
        """True where the lake holds this version, seen when it had settled."""
        return (conversation_id, version_at) in self._of_day(version_at.date())

    def _read(self, day: date) -> frozenset[tuple[str, datetime]]:
        return frozenset(
            (conversation, version_at)
            for conversation, version_at, observed_at in self._lake.versions_of(day, *self._place)
            if observed_at - version_at >= SETTLED
        )
