"""A long transcript cut into windows that each fit a budget of tokens: pure, deterministic, nothing trimmed.

Cuts lie between turns; only a turn longer than a whole window is parted, under its one number. A window repeats a
little of what came before, so that an answer is read with its question. What a judge is told about the part it reads is
`window_prompt.py`, uniting the claims of all parts `merging.py`.
"""

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from scoring_ops.conversation import AgentMix
from scoring_ops.prompt import neutralised
from scoring_ops.transcript import Transcript, Turn

WINDOWS_VERSION = "1"  # raised whenever cuts, note, merging or reconciliation would give another answer
TOKENS_PER_BYTE = 0.5  # an upper bound: English needs about 0.25 of a token per byte of UTF-8, Chinese 0.35
WINDOW_TOKENS = 24_000  # 48 kB of English, 16,000 Chinese characters: fits a model of 32,000 real tokens with the rules
LEAST_TOKENS = 1_000  # below this the frame lines would outweigh the words

FRAME_BYTES = 40  # at least what the frame line of any turn takes: 30 and the digits of its number
_WIDEST = 4  # bytes of UTF-8 a code point can take, control tokens disarmed
_OVERLAP = 10  # a tenth of a window repeats what came before
_GRAIN = 20  # a turn longer than a window is parted into twentieths, so that windows can be balanced

