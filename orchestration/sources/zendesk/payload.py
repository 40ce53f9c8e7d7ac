"""What is read of Zendesk's objects; everything else in them is ignored, and unknown values cost no ticket."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict


def _identifier(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _epoch(value: object) -> object:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [] if value is None else value


def _object(value: object) -> object:
    return {} if value is None else value


Id = Annotated[str, BeforeValidator(_identifier)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Origin(_Read):
    """Where exactly something came from: `rel` is such as "trigger" or "merge"."""

    rel: str | None = None


class Via(_Read):
    """How something came: a channel such as "email", "web", "rule"."""

    channel: Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))] = ""
    source: Annotated[Origin, BeforeValidator(_object)] = Origin()


ViaOrNone = Annotated[Via, BeforeValidator(_object)]


class Satisfaction(_Read):
    """The survey as the ticket shows it: unoffered, offered, good or bad."""

    score: Text = ""
    id: Id | None = None
    comment: str | None = None
    reason: str | None = None


class CustomField(_Read):
    """A field of the account's own."""

    id: Id
    value: object = None


class Listed(_Read):
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
    tags: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    satisfaction_rating: Annotated[Satisfaction, BeforeValidator(_object)] = Satisfaction()
    custom_fields: Annotated[tuple[CustomField, ...], BeforeValidator(_listed)] = ()


class User(_Read):
    """A user, as far as it tells who wrote."""

    id: Id
    role: Text = ""
    suspended: bool | None = None


class Group(_Read):
    """A group of agents."""

    id: Id
    name: Text = ""


class Minutes(_Read):
    """A duration in minutes, by the calendar."""

    calendar: int | None = None


class MetricSet(_Read):
    """What Zendesk counts itself of a ticket."""

    ticket_id: Id
    solved_at: AwareDatetime | None = None
    reopens: int | None = None
    first_resolution_time_in_minutes: Annotated[Minutes, BeforeValidator(_object)] = Minutes()


class Attachment(_Read):
    """A file that came with a comment."""

    file_name: Text = ""


class VoiceData(_Read):
    """What a voice comment knows of its call."""

    transcription_text: str | None = None


class Comment(_Read):
    """A comment: a mail, a reply, a note, or a call."""

    id: Id
    type: Text = "Comment"
    author_id: Id | None = None
    body: Text = ""
    html_body: str | None = None
    public: bool = True
    created_at: AwareDatetime | None = None
    via: ViaOrNone = Via()
    attachments: Annotated[tuple[Attachment, ...], BeforeValidator(_listed)] = ()
    data: Annotated[VoiceData, BeforeValidator(_object)] = VoiceData()


class Rating(_Read):
    """A satisfaction rating, with its times."""

    score: Text = ""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class ChatLine(_Read):
    """An entry of a chat's history; `timestamp` is in milliseconds."""

    type: Text = ""
    actor_type: Text = ""
    actor_id: Id | None = None
    message: Text = ""
    filename: Text = ""
    timestamp: int | None = None
    message_id: Id | None = None
    chat_index: int | None = None


class ChatHistory(_Read):
    """What a chat event holds."""

    history: Annotated[tuple[ChatLine, ...], BeforeValidator(_listed)] = ()


class AuditEvent(_Read):
    """An event of an audit; only those of chats have a history."""

    id: Id
    type: Text = ""
    value: object = None


class Audit(_Read):
    """One update of a ticket."""

    events: Annotated[tuple[AuditEvent, ...], BeforeValidator(_listed)] = ()
