"""Parts of a labelled set for which a scorer must hold as well: language, channel, who served, how long.

A scorer that is good on the whole can be bad for some customers; that is what slices show. Each conversation is in
one slice of every kind.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, cast, get_args

from scoring_ops.validation.cases import Case, pairs_of
from scoring_ops.validation.figures import Figures, figures

SliceKind = Literal["language", "channel", "agent", "length"]
UNKNOWN = "unknown"
QUARTERS = ("shortest quarter", "second quarter", "third quarter", "longest quarter")


class Slice(Figures):
    """The figures of a part, but for the intervals of macro-F1, kappa and Spearman."""

    kind: SliceKind
    value: str


def slices(cases: Sequence[Case]) -> tuple[Slice, ...]:
    """The figures of every part of some conversations, by kind, largest first; lengths from short to long."""
    return tuple(
        Slice(**dict(figures(pairs_of(part, "score"), intervals=False)), kind=kind, value=value)
        for kind in get_args(SliceKind)
        for value, part in _parts(kind, cases).items()
    )


def _parts(kind: SliceKind, cases: Sequence[Case]) -> Mapping[str, list[Case]]:
    if kind == "length":
        ordered = sorted(cases, key=lambda case: (case.words, case.key))
        cuts = [round(len(ordered) * n / len(QUARTERS)) for n in range(len(QUARTERS) + 1)]
        quarters = zip(QUARTERS, cuts, cuts[1:], strict=False)
        return {name: part for name, first, end in quarters if (part := ordered[first:end])}
    parts: dict[str, list[Case]] = {}
    for case in cases:
        parts.setdefault(_VALUE[kind](case), []).append(case)
    return dict(sorted(parts.items(), key=lambda item: (-len(item[1]), item[0])))


_VALUE: Mapping[SliceKind, Callable[[Case], str]] = {
    "language": lambda case: case.language or case.score.language or UNKNOWN,
    "channel": lambda case: case.channel or UNKNOWN,
    "agent": lambda case: cast("str", case.agent_mix),
}
