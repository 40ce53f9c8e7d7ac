"""A helpdesk conversation as every source must emit it: one version of one conversation, with its messages.

Here lives the contract of a source and nothing that reads one. A conversation is identified by
(workspace_id, source, conversation_id); each change of it in the helpdesk is a new *version* with its own
`version_at`. All times are aware and in UTC. Sources emit texts as they are; extraction masks
them (`privacy.py`) before anything else sees them.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

AuthorType = Literal["customer", "human_agent", "ai_agent", "bot", "system"]
MessageKind = Literal[
    "comment",
    "note",
    "assignment",
    "handoff",
    "close",
    "reopen",
    "rating_request",
    "rating",
    "call_transcript",
    "other",
]
State = Literal["open", "snoozed", "closed", "deleted"]
AgentMix = Literal["human_only", "ai_only", "mixed", "none"]
AiResolutionState = Literal["assumed", "confirmed", "escalated", "negative_feedback", "handoff"]

AGENTS: frozenset[AuthorType] = frozenset({"human_agent", "ai_agent"})
SPEAKERS: frozenset[AuthorType] = frozenset({"customer", *AGENTS})
SPOKEN_KINDS: frozenset[MessageKind] = frozenset({"comment", "call_transcript"})


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class ConversationId(NamedTuple):
    """The identity of a conversation, everywhere."""

    workspace_id: str
    source: str
    conversation_id: str


def is_spoken(kind: MessageKind, text: str, *, is_public: bool, redacted: bool) -> bool:
    """True for a public message that says something to the other side."""
    return is_public and not redacted and kind in SPOKEN_KINDS and bool(text) and not text.isspace()


def agent_mix_of(speakers: Iterable[AuthorType]) -> AgentMix:
    """Who served the customer, from who spoke and never from assignment."""
    kinds = AGENTS.intersection(speakers)
    if not kinds:
        return "none"
    if len(kinds) == len(AGENTS):
        return "mixed"
    return "ai_only" if "ai_agent" in kinds else "human_only"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def stored(cls, values: Iterable[object]) -> Self:
        """A model of its fields' values, in their order, that were validated before they were stored.

        Nothing is checked. Does what `model_construct` does in a third of its time, which a day of a million
        messages would feel: there are no aliases, defaults or extra fields to look for.
        """
        model = cls.__new__(cls)
        fields = cls.__pydantic_fields__
        object.__setattr__(model, "__dict__", dict(zip(fields, values, strict=True)))
        object.__setattr__(model, "__pydantic_fields_set__", set(fields))
        object.__setattr__(model, "__pydantic_extra__", None)
        object.__setattr__(model, "__pydantic_private__", None)
        return model


class Message(_Stored):
    """One part of a conversation, in the order in which it was sent."""

    message_id: str = Field(min_length=1)
    position: int = Field(ge=0)
    sent_at: UtcDatetime | None = None
    author_type: AuthorType
    author_id: str | None = None
    is_public: bool = True
    kind: MessageKind = "comment"
    text: str = ""
    redacted: bool = False

    @property
    def is_spoken(self) -> bool:
        """True for a public message that says something to the other side."""
        return is_spoken(self.kind, self.text, is_public=self.is_public, redacted=self.redacted)


class Conversation(_Stored):
    """One version of a conversation with all its messages. Absent facts are None, never invented."""

    workspace_id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    conversation_id: str = Field(min_length=1)
    version_at: UtcDatetime
    created_at: UtcDatetime | None = None
    first_closed_at: UtcDatetime | None = None
    last_closed_at: UtcDatetime | None = None
    state: State = "closed"
    channel: str | None = None
    language: str | None = None
    subject: str | None = None
    topic: str | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()
    customer_id: str | None = None
    account_id: str | None = None
    reopen_count: int | None = Field(default=None, ge=0, le=1_000_000)
    is_spam: bool = False
    is_merged: bool = False
    is_test: bool = False
    initiated_by: AuthorType | None = None
    ai_agent_participated: bool | None = None
    ai_resolution_state: AiResolutionState | None = None
    ai_resolution_rescinded_at: UtcDatetime | None = None
    csat_requested_at: UtcDatetime | None = None
    csat_rating: int | None = Field(default=None, ge=1, le=5)
    csat_rated_at: UtcDatetime | None = None
    csat_scale: str | None = None
    csat_remark: str | None = None
    ai_csat_rating: int | None = Field(default=None, ge=1, le=5)
    vendor_cx_score: float | None = None
    source_metadata: str | None = None
    messages: tuple[Message, ...]

    @property
    def identity(self) -> ConversationId:
        """The key under which every table knows this conversation."""
        return ConversationId(self.workspace_id, self.source, self.conversation_id)

    @property
    def update_day(self) -> date:
        """The daily partition this version belongs to: the UTC day of `version_at`."""
        return self.version_at.date()

    @property
    def spoken(self) -> tuple[Message, ...]:
        """Public messages by the customer, a person or the AI agent: the conversation a judge may read."""
        return tuple(m for m in self.messages if m.author_type in SPEAKERS and m.is_spoken)

    @property
    def agent_mix(self) -> AgentMix:
        """Who served the customer, from authorship of public messages and never from assignment."""
        return agent_mix_of(m.author_type for m in self.spoken)
