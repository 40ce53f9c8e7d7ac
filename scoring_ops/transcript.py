"""The transcript of a conversation: the numbered turns a judge reads, and the hash that names them.

Only public words of the customer, people and the AI agent are turns: no notes, surveys, assignments or automatic
messages, and nothing of the conversation's metadata. The same turns give the same hash, whatever else changed.
"""

import hashlib
import json
from datetime import datetime
from typing import NamedTuple

from scoring_ops.conversation import AgentMix, AuthorType, Conversation, agent_mix_of


class Turn(NamedTuple):
    """One public message; `number` counts from 1 and is what a citation names."""

    number: int
    message_id: str
    author_type: AuthorType
    text: str
    sent_at: datetime | None


class Transcript(NamedTuple):
    """The turns of one conversation and their hash."""

    turns: tuple[Turn, ...]
    transcript_hash: str
    agent_mix: AgentMix

    def turn(self, number: int) -> Turn | None:
        """The turn with this number, or None where a citation names one that does not exist."""
        return self.turns[number - 1] if 1 <= number <= len(self.turns) else None


def transcribe(conversation: Conversation) -> Transcript:
    """The transcript of a conversation version, its turns in the order of the messages."""
    return transcript_of(
        tuple(
            Turn(number, m.message_id, m.author_type, m.text, m.sent_at)
            for number, m in enumerate(conversation.spoken, start=1)
        )
    )


def transcript_of(turns: tuple[Turn, ...]) -> Transcript:
    """The transcript of these turns, with its hash and who served the customer in it."""
    return Transcript(turns, transcript_hash(turns), agent_mix_of(turn.author_type for turn in turns))


_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def transcript_hash(turns: tuple[Turn, ...]) -> str:
    """Hex sha256 of who said what, in order: 64 characters, independent of ids and times."""
    said = _AS_JSON([(turn.author_type, turn.text) for turn in turns])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
