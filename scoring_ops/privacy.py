"""Masking: personal data in texts replaced by placeholders, the same way every time, before anything else sees them.

What is personal is found in `personal_data.py`; here it is replaced, numbered and remembered for the private zone.
Masked text is *the* text: hashes, quotes and offsets know no other. Ids and team are left as they are; what
`source_metadata` and tags hold is masked text by text, so that JSON stays JSON.

Placeholders count per conversation and kind, in order of first appearance: `[EMAIL_1]`. Messages are numbered first,
in their order, so that messages added later change nothing before them; values that no message holds count apart:
`[EMAIL_S1]` in the subject, R in the remark, T in topic and tags, M in metadata. Text in which somebody *wrote*
`[EMAIL_1]` stays as it is, and from there on no value gets that placeholder.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple, cast

from scoring_ops.conversation import Conversation, Message
from scoring_ops.personal_data import may_hold_personal_data, places_of

MaskedField = Literal["message", "subject", "csat_remark", "topic", "tags", "source_metadata"]
Replacements = tuple[tuple[str, str], ...]
_Replace = Callable[[str, str], tuple[str, Replacements]]

# At most six digits: seven could be a number that somebody hides from masking.
_PLACEHOLDER = re.compile(r"\[(?:NATIONAL_ID|[A-Z]+)_[MRST]?[0-9]{1,6}\]")
# Each kind that a text holds takes a round, and cutting can bring out more; the end is a guard against traps.
_MOST_ROUNDS = 16
# A text of a JSON document, key or value, as written there.
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class Original(NamedTuple):
    """A text before masking, for the private zone alone; `message_id` is None but for messages.

    Tags are kept as a JSON array; of tags and JSON metadata the replaced values are as JSON writes them.
    """

    field: MaskedField
    message_id: str | None
    original_text: str
    replacements: Replacements


class Masked(NamedTuple):
    """A conversation that may be shown, and the texts that may not."""

    conversation: Conversation
    originals: tuple[Original, ...]


def mask(conversation: Conversation) -> Masked:
    """The conversation with personal data in its texts replaced, and what was replaced.

    The same conversation gives the same result, a masked one gives itself, and unchanged leading messages give the
    same texts in every later version. The language of the conversation decides whose phone numbers are looked for.
    """
    numbering = _Numbering(conversation.language)
    originals: list[Original] = []

    def masked(text: str, field: MaskedField, message_id: str | None, replace: _Replace, series: str) -> str:
        after, replacements = replace(text, series)
        if replacements:
            originals.append(Original(field, message_id, text, replacements))
        return after

    plain, in_json = numbering.replace, numbering.replace_in_json
    messages = tuple(_with_text(m, masked(m.text, "message", m.message_id, plain, "")) for m in conversation.messages)
    changed: dict[str, object] = {} if messages == conversation.messages else {"messages": messages}
    if conversation.subject is not None:
        changed["subject"] = masked(conversation.subject, "subject", None, plain, "S")
    if conversation.csat_remark is not None:
        changed["csat_remark"] = masked(conversation.csat_remark, "csat_remark", None, plain, "R")
    if conversation.topic is not None:
        changed["topic"] = masked(conversation.topic, "topic", None, plain, "T")
    if conversation.tags:
        tags = masked(_written_as_json(conversation.tags), "tags", None, in_json, "T")
        changed["tags"] = tuple(json.loads(tags))
    if conversation.source_metadata is not None:
        changed["source_metadata"] = masked(conversation.source_metadata, "source_metadata", None, in_json, "M")
    return Masked(conversation.model_copy(update=changed) if originals else conversation, tuple(originals))


def _with_text(message: Message, text: str) -> Message:
    return message if text == message.text else message.model_copy(update={"text": text})


def unmask(text: str, replacements: Replacements) -> str:
    """The text before masking, from the masked text and the replacements made in it.

    Tags are a text once they are written as a JSON array, as `Original` keeps them.
    """
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
        written = self._take_written(text)
        if not may_hold_personal_data(text):
            return text, ()
        replacements: dict[str, str] = {}
        after = self._replace(text, series, written, replacements)
        return (after, tuple(replacements.items())) if replacements else (text, ())

    def replace_in_json(self, text: str, series: str) -> tuple[str, Replacements]:
        """The same for every key and text in JSON, leaving all else as it is written; no JSON is plain text."""
        if not may_hold_personal_data(text):  # an escape that could hide something has digits
            self._take_written(text)
            return text, ()
        if _is_json(text):
            return self._replace_leaves(text, series)
        text, replacements = self.replace(text, series)
        if replacements and _is_json(text):  # what broke it was masked
            text, more = self._replace_leaves(text, series)
            replacements += more
        return text, replacements

    def _replace_leaves(self, text: str, series: str) -> tuple[str, Replacements]:
        places = list(_JSON_TEXT.finditer(text))
        leaves = [cast("str", json.loads(match.group(), strict=False)) for match in places]
        written = self._take_written("\n".join([text, *leaves]))
        replacements: dict[str, str] = {}
        parts: list[str] = []
        done = 0
        for match, leaf in zip(places, leaves, strict=True):
            after = self._replace(leaf, series, written, replacements) if may_hold_personal_data(leaf) else leaf
            if after != leaf:
                parts += text[done : match.start()], _written_as_json(after)
                done = match.end()
        parts.append(text[done:])
        as_written = ((placeholder, _written_as_json(value)[1:-1]) for placeholder, value in replacements.items())
        return "".join(parts), tuple(as_written)

    def _take_written(self, text: str) -> set[str]:
        written = set(_PLACEHOLDER.findall(text)) if "[" in text else set[str]()
        self._taken.update(written)
        return written

    def _replace(self, text: str, series: str, written: set[str], replacements: dict[str, str]) -> str:
        """The text with its personal data replaced, which is noted; `written` are placeholders to keep clear of."""
        there = _PLACEHOLDER.findall(text)
        parts: list[str] = []
        for words, placed in zip_longest(_PLACEHOLDER.split(text) if there else [text], there, fillvalue=""):
            for piece in _pieces(words, self._language):
                if piece.kind:
                    placeholder = self._placeholder(piece.kind, piece.text, series, written)
                    replacements[placeholder] = piece.text
                    parts.append(placeholder)
                else:
                    parts.append(piece.text)
            parts.append(placed)
        return "".join(parts)

    def _placeholder(self, kind: str, value: str, series: str, written: set[str]) -> str:
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


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _written_as_json(value: str | tuple[str, ...]) -> str:
    """As the sources write JSON; half a character, which no file can hold, stays an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode()
