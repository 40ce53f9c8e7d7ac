"""Which conversations are scored at all, decided before any cost, and every rule that one fails.

Two profiles: `inclusive` scores short, transactional conversations too; `strict` wants a dialogue. All failed rules
are kept per conversation, so that coverage can be explained row by row.
"""

from collections.abc import Callable
from typing import Literal

from scoring_ops.conversation import AGENTS, SPEAKERS, Conversation, Message
from scoring_ops.words import count_words

Profile = Literal["inclusive", "strict"]
MINIMUM_WORDS = 10
DIALOGUE = 2  # messages of each side that `strict` asks for

Spoken = tuple[Message, ...]
"""What was said in a conversation, found once for all rules."""


def failed_rules(conversation: Conversation, profile: Profile = "inclusive") -> tuple[str, ...]:
    """The names of all rules that keep this version from being scored; empty where it is eligible."""
    rules = _INCLUSIVE if profile == "inclusive" else _INCLUSIVE + _STRICT
    spoken = conversation.spoken
    return tuple(name for name, broken in rules if broken(conversation, spoken))


def _customer_messages(spoken: Spoken) -> int:
    return sum(m.author_type == "customer" for m in spoken)


def _agent_replies(spoken: Spoken) -> int:
    return sum(m.author_type in AGENTS for m in spoken)


def _too_few_words(_: Conversation, spoken: Spoken) -> bool:
    missing = MINIMUM_WORDS
    for message in spoken:
        missing -= count_words(message.text, enough=missing)
        if missing <= 0:
            return False
    return True


def _fully_redacted(conversation: Conversation, _: Spoken) -> bool:
    public = [m for m in conversation.messages if m.is_public and m.author_type in SPEAKERS]
    return bool(public) and all(m.redacted for m in public)


def _outbound_without_customer_reply(conversation: Conversation, spoken: Spoken) -> bool:
    return conversation.initiated_by not in {None, "customer"} and _customer_messages(spoken) == 0


_Rules = tuple[tuple[str, Callable[[Conversation, Spoken], bool]], ...]

_INCLUSIVE: _Rules = (
    ("not_closed", lambda c, _: c.state != "closed"),
    ("spam", lambda c, _: c.is_spam),
    ("merged", lambda c, _: c.is_merged),
    ("test", lambda c, _: c.is_test),
    ("fully_redacted", _fully_redacted),
    ("outbound_without_customer_reply", _outbound_without_customer_reply),
    ("no_customer_message", lambda _, spoken: _customer_messages(spoken) < 1),
    ("no_agent_reply", lambda _, spoken: _agent_replies(spoken) < 1),
    ("too_few_words", _too_few_words),
)
_STRICT: _Rules = (
    ("fewer_than_2_customer_messages", lambda _, spoken: _customer_messages(spoken) < DIALOGUE),
    ("fewer_than_2_agent_replies", lambda _, spoken: _agent_replies(spoken) < DIALOGUE),
)
