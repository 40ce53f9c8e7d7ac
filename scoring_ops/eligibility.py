"""Which conversations are scored at all, decided before any cost, and every rule that one fails.

Two profiles: `inclusive` scores short, transactional conversations too; `strict` wants a dialogue. All failed rules
are kept per conversation, so that coverage can be explained row by row.
"""

from collections.abc import Callable
from typing import Literal

from scoring_ops.conversation import AGENTS, Conversation
from scoring_ops.words import count_words

Profile = Literal["inclusive", "strict"]
MINIMUM_WORDS = 10
DIALOGUE = 2  # messages of each side that `strict` asks for


def failed_rules(conversation: Conversation, profile: Profile = "inclusive") -> tuple[str, ...]:
    """The names of all rules that keep this version from being scored; empty where it is eligible."""
    rules = _INCLUSIVE if profile == "inclusive" else _INCLUSIVE + _STRICT
    return tuple(name for name, broken in rules if broken(conversation))


def _customer_messages(conversation: Conversation) -> int:
    return sum(m.author_type == "customer" for m in conversation.spoken)


def _agent_replies(conversation: Conversation) -> int:
    return sum(m.author_type in AGENTS for m in conversation.spoken)


def _too_few_words(conversation: Conversation) -> bool:
    missing = MINIMUM_WORDS
    for message in conversation.spoken:
        missing -= count_words(message.text, enough=missing)
        if missing <= 0:
            return False
    return True


def _fully_redacted(conversation: Conversation) -> bool:
    public = [m for m in conversation.messages if m.is_public and m.author_type in {"customer", *AGENTS}]
    return bool(public) and all(m.redacted for m in public)


def _outbound_without_customer_reply(conversation: Conversation) -> bool:
    return conversation.initiated_by not in {None, "customer"} and _customer_messages(conversation) == 0


_Rules = tuple[tuple[str, Callable[[Conversation], bool]], ...]

_INCLUSIVE: _Rules = (
    ("not_closed", lambda c: c.state != "closed"),
    ("spam", lambda c: c.is_spam),
    ("merged", lambda c: c.is_merged),
    ("test", lambda c: c.is_test),
    ("fully_redacted", _fully_redacted),
    ("outbound_without_customer_reply", _outbound_without_customer_reply),
    ("no_customer_message", lambda c: _customer_messages(c) < 1),
    ("no_agent_reply", lambda c: _agent_replies(c) < 1),
    ("too_few_words", _too_few_words),
)
_STRICT: _Rules = (
    ("fewer_than_2_customer_messages", lambda c: _customer_messages(c) < DIALOGUE),
    ("fewer_than_2_agent_replies", lambda c: _agent_replies(c) < DIALOGUE),
)
