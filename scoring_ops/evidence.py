"""Proof of claims: a quote counts only if it stands in the transcript, said by the right side.

`exact` in the cited turn (after NFKC and white-space folding), `relocated` to another turn of the right author,
`repaired` by a fuzzy alignment whose true span replaces the quote, else rejected. Offsets are code points of the
un-normalised turn text, and `turn.text[start:end] == quote` always holds.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from scoring_ops.claims import Citation, Finding
from scoring_ops.conversation import SPEAKERS, AuthorType
from scoring_ops.meaning import same_meaning
from scoring_ops.rubric.dimensions import Dimension
from scoring_ops.transcript import Transcript, Turn
from scoring_ops.words import count_words, cuts_a_word

MatchKind = Literal["exact", "relocated", "repaired", "computed"]
EvidenceKind = Literal["quote", "timing", "absence"]
MINIMUM_QUOTE_WORDS = 2
_ODD_SPACE = re.compile(r"\s\s|[^\S ]")
REPAIR_THRESHOLD = 90.0  # rapidfuzz scores run from 0 to 100

_CUSTOMER: frozenset[AuthorType] = frozenset({"customer"})
_AI: frozenset[AuthorType] = frozenset({"ai_agent"})
_HUMAN: frozenset[AuthorType] = frozenset({"human_agent"})
_ROLES: Mapping[Dimension, frozenset[AuthorType]] = {
    "sentiment": _CUSTOMER,
    "customer_effort": _CUSTOMER,
    "strong_emotion": _CUSTOMER,
    "product_feedback": _CUSTOMER,
    "policy_feedback": _CUSTOMER,
    "risk": _CUSTOMER,
    "answer_quality_ai": _AI,
    "answer_quality_human": _HUMAN,
}


class Evidence(NamedTuple):
    """A verified place in the transcript: `quote` is `turn.text[start:end]`, in code points."""

    message_id: str
    turn: int
    author_type: AuthorType
    start: int
    end: int
    quote: str
    match_kind: MatchKind
    kind: EvidenceKind = "quote"


class ProvenFinding(NamedTuple):
    """A finding with at least one verified piece of evidence, the first being the one to show."""

    finding: Finding
    evidence: tuple[Evidence, ...]


class Verification(NamedTuple):
    """All findings of a conversation, parted into proven and rejected."""

    proven: tuple[ProvenFinding, ...]
    rejected: tuple[Finding, ...]


def verify(found: Iterable[Finding], transcript: Transcript) -> Verification:
    """Every finding either with the evidence that proves it or among the rejected ones."""
    proven: list[ProvenFinding] = []
    rejected: list[Finding] = []
    for finding in found:
        roles = allowed_roles(finding.dimension, transcript)
        located = (locate(citation, transcript, roles) for citation in finding.citations)
        evidence = tuple(place for place in located if place is not None)
        if evidence:
            proven.append(ProvenFinding(finding, evidence))
        else:
            rejected.append(finding)
    return Verification(tuple(proven), tuple(rejected))


def allowed_roles(dimension: Dimension, transcript: Transcript) -> frozenset[AuthorType]:
    """Whose words can prove a claim of this dimension in this conversation."""
    if dimension == "service_quality":
        return _AI if transcript.agent_mix == "ai_only" else _HUMAN
    return _ROLES.get(dimension, SPEAKERS)


def locate(citation: Citation, transcript: Transcript, roles: frozenset[AuthorType]) -> Evidence | None:
    """Where the cited words truly stand, or None where no turn of the right author holds them."""
    quote = citation.quote.strip()
    if not quote:
        return None
    cited = transcript.turn(citation.turn)
    for turn in _candidates(cited, transcript, roles):
        span = _find(quote, turn.text)
        if span is not None and _long_enough(span, turn):
            return _evidence(turn, span, "exact" if turn is cited else "relocated")
    for turn in _candidates(cited, transcript, roles):
        span = _align(quote, turn.text)
        if span is not None and _long_enough(span, turn):
            return _evidence(turn, span, "repaired")
    return None


def _candidates(cited: Turn | None, transcript: Transcript, roles: frozenset[AuthorType]) -> Iterator[Turn]:
    """The turns of the right author, the cited one first: where most quotes stand, so that few look further."""
    if cited is not None and cited.author_type in roles:
        yield cited
    yield from (turn for turn in transcript.turns if turn.author_type in roles and turn is not cited)


def whole_turn(turn: Turn, kind: EvidenceKind, longest: int = 240) -> Evidence:
    """Evidence that no quote can show: the message concerned, cut at `longest` code points."""
    text = turn.text
    start = len(text) - len(text.lstrip())
    end = min(len(text.rstrip()), start + longest)
    return Evidence(turn.message_id, turn.number, turn.author_type, start, end, text[start:end], "computed", kind)


def _evidence(turn: Turn, span: tuple[int, int], match_kind: MatchKind) -> Evidence:
    start, end = span
    return Evidence(turn.message_id, turn.number, turn.author_type, start, end, turn.text[start:end], match_kind)


def _long_enough(span: tuple[int, int], turn: Turn) -> bool:
    quote = turn.text[span[0] : span[1]]
    return count_words(quote, enough=MINIMUM_QUOTE_WORDS) >= MINIMUM_QUOTE_WORDS or quote == turn.text.strip()


def _find(quote: str, text: str) -> tuple[int, int] | None:
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        if not cuts_a_word(text, start) and not cuts_a_word(text, end):
            return start, end
        start = text.find(quote, start + 1)
    if _folds_to_itself(quote) and _folds_to_itself(text):
        return None
    folded, origins = _folded(text)
    needle = _folded(quote)[0].strip()
    at = folded.find(needle) if needle else -1
    while at >= 0:
        end = at + len(needle)
        if _is_boundary(origins, at) and _is_boundary(origins, end):
            span = _trimmed(text, origins[at], origins[end])
            if not cuts_a_word(text, span[0]) and not cuts_a_word(text, span[1]):
                return span
        at = folded.find(needle, at + 1)
    return None


def _is_boundary(origins: tuple[int, ...], at: int) -> bool:
    """True where a folded position begins a character of the original, so that no character is cut in two."""
    return at == 0 or origins[at] != origins[at - 1]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    span = text[start:end]
    return start + len(span) - len(span.lstrip()), start + len(span.rstrip())


def _folds_to_itself(text: str) -> bool:
    """True for ASCII with single spaces between words: most texts, and folding takes a microsecond a character."""
    return text.isascii() and _ODD_SPACE.search(text) is None


@lru_cache(maxsize=16)
def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """NFKD with white space folded, and for each folded position the offset of its original character.

    Two texts are equal under NFKC exactly when they are under NFKD; decomposing needs no look-ahead beyond a base
    character and its combining marks, which keeps the index map exact. One more origin marks the end.
    """
    parts: list[str] = []
    origins: list[int] = []
    position, in_space = 0, False
    while position < len(text):
        end = position + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = unicodedata.normalize("NFKD", text[position:end])
        if piece.isspace():
            if not in_space:
                parts.append(" ")
                origins.append(position)
            in_space = True
        else:
            parts.append(piece)
            origins.extend([position] * len(piece))
            in_space = False
        position = end
    origins.append(len(text))
    return "".join(parts), tuple(origins)


def _align(quote: str, text: str) -> tuple[int, int] | None:
    """The span of `text` that the quote misquotes, on word boundaries, or None where it is another statement."""
    if len(text) < len(quote) * REPAIR_THRESHOLD / 100:
        return None
    aligned = fuzz.partial_ratio_alignment(quote, text, score_cutoff=REPAIR_THRESHOLD)
    if aligned is None:
        return None
    start, end = _whole_words(text, aligned.dest_start, aligned.dest_end)
    found = text[start:end]
    if not found or fuzz.ratio(quote, found) < REPAIR_THRESHOLD:
        return None
    around = text[_word_before(text, start) : _word_after(text, end)]
    return (start, end) if same_meaning(quote, found, around) else None


def _word_before(text: str, start: int) -> int:
    """Where the word before a place begins: "I want it" is no repair of the end of "I do not want it"."""
    words = text[max(0, start - 40) : start].split()
    return text.rindex(words[-1], 0, start) if words else start


def _word_after(text: str, end: int) -> int:
    words = text[end : end + 40].split(maxsplit=1)
    return text.index(words[0], end) + len(words[0]) if words else end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum() and text[start : start + 1].isalnum() and text[start].isascii():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum() and text[end].isascii():
        end += 1
    return _trimmed(text, start, end)
