"""Who was forgotten, so that the next extraction does not bring them back from a helpdesk that still has them.

Ids are kept as SHA-256, in the private zone: enough to know an id when it comes, and no list of people. A customer's
conversations begun after they were forgotten come in; conversations that were forgotten never do.
"""

import hashlib
from datetime import datetime
from uuid import uuid4

import polars as pl

from orchestration.forgetting.traces import Person, Traces
from orchestration.lake import Lake
from orchestration.parquet_file import batches, write_whole
from scoring_ops.conversation import Conversation

_SCHEMA = pl.Schema({"id_hash": pl.String, "forgotten_at": pl.Datetime("us", "UTC")})
_ANY = "*"


class Forgotten:
    """The ids that stay out."""

    def __init__(self, lake: Lake) -> None:
        self._at: dict[str, datetime] = {}
        for path in sorted((lake.private() / "forgotten").glob("*.parquet")):
            for frame in batches(path):
                for id_hash, at in frame.iter_rows():
                    self._at[id_hash] = max(at, self._at.get(id_hash, at))

    def knows(self, person: Person) -> bool:
        """True where the person was forgotten before."""
        return _customer(person) in self._at

    def has(self, workspace_id: str, source: str, conversation_id: str) -> bool:
        """True for a conversation that was forgotten."""
        return bool(self._at) and _hash("conversation", workspace_id, source, conversation_id) in self._at

    def stays_out(self, conversation: Conversation) -> bool:
        """True for a conversation that was forgotten, or one of a customer from before they were."""
        if not self._at:
            return False
        place = (conversation.workspace_id, conversation.source)
        if self.has(*conversation.identity):
            return True
        begun = conversation.created_at or conversation.version_at
        customers = {message.author_id for message in conversation.messages if message.author_type == "customer"}
        return any(
            begun <= self._at[key]
            for customer in customers | {conversation.customer_id}
            if customer is not None
            for key in _customer_keys(customer, *place)
            if key in self._at
        )


def remember(lake: Lake, person: Person, traces: Traces, at: datetime) -> None:
    """Writes down that a person and their conversations were forgotten; before anything of theirs is removed."""
    hashes = [_customer(person), *(_hash("conversation", *row) for row in traces.conversations.iter_rows())]
    frame = pl.DataFrame({"id_hash": hashes, "forgotten_at": [at] * len(hashes)}, schema=_SCHEMA)
    write_whole(lake.private() / "forgotten" / f"{uuid4().hex}.parquet", frame)


def _customer(person: Person) -> str:
    return _hash("customer", person.workspace_id or _ANY, person.source or _ANY, person.customer_id)


def _customer_keys(customer_id: str, workspace_id: str, source: str) -> list[str]:
    return [
        _hash("customer", workspace, origin, customer_id)
        for workspace in (workspace_id, _ANY)
        for origin in (source, _ANY)
    ]


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
