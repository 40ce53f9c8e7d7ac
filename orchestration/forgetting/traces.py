"""What the lake holds of one person: the conversations they took part in as a customer, and their transcripts."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl

from orchestration.lake import Lake
from orchestration.parquet_file import batches

IDENTITY = ("workspace_id", "source", "conversation_id")


class Person(NamedTuple):
    """A customer's id in the helpdesk, of every workspace and source or of one."""

    customer_id: str
    workspace_id: str | None = None
    source: str | None = None

    def is_at(self, workspace_id: str, source: str) -> bool:
        """True where this place may be meant."""
        return self.workspace_id in {None, workspace_id} and self.source in {None, source}


class Traces(NamedTuple):
    """A person's conversations, one row (workspace_id, source, conversation_id) each, and hashes of their transcripts.

    A transcript that somebody else's conversation has too, word for word, is not among `hashes` but `shared`.
    """

    conversations: pl.DataFrame
    hashes: frozenset[str]
    shared: frozenset[str]

    @property
    def places(self) -> list[tuple[str, str]]:
        """The workspaces and sources of the conversations."""
        return self.conversations.select(IDENTITY[:2]).unique().sort(IDENTITY[:2]).rows()


def _never(*_: str) -> bool:
    return False


def traces_of(lake: Lake, person: Person, begun: Callable[[str, str, str], bool] = _never) -> Traces:
    """Every conversation that names the person as its customer in any version, or has a message of theirs.

    Args:
        lake: where to look.
        person: whom for.
        begun: true for a conversation whose removal was begun: what named the person in it may be gone already.
    """
    rows = [row for row in _named(lake, person, begun) if person.is_at(row[0], row[1])]
    conversations = pl.DataFrame(rows, schema=dict.fromkeys(IDENTITY, pl.String), orient="row").unique()
    theirs, others = set[str](), set[str]()
    for path in lake.files("conversations"):
        for frame in batches(path, (*IDENTITY, "transcript_hash")):
            theirs.update(frame.join(conversations, on=IDENTITY, how="semi")["transcript_hash"])
            others.update(frame.join(conversations, on=IDENTITY, how="anti")["transcript_hash"])
    return Traces(conversations, frozenset(theirs - others), frozenset(theirs & others))


def _named(lake: Lake, person: Person, begun: Callable[[str, str, str], bool]) -> Iterator[tuple[str, str, str]]:
    for path in lake.files("conversations"):
        for frame in batches(path, (*IDENTITY, "customer_id")):
            for *identity, customer_id in frame.iter_rows():
                if customer_id == person.customer_id or begun(*identity):
                    yield identity[0], identity[1], identity[2]
    for path in lake.files("messages"):
        for frame in batches(path, (*IDENTITY, "author_type", "author_id")):
            wrote = (pl.col("author_id") == person.customer_id) & (pl.col("author_type") == "customer")
            yield from frame.filter(wrote).select(IDENTITY).iter_rows()
