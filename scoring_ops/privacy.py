"""Masking: personal data in texts replaced by placeholders, the same way every time, before anything else sees them.

What is personal is found in `personal_data.py`; here it is replaced, numbered and remembered for the private zone.
Masked text is *the* text: hashes, quotes and offsets know no other. `source_metadata` is left as it is.

Placeholders count per conversation and kind, in order of first appearance: `[EMAIL_1]`. Messages are numbered first,
in their order, so that messages added later change nothing before them; values that only the subject or the remark
hold count apart, `[EMAIL_S1]` and `[EMAIL_R1]`. Text in which somebody *wrote* `[EMAIL_1]` stays as it is, and from
there on no value gets that placeholder.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple

from scoring_ops.conversation import Conversation, Message
from scoring_ops.personal_data import may_hold_personal_data, places_of

MaskedField = Literal["message", "subject", "csat_remark"]
Replacements = tuple[tuple[str, str], ...]

# At most six digits: seven could be a number that somebody hides from masking.
_PLACEHOLDER = re.compile(r"\[[A-Z]+_[RS]?[0-9]{1,6}\]")
# Each kind that a text holds takes a round, and cutting can bring out more; the end is a guard against traps.
_MOST_ROUNDS = 16


class Original(NamedTuple):
    """A text before masking, for the private zone alone; `message_id` is None for subject and remark."""

    field: MaskedField
    message_id: str | None
    original_text: str
    replacements: Replacements


class Masked(NamedTuple):
    """A conversation that may be shown, and the texts that may not."""

    conversation: Conversation
    originals: tuple[Original, ...]


def mask(conversation: Conversation) -> Masked:
    """The conversation with personal data in messages, subject and remark replaced, and what was replaced.

    The same conversation gives the same result, a masked one gives itself, and unchanged leading messages give the
    same texts in every later version. The language of the conversation decides whose phone numbers are looked for.
    """
    numbering = _Numbering(conversation.language)
    originals: list[Original] = []

    def masked(text: str, field: MaskedField, message_id: str | None, series: str) -> str:
        after, replacements = numbering.replace(text, series)
        if replacements:
            originals.append(Original(field, message_id, text, replacements))
        return after

    messages = tuple(_with_text(m, masked(m.text, "message", m.message_id, "")) for m in conversation.messages)
    changed: dict[str, object] = {} if messages == conversation.messages else {"messages": messages}
    if conversation.subject is not None:
        changed["subject"] = masked(conversation.subject, "subject", None, "S")
    if conversation.csat_remark is not None:
        changed["csat_remark"] = masked(conversation.csat_remark, "csat_remark", None, "R")
    return Masked(conversation.model_copy(update=changed) if originals else conversation, tuple(originals))


def _with_text(message: Message, text: str) -> Message:
    return message if text == message.text else message.model_copy(update={"text": text})


def unmask(text: str, replacements: Replacements) -> str:
    """The text before masking, from the masked text and the replacements made in it."""
    values = dict(replacements)
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(), match.group()), text)


class _Piece(NamedTuple):
    """A part of a text; `kind` is "" for words that stay."""

    text: str
    kind: str = ""


class _Numbering:
    """Which placeholder stands for which value, as the texts of one conversation are gone through in order."""

    def __init__(self, language: str | None) -> None:
        self._language = language
        self._assigned: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._last: dict[tuple[str, str], int] = {}

    def replace(self, text: str, series: str) -> tuple[str, Replacements]:
        """The text with its personal data replaced; `series` marks numbers that must not shift those of messages."""
        written = _PLACEHOLDER.findall(text) if "[" in text else []
        self._taken.update(written)
        if not may_hold_personal_data(text):
            return text, ()
        replacements: dict[str, str] = {}
        parts: list[str] = []
        for words, there in zip_longest(_PLACEHOLDER.split(text) if written else [text], written, fillvalue=""):
            for piece in _pieces(words, self._language):
                if piece.kind:
                    placeholder = self._placeholder(piece.kind, piece.text, series, written)
                    replacements[placeholder] = piece.text
                    parts.append(placeholder)
                else:
                    parts.append(piece.text)
            parts.append(there)
        return ("".join(parts), tuple(replacements.items())) if replacements else (text, ())

    def _placeholder(self, kind: str, value: str, series: str, written: list[str]) -> str:
        known = self._assigned.get((kind, value))
        if known is not None and known not in written:
            return known
        while True:
            number = self._last[kind, series] = self._last.get((kind, series), 0) + 1
            placeholder = f"[{kind}_{series}{number}]"
            if placeholder not in self._taken:
                self._taken.add(placeholder)
                self._assigned[kind, value] = placeholder
                return placeholder


def _pieces(text: str, language: str | None, rounds: int = _MOST_ROUNDS) -> Iterator[_Piece]:
    """The text in order, cut until no detector finds anything in what stays, whatever order it is asked in."""
    kind, places = places_of(text, language) if rounds else ("", [])
    done = 0
    for start, end in places:
        if start > done:
            yield from _pieces(text[done:start], language, rounds - 1)
        yield _Piece(text[start:end], kind)
        done = end
    if places and done < len(text):
        yield from _pieces(text[done:], language, rounds - 1)
    elif not places:
        yield _Piece(text)
