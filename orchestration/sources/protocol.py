"""What a source is: a plain client that emits conversations of given update days, and says what it had to reject.

Sources know nothing of Dagster, the lake or scoring. They emit texts as the helpdesk holds them; extraction masks.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple, Protocol, runtime_checkable

from scoring_ops.conversation import Conversation


class Rejected(NamedTuple):
    """A record that no conversation could be made of.

    `record_ref` names the record for a person ("drop.jsonl.gz:17"), `rule` what it broke (snake_case), `detail` how,
    without any text of the conversation. `day` is its update day, None where the record does not tell.
    """

    workspace_id: str
    source: str
    record_ref: str
    conversation_id: str | None
    rule: str
    detail: str
    day: date | None


class Source(Protocol):
    """Where conversations come from."""

    @property
    def name(self) -> str:
        """The setting that chooses this source, such as "files"."""
        ...

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        """Every conversation version whose update day is among `days`, and every record rejected on the way.

        One pass serves all days of a run. Rejected records without a day are emitted by every pass.

        Raises:
            SourceError: the source as a whole cannot be read; the message says which and why.
        """
        ...


class Listed(NamedTuple):
    """A conversation version that the source has now."""

    workspace_id: str
    source: str
    conversation_id: str
    version_at: datetime


@runtime_checkable
class Lister(Protocol):
    """A source that can tell what it has without handing all of it over."""

    def listing(self, days: frozenset[date]) -> Iterator[Listed | Rejected]:
        """Every version whose update day is among `days`; as little as possible is fetched.

        Raises:
            SourceError: the source cannot be read.
        """
        ...


def listing(source: Source, days: frozenset[date]) -> Iterator[Listed | Rejected]:
    """What a source has now of some days: its own list, or one made of all that it emits."""
    if isinstance(source, Lister):
        yield from source.listing(days)
        return
    for record in source.extract(days):
        if isinstance(record, Rejected):
            yield record
        else:
            yield Listed(*record.identity, record.version_at)


class SourceError(Exception):
    """A source that cannot be read at all: a missing file, a refused connection."""
