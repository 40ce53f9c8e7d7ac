"""A review sheet: one conversation as a person reads it, with room for what they say of it.

A sheet is a record of a JSON-lines file. What was filled in comes back in the same record (`answers.py`). A blind
sheet holds nothing of what the machine said.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from orchestration.label_shapes import Answers
from scoring_ops.conversation import AuthorType, UtcDatetime
from scoring_ops.review import DrawnBy, QueueReason, Role
from scoring_ops.rubric.dimensions import Dimension


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SheetTurn(_Part):
    """One public message, masked."""

    number: int
    author_type: AuthorType
    text: str


class SheetClaim(_Part):
    """A proven claim; `is_supported` is for the reviewer: does the quote support it?"""

    reason_position: int
    dimension: Dimension
    value: str
    quote: str
    is_supported: bool | None = None


class Subject(_Part):
    """The conversation version that a sheet is about."""

    workspace_id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    conversation_id: str = Field(min_length=1)
    version_at: UtcDatetime
    transcript_hash: str

    @property
    def version(self) -> tuple[str, str, str, datetime]:
        """The key of the version."""
        return self.workspace_id, self.source, self.conversation_id, self.version_at


class Sheet(Subject):
    """What a person gets: the conversation, why it was drawn, and, unless it is blind, what the machine made of it."""

    drawn_by: DrawnBy
    reasons: tuple[QueueReason, ...] = ()
    saw_score: bool
    channel: str | None = None
    language: str | None = None
    turns: tuple[SheetTurn, ...]
    shown_scorer_version: str | None = None
    shown_score: int | None = None
    summary: str | None = None
    grounds: str | None = None
    claims: tuple[SheetClaim, ...] = ()
    reviewer: str = ""
    role: Role = "reviewer"
    score: int | None = None
    resolution: int | str | None = None
    customer_effort: int | str | None = None
    comment: str = ""


class FilledSheet(Answers, Subject):
    """What comes back: the answers, by whom, and of which sheet. The conversation itself is not read again."""

    drawn_by: DrawnBy = "asked"
    saw_score: bool = True
    shown_scorer_version: str | None = None
    shown_score: int | None = Field(default=None, ge=1, le=5)
    claims: tuple[SheetClaim, ...] = ()
    reviewer: str = ""
    role: Role = "reviewer"
    comment: str = ""

    @property
    def is_blank(self) -> bool:
        """True where nobody has answered anything."""
        return not self.answers() and not self.comment.strip() and all(c.is_supported is None for c in self.claims)
