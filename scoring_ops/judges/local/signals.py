"""What one message says: its sentences with the cues found in them, turned by negation, intensity and contrast.

A cue that is negated changes sides ("not happy", "does not work") or is dropped; one that is only asked or hoped for
("is it fixed?", "I hope it works") confirms nothing. What a conversation says is `reading.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scoring_ops.claims import Emotion
from scoring_ops.conversation import AuthorType
from scoring_ops.judges.local.lexicon import STEM_HEAD, Cue, Kind, Lexicon, longest_match
from scoring_ops.judges.local.tokens import Token, TokenSpan, ends_clause, sentences
from scoring_ops.transcript import Turn

SENTENCES_READ = 80  # of one message: as many from its head as from its tail
NEGATED_GOOD = -0.6  # "not happy" is not quite as bad as "unhappy"
NEGATED_BAD = -0.25  # "not bad" is faint praise
BEFORE_CONTRAST = 0.6  # what stands before "but" counts less than what follows
HOPED = 0.3  # a good word inside a wish
EXCLAMATION, EXCLAMATIONS_HEARD = 0.2, 3
SHOUTING, SHOUTED_LETTERS = 1.3, 4
INTENSIFIER_REACH = 2
PRESSED, SHOUTED_WORDS = -1.0, 3  # "??", "?!" or words in capitals, where nothing kind is said

# What a negation makes of a cue; kinds not named here stay as they are, because their phrases hold their own negation.
_NEGATED: dict[Kind, Kind | None] = {
    "works": "broken",
    "confirm": "broken",
    "done": "failed",
    "accept": None,
    "thanks": None,
    "bug": None,
    "stability": None,
    "usability": None,
    "abusive": None,
    "legal": None,
    "vulnerable": None,
    "instruct": None,
    "severe": None,
    "failed": None,
    "long_wait": None,
}
_ONLY_IF_STATED: frozenset[Kind] = frozenset({"confirm", "works"})


class Hit(NamedTuple):
    """One cue found in a sentence, with its strength after negation, intensity and contrast."""

    kind: Kind
    meaning: str
    strength: float
    emotion: Emotion | None
    start: int
    end: int


class Sentence(NamedTuple):
    """One sentence of a message: its place, its cues and its mood (negative below 0)."""

    turn: int
    author: AuthorType
    start: int
    end: int
    words: int
    is_question: bool
    mood: float
    hits: tuple[Hit, ...]

    def has(self, *kinds: Kind) -> bool:
        """True where any cue of these kinds was found."""
        return any(hit.kind in kinds for hit in self.hits)

    def of(self, kind: Kind) -> tuple[Hit, ...]:
        """The cues of one kind."""
        return tuple(hit for hit in self.hits if hit.kind == kind)


class _Match(NamedTuple):
    first: int
    end: int
    cues: tuple[Cue, ...]

    def has(self, kind: Kind) -> bool:
        return any(cue.kind == kind for cue in self.cues)

    def weight(self, kind: Kind) -> float:
        return next(cue.weight for cue in self.cues if cue.kind == kind)


def read_sentences(turn: Turn, lexicon: Lexicon) -> tuple[Sentence, ...]:
    """The sentences of a turn with their cues, in order; of a very long turn those of its head and tail."""
    spans = sentences(turn.text)
    if len(spans) > SENTENCES_READ:
        half = SENTENCES_READ // 2
        spans = [*spans[:half], *spans[-half:]]
    return tuple(_read(turn, span, lexicon) for span in spans)


def _read(turn: Turn, span: TokenSpan, lexicon: Lexicon) -> Sentence:
    tokens = span.tokens
    matches = _matches(tokens, lexicon)
    is_question = any(t.text in "?？؟" for t in tokens[-3:])
    hits = _hits(tokens, matches, lexicon, is_question=is_question) if matches else ()
    words = sum(not ends_clause(t) for t in tokens)
    mood = sum(hit.strength for hit in hits if hit.kind == "mood")
    shouted = _shouted_words(turn.text[span.start : span.end])
    mood *= _loudness(tokens, shouted)
    if mood <= 0 and _is_pressed(tokens, shouted):
        mood += PRESSED
    return Sentence(turn.number, turn.author_type, span.start, span.end, words, is_question, mood, hits)


def _matches(tokens: Sequence[Token], lexicon: Lexicon) -> list[_Match]:
    found: list[_Match] = []
    at, size, first_words = 0, len(tokens), lexicon.root.following
    while at < size:
        word = tokens[at].text
        if word in first_words or word[:STEM_HEAD] in lexicon.stem_heads:
            end, cues = longest_match(lexicon, tokens, at)
            if end > at:
                found.append(_Match(at, end, cues))
                at = end
                continue
        at += 1
    return found


def _hits(tokens: Sequence[Token], matches: list[_Match], lexicon: Lexicon, *, is_question: bool) -> tuple[Hit, ...]:
    contrast = max((m.first for m in matches if m.has("contrast")), default=-1)
    hoped_from = min((m.first for m in matches if m.has("hypothetical")), default=len(tokens))
    negators = {n for m in matches if m.has("negator") for n in range(m.first, m.end)}
    intensifiers = {m.end: m.weight("intensifier") for m in matches if m.has("intensifier")}
    hits: list[Hit] = []
    for match in matches:
        negated = bool(negators) and _is_negated(tokens, match, negators, lexicon)
        hoped = is_question or match.first > hoped_from
        factor = _intensity(intensifiers, match) * (BEFORE_CONTRAST if match.first < contrast else 1.0)
        for cue in match.cues:
            hit = _hit(cue, tokens, match, negated=negated, hoped=hoped, factor=factor)
            if hit is not None:
                hits.append(hit)
    return tuple(hits)


def _hit(cue: Cue, tokens: Sequence[Token], match: _Match, *, negated: bool, hoped: bool, factor: float) -> Hit | None:
    kind: Kind | None = cue.kind
    strength, emotion = cue.weight * factor, cue.emotion
    if cue.kind == "mood":
        if negated:
            strength *= NEGATED_GOOD if strength > 0 else NEGATED_BAD
            emotion = None
        if hoped and strength > 0:
            strength *= HOPED
            emotion = None
    elif negated:
        kind = _NEGATED.get(cue.kind, cue.kind)
    if kind is None or (hoped and kind in _ONLY_IF_STATED):
        return None
    return Hit(kind, cue.meaning, strength, emotion, tokens[match.first].start, tokens[match.end - 1].end)


def _is_negated(tokens: Sequence[Token], match: _Match, negators: set[int], lexicon: Lexicon) -> bool:
    """True where a negation reaches the match within its own clause; in Spanish two are no more than one."""
    back = range(match.first - 1, max(-1, match.first - 1 - lexicon.negation_reach), -1)
    ahead = range(match.end, min(len(tokens), match.end + lexicon.negation_reach_back))
    return any(_reaches(tokens, places, negators) for places in (back, ahead))


def _reaches(tokens: Sequence[Token], places: range, negators: set[int]) -> bool:
    for place in places:
        if place in negators:
            return True
        if ends_clause(tokens[place]):
            return False
    return False


def _intensity(intensifiers: dict[int, float], match: _Match) -> float:
    factor = 1.0
    for end in range(match.first - INTENSIFIER_REACH + 1, match.first + 1):
        factor *= intensifiers.get(end, 1.0)
    return factor


def _loudness(tokens: Sequence[Token], shouted: int) -> float:
    """How much exclamation marks and capitals raise a sentence's mood."""
    marks = sum(t.text in "!！" for t in tokens)
    factor = 1 + EXCLAMATION * min(marks, EXCLAMATIONS_HEARD)
    return factor * SHOUTING if shouted else factor


def _shouted_words(text: str) -> int:
    if not text.isascii() or text.islower():
        return 0
    return sum(len(word) >= SHOUTED_LETTERS and word.isupper() for word in text.split())


def _is_pressed(tokens: Sequence[Token], shouted: int) -> bool:
    """True where the marks or the capitals of a sentence show impatience."""
    if shouted >= SHOUTED_WORDS:
        return True
    asked = sum(t.text in "?？" for t in tokens[-6:])
    return asked > 0 and asked + sum(t.text in "!！" for t in tokens[-6:]) > 1
