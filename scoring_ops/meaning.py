"""What a repaired quote must not turn round: negations, numbers, and words with a negating prefix.

A misquote may be mended only where the true words say the same. How a quote is found is `evidence.py`.
"""

import re
from collections import Counter

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|none|cannot|without|nor|neither|hardly|barely|unable"
    r"|(?:is|are|was|were|do|does|did|ca|wo|could|would|should|has|have|had)nt"
    r"|nunca|nada|sin|ni|nicht|nichts|nie|niemals|ohne|kein\w*|pas|jamais|rien|aucun\w*|não|nem|non|niente"
    r"|niet|geen|nooit|не|нет|ни|никогда|без)\b"
    r"|n['’]t\b|[不没沒無无未别非]|ない|ません|않|못",
    re.IGNORECASE,
)
_NEGATING_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "mis")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def same_meaning(quote: str, found: str, around: str) -> bool:
    """True where a repair neither adds nor drops a negation or a number.

    Negations next to the span count as well (`around`): else a repair drops one by ending before it.
    """
    return (
        _marks(_NEGATION, quote) == _marks(_NEGATION, found) == _marks(_NEGATION, around)
        and _marks(_NUMBER, quote) == _marks(_NUMBER, found)
        and not _opposite_words(quote, found)
    )


def _marks(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(m.group().lower().replace("’", "'") for m in pattern.finditer(text))


def _opposite_words(quote: str, found: str) -> bool:
    """True where one side says "unable" and the other "able"."""
    ours, theirs = set(quote.lower().split()), set(found.lower().split())
    return any(
        f"{prefix}{word}" in more
        for less, more in ((ours - theirs, theirs - ours), (theirs - ours, ours - theirs))
        for word in less
        for prefix in _NEGATING_PREFIXES
    )
