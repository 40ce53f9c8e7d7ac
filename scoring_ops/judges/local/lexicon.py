"""The word lists of the local judge: read from `lexicons/*.toml`, checked, and made ready for matching.

A lexicon maps phrases to cues: what a phrase is a sign of, how strongly, and of which feeling. The lists are our
own work, grouped by meaning so that a reviewer can read them. Matching a message against them is `signals.py`.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, RootModel

from scoring_ops.claims import Emotion
from scoring_ops.judges.local.tokens import Token, fold, tokenize

Kind = Literal[
    "negator", "intensifier", "contrast", "hypothetical",
    "mood", "thanks", "closing", "accept", "resigned", "confirm", "reject", "clarify", "sarcasm",
    "works", "broken", "cannot", "still", "chasing", "repeating", "handoff", "channel_switch", "long_wait",
    "ask", "promise", "done", "failed", "apology", "courtesy", "rude", "ignorance", "stock", "instruct",
    "contradiction", "lost_context", "churn", "competitor", "legal", "privacy", "vulnerable", "abusive",
    "bug", "stability", "usability", "feature", "service", "policy", "area",
    "another", "request", "greeting", "signature", "severe",
]  # fmt: skip
EVERY_LANGUAGE = "any"
FALLBACK = "en"
STEM_HEAD = 3  # letters: no stem is shorter


class Cue(NamedTuple):
    """What a phrase is a sign of; `weight` is signed for moods and a factor for intensifiers."""

    kind: Kind
    meaning: str
    weight: float
    emotion: Emotion | None


class Node:
    """One step of the phrase tree: the next words, and the cues of the phrase that ends here."""

    __slots__ = ("cues", "following")

    def __init__(self) -> None:
        self.following: dict[str, Node] = {}
        self.cues: tuple[Cue, ...] = ()


class Lexicon(NamedTuple):
    """One language's phrases, ready for matching; `stems` are the beginnings of words that stand for all endings."""

    language: str
    root: Node
    stems: frozenset[str]
    stem_heads: frozenset[str]
    negation_reach: int
    negation_reach_back: int


class Group(BaseModel):
    """Phrases of one kind and meaning, as a file holds them: whole ones, and every head followed by every tail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    weight: float = 1.0
    emotion: Emotion | None = None

    def phrases(self, language: str) -> tuple[str, ...]:
        """All phrases of the group; Chinese joins head and tail without a space."""
        space = "" if language == "zh" else " "
        return (*self.words, *(f"{head}{space}{tail}" for head in self.heads for tail in self.tails))


class LexiconFile(BaseModel):
    """One file under `lexicons/`, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    stop_words: tuple[str, ...]
    negation_reach: int
    negation_reach_back: int
    groups: Mapping[Kind, Mapping[str, Group]]


class _Tables(RootModel[dict[str, object]]):
    pass


def lexicon_files() -> list[Traversable]:
    """The lexicon files, by name."""
    folder = files("scoring_ops.judges.local") / "lexicons"
    return sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)


@cache
def lexicons_digest() -> str:
    """Hex sha256 of all lexicon files with their names; line ends do not count."""
    digest = hashlib.sha256()
    for file in lexicon_files():
        digest.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


@cache
def read_lexicon(language: str) -> LexiconFile:
    """The checked content of one file, such as "en" or "any"."""
    text = (files("scoring_ops.judges.local") / "lexicons" / f"{language}.toml").read_text(encoding="utf-8")
    tables = _Tables.model_validate(tomllib.loads(text)).root
    head = {key: tables.pop(key) for key in LexiconFile.model_fields if key in tables}
    return LexiconFile.model_validate({**head, "groups": tables})


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a lexicon of their own."""
    return tuple(name for f in lexicon_files() if (name := f.name.removesuffix(".toml")) != EVERY_LANGUAGE)


@cache
def lexicon(language: str) -> Lexicon:
    """The phrases of a language with the signs of every language; English where a language has no list."""
    own = read_lexicon(language if language in languages() else FALLBACK)
    root, stems = Node(), set[str]()
    for file in (read_lexicon(EVERY_LANGUAGE), own):
        for phrase, cue in _phrases(file):
            _plant(root, stems, phrase, cue)
    heads = frozenset(stem[:STEM_HEAD] for stem in stems)
    return Lexicon(own.language, root, frozenset(stems), heads, own.negation_reach, own.negation_reach_back)


def _phrases(file: LexiconFile) -> Iterator[tuple[str, Cue]]:
    for kind, meanings in file.groups.items():
        for meaning, group in meanings.items():
            for phrase in group.phrases(file.language):
                yield phrase, Cue(kind, meaning, group.weight, group.emotion)


def _plant(root: Node, stems: set[str], phrase: str, cue: Cue) -> None:
    node = root
    words = phrase.split() if phrase.endswith("*") else [t.text for t in tokenize(phrase)]
    for word in words:
        key = fold(word)
        if key.endswith("*"):
            stems.add(key[:-1])
        node = node.following.setdefault(key, Node())
    if cue not in node.cues:
        node.cues = (*node.cues, cue)


def longest_match(lexicon: Lexicon, tokens: Sequence[Token], at: int) -> tuple[int, tuple[Cue, ...]]:
    """The end (exclusive) and cues of the longest phrase that begins at a token; `at` and none where there is none."""
    return _walk(lexicon, lexicon.root, tokens, at, (at, ()))


def _walk(
    lexicon: Lexicon, node: Node, tokens: Sequence[Token], at: int, best: tuple[int, tuple[Cue, ...]]
) -> tuple[int, tuple[Cue, ...]]:
    if at >= len(tokens):
        return best
    word = tokens[at].text
    found = node.following.get(word)
    if found is not None:
        best = _walk(lexicon, found, tokens, at + 1, (at + 1, found.cues) if found.cues else best)
    for length in range(STEM_HEAD, len(word) + 1):
        if word[:length] in lexicon.stems:
            stemmed = node.following.get(word[:length] + "*")
            if stemmed is not None and at + 1 >= best[0]:
                own = best[1] if at + 1 == best[0] else ()
                best = (at + 1, (*own, *(cue for cue in stemmed.cues if cue not in own)))
    return best
