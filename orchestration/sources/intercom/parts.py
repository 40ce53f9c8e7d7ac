"""From the parts of an Intercom conversation to messages: who said what to whom, and what only happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from orchestration.sources.intercom.payload import Attachment, Author, Call, IntercomConversation, Part
from orchestration.sources.texts import Said, rich
from scoring_ops.conversation import AuthorType, MessageKind

_CONTACTS = frozenset({"user", "lead", "contact"})
_WORDS = frozenset({"comment", "quick_reply", "close", "open", "snoozed", "unsnoozed", "assignment", "timer_unsnooze"})
_NOTES = frozenset({"note", "note_and_reopen", "note_and_unsnooze"})
_EVENTS: dict[str, MessageKind] = {
    "close": "close",
    "open": "reopen",
    "unsnoozed": "reopen",
    "timer_unsnooze": "reopen",
    "assignment": "assignment",
    "assign_and_reopen": "assignment",
    "assign_and_unsnooze": "assignment",
    "away_mode_assignment": "assignment",
    "default_assignment": "assignment",
    "conversation_rating_changed": "rating",
    "conversation_rating_remark_added": "rating",
    "rating_request": "rating_request",
}
_TRANSCRIPTS = frozenset({"call_transcript", "call_transcription", "transcription", "transcript"})
_SPOKEN_KEYS, _SPEAKER_KEYS, _START_KEYS = (
    ("text", "content", "body", "transcript", "message"),
    ("speaker", "participant", "role", "author", "channel"),
    ("start", "start_time", "offset", "timestamp"),
)

LONGEST_CALL = 86_400  # seconds; a larger number is no offset
Fields = dict[str, object]


def author_type_of(author: Author) -> AuthorType:
    """Who an author is. Operator, Intercom's own bot, is listed as an admin in some parts."""
    if author.type in _CONTACTS:
        return "customer"
    if author.from_ai_agent or author.is_ai_answer:
        return "ai_agent"
    mailbox = author.email or ""
    if author.type == "bot" or (mailbox.startswith("operator+") and mailbox.endswith("@intercom.io")):
        return "bot"
    return "human_agent" if author.type == "admin" else "system"


def messages_of(conversation: IntercomConversation, calls: Sequence[Call]) -> list[Fields]:
    """The fields of each message, the one that began the conversation first."""
    fields = [*_beginning(conversation)]
    for part in conversation.conversation_parts.conversation_parts:
        fields += _part(part, is_mail=conversation.source.type == "email")
    for call in calls:
        fields += _call(call)
    fields.sort(key=lambda one: _order(one["sent_at"]))  # stable: a quotation stays behind its message
    return [{**one, "position": position} for position, one in enumerate(fields)]


def _order(sent_at: object) -> float:
    return sent_at.timestamp() if isinstance(sent_at, datetime) else 0.0


def _beginning(conversation: IntercomConversation) -> Iterator[Fields]:
    source = conversation.source
    said = rich(source.body, is_mail=source.type == "email")
    if not said.text and not source.attachments and not source.redacted:
        return
    yield from _said(
        f"source-{source.id or conversation.id}",
        conversation.created_at,
        source.author,
        said,
        source.attachments,
        redacted=bool(source.redacted),
    )


def _part(part: Part, *, is_mail: bool) -> Iterator[Fields]:
    author = author_type_of(part.author)
    said = rich(part.body, is_mail=is_mail)
    has_words = bool(said.text or part.attachments or part.redacted)
    event = _EVENTS.get(part.part_type)
    if event in {"rating", "rating_request"}:
        yield _event(part, event, said.text)
        return
    if part.part_type in _NOTES:
        yield from _said(
            part.id, part.created_at, part.author, said, part.attachments, redacted=bool(part.redacted), kind="note"
        )
    elif part.part_type in _TRANSCRIPTS and has_words:
        yield from _said(
            part.id, part.created_at, part.author, said, (), redacted=bool(part.redacted), kind="call_transcript"
        )
    elif has_words and (part.part_type in _WORDS or event or author == "customer"):
        yield from _said(part.id, part.created_at, part.author, said, part.attachments, redacted=bool(part.redacted))
        if event:
            yield _event(part, event, "", suffix=f"/{event}")
    else:
        yield _event(part, event or "other", said.text)


def _said(
    message_id: str,
    sent_at: datetime | None,
    author: Author,
    said: Said,
    attachments: Sequence[Attachment],
    *,
    redacted: bool,
    kind: MessageKind = "comment",
) -> Iterator[Fields]:
    """A message, and after it what it quotes: kept, and read by no judge."""
    common: Fields = {"sent_at": sent_at, "author_type": author_type_of(author), "author_id": author.id}
    is_public = kind != "note" and common["author_type"] != "system"
    named = [f"[attachment: {attachment.name or 'without a name'}]" for attachment in attachments]
    text = "" if redacted else "\n".join(part for part in (said.text, *named) if part)
    yield {
        **common,
        "message_id": message_id,
        "is_public": is_public,
        "kind": kind,
        "text": text,
        "redacted": redacted,
    }
    if said.quoted and not redacted:
        yield {
            **common,
            "message_id": f"{message_id}/quoted",
            "is_public": False,
            "kind": "other",
            "text": said.quoted,
        }


def _event(part: Part, kind: MessageKind, text: str, suffix: str = "") -> Fields:
    return {
        "message_id": part.id + suffix,
        "sent_at": part.created_at,
        "author_type": author_type_of(part.author),
        "author_id": part.author.id,
        "is_public": False,
        "kind": kind,
        "text": "" if part.redacted else text,
        "redacted": bool(part.redacted),
    }


def _call(call: Call) -> Iterator[Fields]:
    for number, entry in enumerate(call.transcript):
        text = _first(entry, _SPOKEN_KEYS)
        if not isinstance(text, str) or not text.strip():
            continue
        start = _first(entry, _START_KEYS)
        offset = (
            timedelta(seconds=float(start)) if isinstance(start, int | float) and 0 <= start < LONGEST_CALL else None
        )
        begun = call.initiated_at
        yield {
            "message_id": f"call-{call.id}-{number}",
            "sent_at": begun + offset if begun and offset else begun,
            "author_type": _speaker(str(_first(entry, _SPEAKER_KEYS) or "")),
            "kind": "call_transcript",
            "text": text.strip(),
        }


def _speaker(name: str) -> AuthorType:
    lowered = name.lower()
    if any(word in lowered for word in ("contact", "customer", "user", "caller")):
        return "customer"
    if any(word in lowered for word in ("fin", "ai", "bot")):
        return "ai_agent"
    return "human_agent"


def _first(entry: dict[str, object], keys: Sequence[str]) -> object:
    return next((entry[key] for key in keys if entry.get(key) not in {None, ""}), None)
