"""Lake table `messages`: every part of every conversation version, masked, in order."""

from expectations.schemas.columns import VERSION, flag, moment, table, text, version, whole
from scoring_ops.conversation import AuthorType, MessageKind

SCHEMA = table(
    "messages",
    {
        **version(),
        "message_id": text(),
        "position": whole(),
        "sent_at": moment(nullable=True),
        "author_type": text(one_of=AuthorType),
        "author_id": text(nullable=True),
        "is_public": flag(),
        "kind": text(one_of=MessageKind),
        "text": text(),
        "redacted": flag(),
    },
    key=(*VERSION, "position"),
)
