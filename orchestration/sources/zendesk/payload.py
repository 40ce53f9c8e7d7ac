"""What is read of Zendesk's objects; everything else in them is ignored, and unknown values cost no ticket."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

from orchestration.sources.lenient import AS_LIST, AS_OBJECT, Id, Read, Text, is_number


def _epoch(value: object) -> object:
    return datetime.fromtimestamp(value, UTC) if is_number(value) else value


class Origin(Read):
    """Where exactly something came from: `rel` is such as "trigger" or "merge"."""

    rel: str | None = None


class Via(Read):
    """How something came: a channel such as "email", "web", "rule"."""

    channel: Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))] = ""
    source: Annotated[Origin, AS_OBJECT] = Origin()


ViaOrNone = Annotated[Via, AS_OBJECT]


class Satisfaction(Read):
    """The survey as the ticket shows it: unoffered, offered, good or bad."""

    score: Text = ""
    id: Id | None = None
    comment: str | None = None
    reason: str | None = None


class CustomField(Read):
    """A field of the account's own."""

    id: Id
    value: object = None


class Listed(Read):
    """A ticket as far as its version goes."""

    id: Id
    generated_timestamp: Annotated[AwareDatetime, BeforeValidator(_epoch)]


class Ticket(Listed):
    """A ticket of the incremental export."""

    status: Text = ""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    subject: str | None = None
    via: ViaOrNone = Via()
    requester_id: Id | None = None
    submitter_id: Id | None = None
    assignee_id: Id | None = None
    organization_id: Id | None = None
    group_id: Id | None = None
    brand_id: Id | None = None
    priority: str | None = None
    type: str | None = None
    tags: Annotated[tuple[str, ...], AS_LIST] = ()
    satisfaction_rating: Annotated[Satisfaction, AS_OBJECT] = Satisfaction()
    custom_fields: Annotated[tuple[CustomField, ...], AS_LIST] = ()


class User(Read):
    """A user, as far as it tells who wrote."""

    id: Id
    role: Text = ""
    suspended: bool | None = None


class Group(Read):
    """A group of agents."""

    id: Id
    name: Text = ""


class Minutes(Read):
    """A duration in minutes, by the calendar."""

    calendar: int | None = None


class MetricSet(Read):
    """What Zendesk counts itself of a ticket."""

    ticket_id: Id
    solved_at: AwareDatetime | None = None
    reopens: int | None = None
    first_resolution_time_in_minutes: Annotated[Minutes, AS_OBJECT] = Minutes()


class Attachment(Read):
    """A file that came with a comment."""

    file_name: Text = ""


class VoiceData(Read):
    """What a voice comment knows of its call."""

    transcription_text: str | None = None


class Comment(Read):
    """A comment: a mail, a reply, a note, or a call."""

    id: Id
    type: Text = "Comment"
    author_id: Id | None = None
    body: Text = ""
    html_body: str | None = None
    public: bool = True
    created_at: AwareDatetime | None = None
    via: ViaOrNone = Via()
    attachments: Annotated[tuple[Attachment, ...], AS_LIST] = ()
    data: Annotated[VoiceData, AS_OBJECT] = VoiceData()


class Rating(Read):
    """A satisfaction rating, with its times."""

    score: Text = ""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class ChatLine(Read):
    """An entry of a chat's history; `timestamp` is in milliseconds."""

    type: Text = ""
    actor_type: Text = ""
    actor_id: Id | None = None
    message: Text = ""
    filename: Text = ""
    timestamp: int | None = None
    message_id: Id | None = None
    chat_index: int | None = None


class ChatHistory(Read):
    """What a chat event holds."""

    history: Annotated[tuple[ChatLine, ...], AS_LIST] = ()


class AuditEvent(Read):
    """An event of an audit; only those of chats have a history."""

    id: Id
    type: Text = ""
    value: object = None


class Audit(Read):
    """One update of a ticket."""

    events: Annotated[tuple[AuditEvent, ...], AS_LIST] = ()
