"""Citations of the local judge: verbatim slices of a turn that the verifier will find as they stand.

A quote has at least two words or is the whole turn, and never begins or ends inside a word; what cannot be quoted
so is not claimed.
"""

from collections.abc import Iterable

from scoring_ops.claims import Citation
from scoring_ops.evidence import MINIMUM_QUOTE_WORDS
from scoring_ops.judges.local.reading import Said
from scoring_ops.judges.local.signals import Sentence
from scoring_ops.words import count_words, cuts_a_word

QUOTE_LENGTH = 240  # code points
WHOLE_TURN_LENGTH = 1_000  # the longest turn that is quoted as a whole for want of two words
CITATIONS = 3  # of one claim
WORD_LENGTH = 64  # how far a place inside a word is moved to the word's edge


def cite(said: Said, sentence: Sentence | None = None) -> tuple[Citation, ...]:
    """The citation of a sentence, or of the turn's beginning; none where nothing of it can be quoted."""
    text = said.turn.text
    start, end = (sentence.start, sentence.end) if sentence is not None else (0, len(text))
    quote = _quote(text, start, min(end, start + QUOTE_LENGTH))
    if count_words(quote, enough=MINIMUM_QUOTE_WORDS) < MINIMUM_QUOTE_WORDS:
        quote = _quote(text, 0, len(text)) if len(text) <= WHOLE_TURN_LENGTH else ""
    return (Citation(turn=said.turn.number, quote=quote),) if quote else ()


def cite_all(places: Iterable[tuple[Said, Sentence | None]]) -> tuple[Citation, ...]:
    """The citations of the first few places, without repetition."""
    found: dict[Citation, None] = {}
    for said, sentence in places:
        for citation in cite(said, sentence):
            found.setdefault(citation)
        if len(found) >= CITATIONS:
            break
    return tuple(found)


def clip(text: str, length: int) -> str:
    """The first `length` code points of a text, cut back to a space where one is near."""
    if len(text) <= length:
        return text
    cut = text[:length]
    space = cut.rfind(" ")
    return (cut[:space] if space > length // 2 else cut).rstrip()


def _quote(text: str, start: int, end: int) -> str:
    """The words between two places, widened to whole words and trimmed; empty where a word is too long for that."""
    first = next((n for n in range(start, max(-1, start - WORD_LENGTH), -1) if not cuts_a_word(text, n)), None)
    past = next((n for n in range(end, min(len(text), end + WORD_LENGTH) + 1) if not cuts_a_word(text, n)), None)
    if first is None or past is None:
        return ""
    quote = text[first:past]
    first += len(quote) - len(quote.lstrip())
    return "" if cuts_a_word(text, first) else text[first:past].rstrip()
