"""National ids in a text: where they are, by their check digits, their separators, and what they are called.

Digits are looked at run by run: a run is digits with single separators between them, and the lengths of its groups
say in one look-up which schemes it could be. Numbers that are named as an order, a parcel or a ticket are none,
whatever their digits. Which schemes there are is `national_id_schemes.py`'s.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import ascii_letters
from typing import Literal
from unicodedata import decimal

from scoring_ops.national_id_schemes import DIGITS, LETTERED, Digits, Lettered
from scoring_ops.phones import is_order_named_in, locale_of

Span = tuple[int, int]

_SPACES = " \u00a0\u202f"
_DASHES = r"\-‐-―－"
_RUN = re.compile(rf"\d+(?:(?:[{_SPACES}]?[{_DASHES}./][{_SPACES}]?|[{_SPACES}])\d+)*+")
_SEPARATOR = re.compile(r"(\D+)")
_UNSPACED = re.compile(rf"[^{_SPACES}]+")
_FEWEST, _LONGEST = 8, 40  # digits; characters of the longest way to write one, with room
_BEFORE, _AFTER, _SHORTEST_NAME = 48, 24, 3
# A glued letter, a link, a longer code or a decimal fraction goes on where the number seems to begin or end.
_GLUED_BEFORE = re.compile(r"(?:[A-Za-z0-9_@]|[A-Za-z0-9/]/|[A-Za-z0-9]-|\d[.,])$")
_GLUED_AFTER = re.compile(r"[A-Za-z0-9_@]|[.,-]\d")
_GAP = r"(?:n[or]\.|[^\d\n.!?;,，。]){0,24}[(（]?"
_POSSESSIVE = r"[ (（]{0,2}(?:is|ist|es|est|è|é|är|er)? ?(?:my|mijn|meine?|mi|mon|ma|min|mitt|meu|the|her|his|our)? ?"


def _any(schemes: Iterable[Digits | Lettered], attribute: Literal["names", "signs"]) -> str:
    called = ((scheme.scheme, str(getattr(scheme, attribute))) for scheme in schemes)
    return "|".join(f"(?P<{scheme}>{words})" for scheme, words in called if words)


def _before(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?P<gap>{_GAP})$")


# Matched against small letters, for a pattern that ignores case takes seven times as long (23 microseconds).
_NAMED_DIGITS, _SIGNED_DIGITS = _before(_any(DIGITS, "names")), _before(_any(DIGITS, "signs"))
_DIGITS_NAMED = re.compile(rf"{_POSSESSIVE}(?:{_any(DIGITS, 'names')})(?![^\W\d_])")
# No name holds a digit, and two characters are no name: in a table of numbers there is nothing to look for.
_WORDS_BEFORE, _WORDS_AFTER = (
    re.compile(rf"\D{{{_SHORTEST_NAME},{_BEFORE}}}+$"),
    re.compile(rf"\D{{{_SHORTEST_NAME},{_AFTER}}}+"),
)
_LENGTHS = {s.scheme: s.lengths for s in DIGITS}

_NAMED_LETTERED, _SIGNED_LETTERED = _before(_any(LETTERED, "names")), _before(_any(LETTERED, "signs"))
_LETTERED = re.compile("|".join(f"(?P<{s.scheme}>{s.pattern})(?![A-Za-z0-9_])" for s in LETTERED), re.IGNORECASE)
_SCHEMES = {s.scheme: s for s in LETTERED}
_ASCII_LETTERS = frozenset(ascii_letters)
_FEWEST_BEFORE_LETTERS = 6  # digits that stand first in a lettered id
_MOST_BEFORE = 8
_GLUED_LETTERS = re.compile(r"[A-Za-z]+$")
_SPACED_LETTERS = re.compile(r"(?<![A-Za-z])(?:[A-Z]{2} |[A-Z]{3} [A-Z]{3} |[XYZ][ -])$")


def find_national_ids(text: str, locale: str | None) -> Iterator[Span]:
    """Start and end of every national id, in order.

    Args:
        text: any text.
        locale: a language or locale such as "pl" or "en-CA"; None where unknown.
    """
    here, known = _known_in(locale)
    done = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        if start < done:
            continue
        found = _lettered_at(text, start, here) if _may_be_lettered(text, start, end) else None
        if found:
            done = found[1]
            yield found
        elif end - start >= _FEWEST and _stands_alone(text, start, end):
            yield from _in_run(text, run, known)


def _may_be_lettered(text: str, start: int, end: int) -> bool:
    return end - start >= _FEWEST_BEFORE_LETTERS or (start > 0 and text[start - 1] in _ASCII_LETTERS)


def _in_run(text: str, run: re.Match[str], known: dict[str, list[Digits]]) -> Iterator[Span]:
    start, end = run.span()
    words = _WORDS_BEFORE.search(text, max(0, start - _BEFORE), start)
    before = words.group() if words else text[max(0, start - 1) : start]
    parts = [(start, end)] if end - start <= _LONGEST else []
    if not run.group().isdecimal():
        parts += ((start + part.start(), start + part.end()) for part in _UNSPACED.finditer(run.group()))
    done = start
    for first, last in parts:
        known_here = first >= done and _is_known(text[first:last], known)
        if known_here and not (first == start and is_order_named_in(before)):
            yield first, last
            done = last
    if done == start and (named := _named(text, run, before)):
        yield start, named


def _is_known(written: str, known: dict[str, list[Digits]]) -> bool:
    schemes = known.get(_shape(written)) if _FEWEST <= len(written) <= _LONGEST else None
    return schemes is not None and any(scheme.check(_plain(written)) for scheme in schemes)


def _named(text: str, run: re.Match[str], before: str) -> int | None:
    """Where a number ends that begins with the run and is called by a name, before it or after it."""
    called = None
    if len(before) >= _SHORTEST_NAME:
        called = _NAMED_DIGITS.search(before.lower()) or _SIGNED_DIGITS.search(before)
    if called is None:
        after = _WORDS_AFTER.match(text, run.end(), run.end() + _AFTER)
        called = _DIGITS_NAMED.match(after.group().lower()) if after else None
    elif is_order_named_in(called["gap"]):
        called = None
    if called is None:
        return None
    return _end_of(run, next(_LENGTHS[name] for name, found in called.groupdict().items() if found and name != "gap"))


def _end_of(run: re.Match[str], lengths: tuple[int, ...]) -> int | None:
    """The end of the first groups of a run that have together one of these lengths."""
    digits, end = 0, run.start()
    for group in re.finditer(r"\d+", run.group()):
        digits += len(group.group())
        if digits > max(lengths):
            break
        if digits in lengths:
            end = run.start() + group.end()
    return end if end > run.start() else None


def _lettered_at(text: str, start: int, here: frozenset[str]) -> Span | None:
    letters = _GLUED_LETTERS if text[start - 1 : start] in _ASCII_LETTERS else _SPACED_LETTERS
    before = letters.search(text, max(0, start - _MOST_BEFORE), start)
    for first in (before.start(), start) if before else (start,):
        match = _LETTERED.match(text, first)
        if match and match.lastgroup and not _GLUED_BEFORE.search(text, max(0, first - 2), first):
            scheme = _SCHEMES[match.lastgroup]
            at_home = not scheme.home or scheme.home & here
            if (at_home and scheme.check(_plain(match.group()))) or _is_named(
                scheme, text[max(0, first - _BEFORE) : first]
            ):
                return match.span()
    return None


def _is_named(scheme: Lettered, before: str) -> bool:
    called = _NAMED_LETTERED.search(before.lower()) or _SIGNED_LETTERED.search(before)
    return called is not None and called.groupdict().get(scheme.scheme) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not _GLUED_BEFORE.search(text, max(0, start - 2), start) and not _GLUED_AFTER.match(text, end)


def _shape(written: str) -> str:
    """The lengths of the groups and what separates them: 123-45-6789 is "3-2-4"."""
    parts = _SEPARATOR.split(written)
    return "".join(_separator(part) if n % 2 else str(len(part)) for n, part in enumerate(parts))


def _separator(written: str) -> str:
    sign = written.strip(_SPACES)
    return " " if not sign else sign if sign in "./" else "-"


def _plain(written: str) -> str:
    """Digits in ASCII and letters in capitals, without separators."""
    return "".join(str(decimal(c)) if c.isdecimal() else c.upper() for c in written if c.isalnum())


@lru_cache(maxsize=256)
def _known_in(locale: str | None) -> tuple[frozenset[str], dict[str, list[Digits]]]:
    """Language and region of a locale, and which schemes a shape could be there without a name."""
    here = frozenset(locale_of(locale))
    known: dict[str, list[Digits]] = defaultdict(list)
    for scheme in DIGITS:
        for shape in (*scheme.anywhere, *(scheme.at_home if scheme.home & here else ())):
            known[shape].append(scheme)
    return here, dict(known)
