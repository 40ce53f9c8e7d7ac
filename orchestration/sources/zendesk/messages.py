"""From the comments, calls and chats of a ticket to messages: who said what to whom."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from orchestration.sources.texts import mail, plain, rich
from orchestration.sources.zendesk.payload import Attachment, ChatLine, Comment
from scoring_ops.conversation import AuthorType, MessageKind

SYSTEM_USER = "-1"
CHATS = frozenset({"chat", "native_messaging", "messaging", "web_messaging", "sunshine_conversations_api"})
_AUTOMATIC = frozenset({"rule", "system", "automation", "trigger", "macro_automatic"})
_ROLES: dict[str, AuthorType] = {"end-user": "customer", "agent": "human_agent", "admin": "human_agent"}
_ACTORS: dict[str, AuthorType] = {
    "end-user": "customer",
    "visitor": "customer",
    "agent": "human_agent",
    "bot": "ai_agent",
    "answerbot": "ai_agent",
    "answer_bot": "ai_agent",
    "ai_agent": "ai_agent",
}
_REDACTED = "\u2587"
"""The block that Zendesk writes over each redacted character."""

Fields = dict[str, object]


def messages_of(
    comments: Sequence[Comment],
    chat: Sequence[ChatLine],
    roles: Mapping[str, str],
    requester_id: str | None,
    bots: frozenset[str],
    *,
    is_mail: bool,
) -> list[Fields]:
    """The fields of each message, in order of time.

    Args:
        comments: of the ticket.
        chat: the lines of its chat; where there are some, comments that only repeat the chat say nothing.
        roles: of users by id.
        requester_id: who asked, whatever their role: an agent may be a customer of other agents.
        bots: users that are AI agents.
        is_mail: the ticket came by mail, so that comments may quote history.
    """
    fields: list[Fields] = []
    for comment in comments:
        author = _author(comment, roles, requester_id, bots)
        repeats = bool(chat) and comment.via.channel in CHATS
        fields += _comment(comment, author, is_mail=is_mail, repeats=repeats)
    for number, line in enumerate(chat):
        fields += _line(line, number, bots)
    fields.sort(key=lambda one: _order(one["sent_at"]))
    return [{**one, "position": position} for position, one in enumerate(fields)]


def _order(sent_at: object) -> float:
    return sent_at.timestamp() if isinstance(sent_at, datetime) else 0.0


def _author(comment: Comment, roles: Mapping[str, str], requester_id: str | None, bots: frozenset[str]) -> AuthorType:
    author = comment.author_id or ""
    if author in bots or "answer_bot" in comment.via.channel or "ai_agent" in comment.via.channel:
        return "ai_agent"
    if author == SYSTEM_USER or comment.via.channel in _AUTOMATIC or comment.via.source.rel in _AUTOMATIC:
        return "bot"
    if author == requester_id:
        return "customer"
    return _ROLES.get(roles.get(author, ""), "system")


def _comment(comment: Comment, author: AuthorType, *, is_mail: bool, repeats: bool) -> Iterator[Fields]:
    common: Fields = {"sent_at": comment.created_at, "author_type": author, "author_id": comment.author_id}
    said = (
        rich(comment.html_body, is_mail=is_mail)
        if comment.html_body
        else mail(comment.body)
        if is_mail
        else plain(comment.body)
    )
    is_merge = comment.via.source.rel == "merge"
    kind: MessageKind = "comment" if comment.public else "note"
    is_public = comment.public and not is_merge and not repeats and author != "system"
    if is_merge or repeats:
        kind = "other"
    redacted = _REDACTED in said.text and not said.text.replace(_REDACTED, "").strip()
    if comment.type == "VoiceComment":
        yield {**common, "message_id": comment.id, "is_public": False, "kind": "other", "text": said.text}
        if comment.data.transcription_text:
            # Zendesk does not say who spoke: the words are kept, and no judge takes them for anybody's.
            transcript = plain(comment.data.transcription_text).text
            yield {
                **common,
                "message_id": f"{comment.id}/transcript",
                "author_type": "system",
                "is_public": False,
                "kind": "call_transcript",
                "text": transcript,
            }
        return
    text = "" if redacted else "\n".join(part for part in (said.text, *_named(comment.attachments)) if part)
    yield {
        **common,
        "message_id": comment.id,
        "is_public": is_public,
        "kind": kind,
        "text": text,
        "redacted": redacted,
    }
    if said.quoted:
        yield {
            **common,
            "message_id": f"{comment.id}/quoted",
            "is_public": False,
            "kind": "other",
            "text": said.quoted,
        }


def _named(attachments: Sequence[Attachment]) -> list[str]:
    return [f"[attachment: {one.file_name or 'without a name'}]" for one in attachments]


def _line(line: ChatLine, number: int, bots: frozenset[str]) -> Iterator[Fields]:
    text = line.message.strip() or (f"[attachment: {line.filename}]" if line.filename else "")
    if line.type not in {"ChatMessage", "ChatFileAttachment"} or not text:
        return
    actor = line.actor_id.rpartition(":")[2] if line.actor_id else None
    author: AuthorType = "ai_agent" if actor in bots else _ACTORS.get(line.actor_type.lower(), "bot")
    sent_at = datetime.fromtimestamp(line.timestamp / 1000, UTC) if line.timestamp else None
    yield {
        "message_id": f"chat-{line.message_id or number}",
        "sent_at": sent_at,
        "author_type": author,
        "author_id": actor,
        "text": text,
    }
