"""Which language a conversation is in: by script first, then by counting each language's stop words.

Four languages have a lexicon here; a few more are told apart by their stop words alone, so that a French
conversation is reported as French although its claims stay thin. Ties and silence go to English.
"""

import re
from collections.abc import Iterable
from functools import cache

from scoring_ops.judges.local.lexicon import FALLBACK, languages, read_lexicon
from scoring_ops.judges.local.tokens import fold, tokenize

SAMPLE_LENGTH = 2_000  # code points that settle the language
ENOUGH_STOP_WORDS = 2  # one may be a name: "La", "Die", "Le"
_SCRIPTS = (
    ("ja", re.compile(r"[぀-ヿ]")),
    ("ko", re.compile(r"[가-힣]")),
    ("zh", re.compile(r"[㐀-䶿一-鿿]")),
    ("ru", re.compile(r"[Ѐ-ӿ]")),
    ("ar", re.compile(r"[؀-ۿ]")),
    ("he", re.compile(r"[֐-׿]")),
    ("el", re.compile(r"[Ͱ-Ͽ]")),
    ("hi", re.compile(r"[ऀ-ॿ]")),
    ("th", re.compile(r"[฀-๿]")),
)
_SCRIPT_SHARE = 0.2  # of the letters; a Chinese message full of product names is still Chinese
_JAPANESE_SHARE = 0.1
_MARKS = {"es": "¿¡ñÑ", "de": "äöüßÄÖÜ", "fr": "êçœùÊÇ", "pt": "ãõÃÕ"}  # a mark of a language counts as a stop word
_OTHERS = {
    "fr": "le la les des est et je vous nous pas une que pour dans mon votre ce avec sur bonjour merci j'ai c'est du",
    "it": "il che di non per una sono mi ho con del della buongiorno grazie il mio questo anche come ma gli è al",
    "pt": "que não uma para com meu minha você eu os está obrigado obrigada bom dia por mas foi da em na isso",
    "nl": "de het een en van ik niet dat mijn je met voor op zijn maar bedankt hallo kan heb er nog deze u",
}


def identify_language(texts: Iterable[str]) -> str:
    """The ISO 639-1 code of the main language of some texts; English where nothing tells."""
    sample = _sample(texts)
    return _by_script(sample) or _by_stop_words(sample)


def _sample(texts: Iterable[str]) -> str:
    parts: list[str] = []
    missing = SAMPLE_LENGTH
    for text in texts:
        parts.append(text[:missing])
        missing -= len(parts[-1])
        if missing <= 0:
            break
    return "\n".join(parts)


def _by_script(sample: str) -> str | None:
    if sample.isascii():
        return None
    letters = sum(c.isalpha() for c in sample)
    for language, pattern in _SCRIPTS:
        share = _JAPANESE_SHARE if language == "ja" else _SCRIPT_SHARE
        if letters and len(pattern.findall(sample)) > share * letters:
            return language
    return None


@cache
def _stop_words() -> dict[str, tuple[str, ...]]:
    """The languages each stop word belongs to."""
    owners: dict[str, list[str]] = {}
    lists = {language: read_lexicon(language).stop_words for language in languages() if language != "zh"}
    for language, words in {**lists, **{code: tuple(text.split()) for code, text in _OTHERS.items()}}.items():
        for word in sorted({fold(w) for w in words}):
            owners.setdefault(word, []).append(language)
    return {word: tuple(found) for word, found in owners.items()}


def _by_stop_words(sample: str) -> str:
    owners, counts = _stop_words(), {FALLBACK: 0.0}
    for language, marks in _MARKS.items():
        counts[language] = float(sum(c in marks for c in sample)) if not sample.isascii() else 0.0
    for token in tokenize(sample):
        found = owners.get(token.text, ())
        for language in found:
            counts[language] = counts.get(language, 0.0) + 1 / len(found)
    best = max(counts, key=lambda code: (counts[code], code == FALLBACK, code))
    return best if counts[best] >= ENOUGH_STOP_WORDS else FALLBACK
