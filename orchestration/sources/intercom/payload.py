"""What is read of Intercom's objects; everything else in them is ignored.

Values of unknown kinds are let through where nothing depends on them: a new kind of part must not cost a conversation.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from orchestration.sources.lenient import AS_LIST, AS_OBJECT, Id, Read, Text


def _moment(value: object) -> object:
    """Seconds since 1970; 0 is how some objects say never."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC) if value > 0 else None
    return value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
When = Annotated[datetime, BeforeValidator(_moment)]


class Author(Read):
    """Who wrote a part."""

    type: Text = ""
    id: Id | None = None
    email: str | None = None
    from_ai_agent: bool | None = None
    is_ai_answer: bool | None = None


class Attachment(Read):
    """A file that came with a part."""

    name: Text = ""


Attachments = Annotated[tuple[Attachment, ...], AS_LIST]
AuthorOrNone = Annotated[Author, AS_OBJECT]


class SourceMessage(Read):
    """The message that began the conversation; it is not among the parts."""

    type: Text = ""
    id: Id | None = None
    delivered_as: Text = ""
    subject: Text = ""
    body: Text = ""
    author: AuthorOrNone = Author()
    attachments: Attachments = ()
    redacted: bool | None = None


class Part(Read):
    """A part of a conversation: words, or something that happened."""

    id: Id
    part_type: Text = ""
    body: Text = ""
    created_at: Moment = None
    author: AuthorOrNone = Author()
    attachments: Attachments = ()
    redacted: bool | None = None


class Parts(Read):
    """At most 500 of them, the newest; `total_count` tells how many there are."""

    conversation_parts: Annotated[tuple[Part, ...], AS_LIST] = ()
    total_count: int | None = None


class Rating(Read):
    """A survey: being there is having been asked, `rating` is having answered."""

    rating: int | None = None
    remark: str | None = None
    created_at: Moment = None
    updated_at: Moment = None


class Statistics(Read):
    """What Intercom counts itself."""

    first_close_at: Moment = None
    last_close_at: Moment = None
    count_reopens: int | None = None
    count_conversation_parts: int | None = None


class AiAgent(Read):
    """What the AI agent came to."""

    source_type: str | None = None
    resolution_state: str | None = None
    rating: int | None = None


class _Named(Read):
    name: Text = ""


class Tags(Read):
    """The tags of a conversation."""

    tags: Annotated[tuple[_Named, ...], AS_LIST] = ()


class Topics(Read):
    """The topics of a conversation, where the workspace has them."""

    topics: Annotated[tuple[_Named, ...], AS_LIST] = ()


class Contact(Read):
    """A customer."""

    id: Id
    external_id: str | None = None


class Contacts(Read):
    """The customers of a conversation; the first began it."""

    contacts: Annotated[tuple[Contact, ...], AS_LIST] = ()


class Found(Read):
    """A conversation as a search lists it."""

    id: Id
    updated_at: When


class IntercomConversation(Found):
    """A conversation with its parts."""

    created_at: Moment = None
    state: Text = ""
    title: str | None = None
    source: Annotated[SourceMessage, AS_OBJECT] = SourceMessage()
    contacts: Annotated[Contacts, AS_OBJECT] = Contacts()
    team_assignee_id: Id | None = None
    admin_assignee_id: Id | None = None
    tags: Annotated[Tags, AS_OBJECT] = Tags()
    topics: Annotated[Topics, AS_OBJECT] = Topics()
    priority: str | None = None
    conversation_rating: Rating | None = None
    statistics: Annotated[Statistics, AS_OBJECT] = Statistics()
    ai_agent: AiAgent | None = None
    ai_agent_participated: bool | None = None
    custom_attributes: Annotated[dict[str, object], AS_OBJECT] = Field(default_factory=dict[str, object])
    conversation_parts: Annotated[Parts, AS_OBJECT] = Parts()


class Call(Read):
    """A phone call of a conversation; what the entries of a transcript are called is not said by its description."""

    id: Id
    initiated_at: Moment = None
    transcript: Annotated[tuple[dict[str, object], ...], AS_LIST] = ()
    transcript_status: str | None = None
