"""Builders of what a merge reads: windows of a long conversation, and claims about each of them."""

from scoring_ops.claims import Claims, IssueClaim
from scoring_ops.merging import merge
from scoring_ops.transcript import Turn
from scoring_ops.windows import Window
from tests.builders import make_issue


def window(number: int, parts: int, fresh: int = 10) -> Window:
    """A window of ten new turns that repeats the last turn of the one before."""
    first = (number - 1) * fresh + 1
    turns = tuple(Turn(n, f"m{n}", "customer", "words", None) for n in range(max(first - 1, 1), first + fresh))
    return Window(turns, "hash", "human_only", number, parts, parts * fresh, first)


def merged(*parts: Claims) -> Claims:
    return merge(parts, [window(n, len(parts)) for n in range(1, len(parts) + 1)])


def issue(name: str, status: str, turn: int, quote: str = "the words") -> IssueClaim:
    return make_issue(status, turn, quote).model_copy(update={"issue": name})