_BREAKS = tuple(re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[.!?…؟]\s+|[。！？]", r"\s+"))
_JOINER = "\u200d"


class Window(NamedTuple):
    """One part of a transcript; it renders like a transcript, and the only window of a short one renders the same.

    `turns` keep their numbers in the whole conversation. Those before `fresh_from` are repeated from the part before.
    `starts_within` and `ends_within` tell that the first or the last turn is shown only in part.
    """

    turns: tuple[Turn, ...]
    transcript_hash: str
    agent_mix: AgentMix
    number: int
    parts: int
    turn_count: int
    fresh_from: int
    starts_within: bool = False
    ends_within: bool = False

    @property
    def turns_judged(self) -> int:
        """How many turns are judged here first: the weight of this part among all parts."""
        return self.turns[-1].number - self.fresh_from + 1 if self.turns else 0


class _Piece(NamedTuple):
    """A turn, or a part of one; `size` is the bytes of its text as rendered."""

    turn: Turn
    start: int
    end: int
    size: int

    @property
    def cost(self) -> int:
        return self.size if self.start else self.size + FRAME_BYTES


def tokens_at_most(text: str) -> int:
    """The most tokens a text can take: the one estimate, for windows, budgets and pace alike."""
    return math.ceil(len(text.encode("utf-8", "replace")) * TOKENS_PER_BYTE)


def windows(transcript: Transcript, most_tokens: int = WINDOW_TOKENS) -> tuple[Window, ...]:
    """The parts of a transcript, in order, as even in size as turns allow; one for a transcript that fits.

    Every character of every turn is in at least one window.

    Args:
        transcript: the whole conversation.
        most_tokens: the most that the turns of one window may take, frame lines included; what a request holds
            besides (rules, schema, note, answer) is the caller's to subtract from a model's context.

    Raises:
        ValueError: a budget under LEAST_TOKENS.
    """
    if most_tokens < LEAST_TOKENS:
        raise ValueError(f"a window needs at least {LEAST_TOKENS} tokens, not {most_tokens}")
    most = int(most_tokens / TOKENS_PER_BYTE)
    turns = transcript.turns
    if _fits(turns, most):
        return (Window(turns, transcript.transcript_hash, transcript.agent_mix, 1, 1, len(turns), 1),)
    overlap, grain = most // _OVERLAP, most // _GRAIN
    fresh = most - overlap - FRAME_BYTES  # a window that begins within a turn needs one frame line more
    pieces = [piece for turn in turns for piece in _pieces(turn, fresh, grain)]
    ends = _even_cuts([piece.cost for piece in pieces], fresh)
    starts = [0, *ends[:-1]]
    return tuple(
        _window(transcript, (n, len(ends)), _before(pieces[:start], overlap, grain), pieces[start:end])
        for n, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )


def _fits(turns: Sequence[Turn], most: int) -> bool:
    """Whether the turns fit into this many bytes; most transcripts are far too short to be encoded for that."""
    frames = len(turns) * FRAME_BYTES
    if frames + _WIDEST * sum(len(turn.text) for turn in turns) <= most:
        return True
    return frames + sum(_size(turn.text) for turn in turns) <= most


def _size(text: str) -> int:
    """Bytes of a text as rendered; plain English, which nothing changes, is not searched for control tokens."""
    if text.isascii() and "<" not in text and "[" not in text:
        return len(text)
    return len(neutralised(text).encode())


def _pieces(turn: Turn, most: int, grain: int) -> Iterator[_Piece]:
    """The turn as a whole where it fits into `most` bytes, else in parts of at most `grain` bytes of text."""
    whole = _Piece(turn, 0, len(turn.text), _size(turn.text))
    return iter((whole,)) if whole.cost <= most else _parted(whole, grain)


def _parted(piece: _Piece, grain: int) -> Iterator[_Piece]:
    text, start = piece.turn.text, piece.start
    shown = neutralised(text)  # as a whole: a control token must weigh the same whether a cut runs through it or not
    while start < piece.end:
        most = min(piece.end, start + grain)
        end = start + len(shown[start:most].encode()[:grain].decode(errors="ignore"))
        if end < piece.end:
            end = _break(text, start, end)
        yield _Piece(piece.turn, start, end, len(shown[start:end].encode()))
        start = end


def _break(text: str, start: int, end: int) -> int:
    """The best place to part a text in the second half of a span: paragraph, line, sentence, word, character."""
    middle = start + (end - start) // 2
    for pattern in _BREAKS:
        places = [match.end() for match in pattern.finditer(text, middle, end)]
        if places:
            return places[-1]
    return next((at for at in range(end, middle, -1) if not _splits_a_character(text, at)), end)


def _splits_a_character(text: str, at: int) -> bool:
    """True between a letter and its marks, and within an emoji that is joined from several."""
    return _JOINER in text[at - 1 : at + 1] or unicodedata.category(text[at]) in {"Mn", "Me", "Mc", "Sk"}


def _even_cuts(costs: Sequence[int], most: int) -> list[int]:
    """Where windows of at most `most` end, counted in pieces: as few as can be, then as even as can be.

    Each cut is the one nearest to an equal share of what is left, among those that leave the rest coverable.
    """
    sums = [0, *accumulate(costs)]
    total = len(costs)

    def reach(start: int) -> int:
        return bisect_right(sums, sums[start] + most) - 1

    needed = [0] * (total + 1)  # windows that the pieces from here on take at least; never rises
    for at in range(total - 1, -1, -1):
        needed[at] = 1 + needed[reach(at)]
    ends: list[int] = []
    start = 0
    for left in range(needed[0], 0, -1):
        low = bisect_left(needed, 1 - left, start + 1, total, key=lambda n: -n)
        share = sums[start] + (sums[total] - sums[start]) / left
        end = bisect_left(sums, share, low, reach(start))
        if end > low and share - sums[end - 1] <= sums[end] - share:
            end -= 1
        ends.append(end)
        start = end
    return ends


def _before(pieces: Sequence[_Piece], most: int, grain: int) -> list[_Piece]:
    """The last of these pieces that fit into `most` bytes with their frame lines; of one too long, its end."""
    kept: list[_Piece] = []
    for piece in reversed(pieces):
        if piece.size + FRAME_BYTES <= most:
            parts = (piece,)
        elif piece.size > grain:
            parts = tuple(_parted(piece, grain))[::-1]
        else:
            break
        for part in parts:
            most -= part.size + FRAME_BYTES
            if most < 0:
                return kept[::-1]
            kept.append(part)
    return kept[::-1]


def _window(
    transcript: Transcript, place: tuple[int, int], before: Sequence[_Piece], fresh: Sequence[_Piece]
) -> Window:
    spans: dict[int, tuple[Turn, int, int]] = {}
    for piece in (*before, *fresh):  # neighbours of one turn are joined again
        start = spans[piece.turn.number][1] if piece.turn.number in spans else piece.start
        spans[piece.turn.number] = (piece.turn, start, piece.end)
    return Window(
        tuple(turn._replace(text=turn.text[start:end]) for turn, start, end in spans.values()),
        transcript.transcript_hash,
        transcript.agent_mix,
        *place,
        turn_count=len(transcript.turns),
        fresh_from=fresh[0].turn.number,
        starts_within=(before or fresh)[0].start > 0,
        ends_within=fresh[-1].end < len(fresh[-1].turn.text),
    )
