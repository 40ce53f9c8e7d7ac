"""Short builders of domain values: a test names what it is about, everything else has a sensible default."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scoring_ops.claims import Citation, Claims, Finding, IssueClaim, SentimentClaim
from scoring_ops.conversation import AuthorType, Conversation, Message
from scoring_ops.rubric.dimensions import Dimension
from scoring_ops.transcript import Transcript, transcribe

START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)  # a Monday
HELLO = ("customer", "My parcel has not arrived and I want my money back.")
REPLY = ("human_agent", "I am sorry about that. I have refunded you today.")

Said = tuple[AuthorType, str]


def make_message(author: AuthorType = "customer", text: str = "Hello, where is my parcel?", **fields: Any) -> Message:
    """A public comment; `minutes` after the start of the conversation instead of `sent_at` where that reads better."""
    position = fields.setdefault("position", 0)
    fields.setdefault("message_id", f"m{position}")
    minutes = fields.pop("minutes", position)
    fields.setdefault("sent_at", START + timedelta(minutes=minutes))
    return Message(author_type=author, text=text, **fields)


def make_conversation(*said: Said | Message, **fields: Any) -> Conversation:
    """A closed conversation in which each pair of author and text is a public comment, a minute apart."""
    messages = tuple(
        part if isinstance(part, Message) else make_message(part[0], part[1], position=position)
        for position, part in enumerate(said or (HELLO, REPLY))
    )
    known = {"workspace_id": "acme", "source": "demo", "conversation_id": "c1", "version_at": START}
    return Conversation(**{**known, "messages": messages, **fields})


def make_transcript(*said: Said | Message) -> Transcript:
    """The transcript of a conversation in which this was said."""
    return transcribe(make_conversation(*said))


def cite(turn: int, quote: str) -> tuple[Citation, ...]:
    """One citation, as the evidence of a claim."""
    return (Citation(turn=turn, quote=quote),)


def make_finding(dimension: Dimension, value: str, turn: int, quote: str, claim: str = "claim.0") -> Finding:
    """A finding with one citation."""
    return Finding(claim, dimension, value, cite(turn, quote))


def make_claims(**dimensions: Any) -> Claims:
    """Claims in which nothing is claimed but what is named."""
    nothing: dict[str, Any] = {
        **dict.fromkeys(("sentiment", "answer_quality_ai", "answer_quality_human", "customer_effort")),
        **dict.fromkeys(
            (
                "issues",
                "service_quality",
                "strong_emotion",
                "product_feedback",
                "policy_feedback",
                "process_fault",
                "risk",
            ),
            (),
        ),
        "summary": "A customer asked for a refund. The agent refunded the order.",
        "language": "en",
        "judge_rating": 3,
    }
    return Claims(**{**nothing, **dimensions})


def make_issue(status: str = "resolved", turn: int = 2, quote: str = "I have refunded you today.") -> IssueClaim:
    """An issue about a refund, proven by the default reply."""
    return IssueClaim(issue="refund", status=status, evidence=cite(turn, quote))  # pyright: ignore[reportArgumentType]


def make_sentiment(end: str, turn: int = 1, quote: str = "I want my money back.", start: str = "neutral") -> Any:
    """A sentiment proven by the default first message."""
    evidence = cite(turn, quote)
    return SentimentClaim.model_validate(
        {"start": start, "start_evidence": evidence, "end": end, "end_evidence": evidence}
    )
