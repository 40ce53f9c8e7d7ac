"""When claims about different parts of a conversation are the same claim, and how their citations and lists unite.

The same is what cites overlapping words or is worded alike; a number or a negation more or less makes it another thing.
What is united stays bounded, with a fair share for each part. What a merged claim then says is `merging.py`.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Protocol, TypeVar

from rapidfuzz import fuzz

from scoring_ops.claims import Citation, IssueClaim
from scoring_ops.meaning import same_meaning

MOST_ENTRIES = 40  # of each merged list; an answer of 4,096 tokens holds no more
MOST_CITATIONS = 5  # of each merged claim; one proves it, the rest are for the reader
SAME_WORDING = 90.0  # rapidfuzz scores run from 0 to 100
_COMPARED = 200  # characters of a wording; a judge is asked for a line, and one that rambles must not cost minutes


class Cited(Protocol):
    """A claim with citations."""

    @property
    def evidence(self) -> tuple[Citation, ...]:
        """The citations."""
        ...


C = TypeVar("C", bound=Cited)
T = TypeVar("T")


def overlap(some: Iterable[Citation], others: Iterable[Citation]) -> bool:
    """True where a quote of one side is, or holds, a quote of the other in the same turn."""
    known = [(citation.turn, folded(citation.quote)) for citation in others]
    return any(
        turn == citation.turn and bool(quote) and bool(other) and (quote in other or other in quote)
        for citation in some
        for quote in (folded(citation.quote),)
        for turn, other in known
    )


def same_wording(text: str, other: str) -> float:
    """How alike two statements are, 90 to 100; 0 where they are not, or differ in a number or a negation."""
    ours, theirs = folded(text)[:_COMPARED], folded(other)[:_COMPARED]
    likeness = fuzz.token_sort_ratio(ours, theirs, score_cutoff=SAME_WORDING)
    return likeness if likeness and same_meaning(ours, theirs, theirs) else 0.0


def same_issue(known: IssueClaim, issue: IssueClaim) -> float:
    """0 for two issues; else how alike they are worded, at least 1 where they cite the same words."""
    wording = same_wording(known.issue, issue.issue)
    if wording or not overlap(known.evidence, issue.evidence):
        return wording
    plain = fuzz.token_sort_ratio(folded(known.issue)[:_COMPARED], folded(issue.issue)[:_COMPARED])
    return max(plain, 1.0) if plain < SAME_WORDING else 0.0  # alike but for a number or a negation


def united(evidence: Iterable[tuple[Citation, ...]]) -> tuple[Citation, ...]:
    """The citations of several claims: a first of each before a second of any, without repetition, bounded.

    So the quotes that one claim invented never crowd out the true ones of another.
    """
    found = (citation for row in zip_longest(*evidence) for citation in row if citation is not None)
    return tuple(dict.fromkeys(found))[:MOST_CITATIONS]


def grouped(parts: Sequence[Sequence[C]], same: Callable[[C, C], bool]) -> list[list[C]]:
    """The claims of all parts in groups of the same, in the order of their first mention, bounded."""
    by_first_part: list[list[list[C]]] = []
    for part in parts:
        known = list(chain.from_iterable(by_first_part))
        fresh: list[list[C]] = []
        for claim in part[:MOST_ENTRIES]:
            homes = (g for g in (*known, *fresh) if any(member == claim or same(member, claim) for member in g))
            group = next(homes, None)
            if group is None:
                fresh.append([claim])
            else:
                group.append(claim)
        by_first_part = bounded([*by_first_part, fresh])
    return list(chain.from_iterable(by_first_part))


def bounded(by_part: Sequence[Sequence[T]]) -> list[list[T]]:
    """The entries of each part; of too many in all, the first ones of each part in equal shares."""
    places = sorted((at, part) for part, entries in enumerate(by_part) for at in range(len(entries)))
    kept = Counter(part for _, part in places[:MOST_ENTRIES])
    return [list(entries[: kept[part]]) for part, entries in enumerate(by_part)]


@lru_cache(maxsize=4096)  # each entry is compared with each of the parts before
def folded(text: str) -> str:
    """A text as it is compared: NFKC, without case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
