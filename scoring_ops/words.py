"""Counting words in any script, the one way for eligibility and evidence alike."""

import re
import unicodedata

# Chinese and Japanese write no spaces: each character counts as one word, all else by runs of letters and digits.
# Written as escapes: an editor that normalises would turn the ideograph U+F900 into U+8C48, and Hangul with it.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# Vowel signs and accents that are no letters to `re`, yet stand within words.
_MARK = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0971-\u0dff"
    "\u0e31-\u0e4e\u0eb1-\u0ece\u0f71-\u0fbc\u102b-\u103e\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
)
_LETTERS = rf"[^\W_{_IDEOGRAPH}](?:[^\W_{_IDEOGRAPH}]|[{_MARK}])*"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|{_LETTERS}(?:['’]{_LETTERS})*")


def count_words(text: str, *, enough: int | None = None) -> int:
    """The number of words in `text`; stops counting at `enough`, so that a 2 MB message costs nothing."""
    count = 0
    for _ in _WORD.finditer(text):
        count += 1
        if enough is not None and count >= enough:
            break
    return count


def cuts_a_word(text: str, at: int) -> bool:
    """True where a place stands within a word or number: "happy" is not what a customer said who wrote "unhappy".

    Scripts without upper and lower case are left alone: most write no spaces, or join particles to words.
    """
    if not 0 < at < len(text):
        return False
    if unicodedata.combining(text[at]):
        return True
    return all(c.isdigit() for c in text[at - 1 : at + 1]) or all(c.lower() != c.upper() for c in text[at - 1 : at + 1])
