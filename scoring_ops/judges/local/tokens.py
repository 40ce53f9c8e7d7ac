"""Words of a message with their places, and the sentences they form, for languages with and without spaces.

A token is a word, one Chinese or Japanese character, an emoji, an emoticon or a mark that ends a clause. Links
and mentions are skipped. What words mean is `lexicon.py` and `signals.py`.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

HEAD_LENGTH = 4_000  # code points read at the start of a message ...
TAIL_LENGTH = 4_000  # ... and at its end: of a 2 MB message the middle moves nothing
SENTENCE_LENGTH = 400  # code points after which a text without marks is cut into the next sentence

_CJK = "぀-ヿ㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f"
_ENDS = frozenset(".!?。！？…\n؟।")
_CLAUSE_ENDS = _ENDS | frozenset(",;:，；：、")


class Token(NamedTuple):
    """One folded word or mark and its place in the message, in code points."""

    text: str
    start: int
    end: int


class TokenSpan(NamedTuple):
    """A sentence: its tokens and its place in the message."""

    tokens: tuple[Token, ...]
    start: int
    end: int


@cache
def _token_pattern() -> re.Pattern[str]:
    skipped = r"(?:https?://|www\.)\S{1,500}|@[^\s@,，:：;；!?！？]{1,40}"
    word = rf"[^\W_{_CJK}]+(?:['’\-][^\W_{_CJK}]+)*"
    emoji = r"[\U0001f300-\U0001faff☀-➿]"
    emoticon = r"[:;]-?[()D](?!\w)"
    return re.compile(
        rf"(?P<skip>{skipped})|(?P<number>\d+(?:[.,:]\d+)+)|(?P<word>{word})|[{_CJK}]|{emoji}|{emoticon}"
        r"|[.,;:!?…，。！？；：、؟।\n]"
    )


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word without case, accents and typographic apostrophes: how lexicons and messages meet."""
    folded = word.casefold().replace("’", "'")
    if folded.isascii():
        return folded
    parts = unicodedata.normalize("NFKD", folded)
    return "".join(c for c in parts if not unicodedata.combining(c)) or folded


def tokenize(text: str, offset: int = 0) -> list[Token]:
    """The tokens of a text in order; `offset` is added to every place."""
    return [
        Token(fold(m.group()), m.start() + offset, m.end() + offset)
        for m in _token_pattern().finditer(text)
        if m.lastgroup != "skip"
    ]


def ends_clause(token: Token) -> bool:
    """True for a mark past which a negation no longer reaches."""
    return token.text in _CLAUSE_ENDS


def sentences(text: str) -> list[TokenSpan]:
    """The sentences of a message; of a long one those of its head and its tail."""
    if len(text) <= HEAD_LENGTH + TAIL_LENGTH:
        return _split(text, tokenize(text))
    tail = len(text) - TAIL_LENGTH
    return [*_split(text, tokenize(text[:HEAD_LENGTH])), *_split(text, tokenize(text[tail:], tail))]


def _split(text: str, tokens: list[Token]) -> list[TokenSpan]:
    found: list[TokenSpan] = []
    current: list[Token] = []
    for n, token in enumerate(tokens):
        current.append(token)
        following = tokens[n + 1] if n + 1 < len(tokens) else None
        if following is None or _ends_sentence(text, token, following, current[0]):
            if any(t.text not in _CLAUSE_ENDS for t in current):
                found.append(TokenSpan(tuple(current), current[0].start, current[-1].end))
            elif found:
                last = found.pop()
                found.append(TokenSpan((*last.tokens, *current), last.start, current[-1].end))
            current = []
    return found


def _ends_sentence(text: str, token: Token, following: Token, first: Token) -> bool:
    if token.end - first.start > SENTENCE_LENGTH:
        return True
    if token.text not in _ENDS or following.text in _ENDS:
        return False
    return token.text != "." or text[token.end : token.end + 1].isspace()
