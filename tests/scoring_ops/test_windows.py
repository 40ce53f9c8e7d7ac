"""Windows of a long transcript: within their budget, even, in order, and nothing of any turn is lost."""

import math
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_ops.conversation import AuthorType
from scoring_ops.prompt import frame_code, neutralised, render
from scoring_ops.transcript import Transcript, Turn, transcript_hash
from scoring_ops.windows import LEAST_TOKENS, TOKENS_PER_BYTE, Window, tokens_at_most, windows

AUTHORS: tuple[AuthorType, ...] = ("customer", "human_agent", "ai_agent")
FAST = settings(derandomize=True, max_examples=60, deadline=None)
SENTENCES = (
    "I still wait for my refund. ",
    "我的退款还没有收到。",
    "Was ist damit?\n\n",
    "a<|im_start|>",
    "👩\u200d👩\u200d👧",
    "e\u0301",
)

TEXTS = st.one_of(
    st.text(max_size=400),
    st.builds(lambda part, times: part * times, st.sampled_from(SENTENCES), st.integers(0, 900)),
    st.builds(lambda part, times: part * times, st.text(min_size=1, max_size=9), st.integers(0, 900)),
)
BUDGETS = st.integers(LEAST_TOKENS, 4 * LEAST_TOKENS)


def said(*texts: str) -> Transcript:
    turns = tuple(Turn(n, f"m{n}", AUTHORS[n % 3], text, None) for n, text in enumerate(texts, start=1))
    return Transcript(turns, transcript_hash(turns), "mixed")


TRANSCRIPTS = st.lists(TEXTS, max_size=25).map(lambda texts: said(*texts))


def shown(window: Window) -> str:
    """The turns as the prompt will hold them, with their frame lines and nothing else."""
    code = frame_code(window.transcript_hash, (turn.text for turn in window.turns))
    return "".join(f"[{code} turn {t.number} {t.author_type}]\n{neutralised(t.text)}\n" for t in window.turns)


def unread(transcript: Transcript, cut: tuple[Window, ...]) -> list[int]:
    """The turns of which the windows, read in order, leave a character out or hold one that is not theirs."""
    lost = []
    for turn in transcript.turns:
        parts = [t.text for window in cut for t in window.turns if t.number == turn.number]
        read = 0
        for part in parts:
            start = turn.text.rfind(part, 0, read + len(part))  # the latest place that leaves no gap
            read = max(read, start + len(part)) if start >= 0 else len(turn.text) + 1
        if read != len(turn.text) or not parts:
            lost.append(turn.number)
    return lost


@FAST
@given(TRANSCRIPTS, BUDGETS)
def test_every_character_of_every_turn_is_in_a_window(transcript: Transcript, budget: int) -> None:
    assert unread(transcript, windows(transcript, budget)) == []


@FAST
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6), BUDGETS)
def test_of_texts_without_repetition_each_character_is_kept_in_its_place(lengths: list[int], budget: int) -> None:
    ideographs = iter(map(chr, range(0x4E00, 0x4E00 + sum(lengths))))
    transcript = said(*("".join(next(ideographs) for _ in range(length)) for length in lengths))
    cut = windows(transcript, budget)
    for turn in transcript.turns:
        places = [turn.text.index(t.text) for window in cut for t in window.turns if t.number == turn.number]
        kept = {c for window in cut for t in window.turns if t.number == turn.number for c in t.text}
        assert kept == set(turn.text)
        assert places == sorted(places)


@FAST
@given(TRANSCRIPTS, BUDGETS)
def test_no_window_exceeds_its_budget(transcript: Transcript, budget: int) -> None:
    assert all(tokens_at_most(shown(window)) <= budget for window in windows(transcript, budget))


@FAST
@given(TRANSCRIPTS, BUDGETS)
def test_windows_are_counted_and_in_order_and_each_judges_something_new(transcript: Transcript, budget: int) -> None:
    cut = windows(transcript, budget)
    assert [(w.number, w.parts, w.turn_count) for w in cut] == [
        (n, len(cut), len(transcript.turns)) for n in range(1, len(cut) + 1)
    ]
    for window in cut:
        numbers = [turn.number for turn in window.turns]
        assert numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else not transcript.turns
        for turn in window.turns:
            whole = transcript.turns[turn.number - 1]
            assert turn._replace(text=whole.text) == whole
    for before, after in pairwise(cut):
        judged = before.turns[-1].number
        assert after.fresh_from == judged + (0 if before.ends_within else 1)
        assert after.turns[0].number <= after.fresh_from <= after.turns[-1].number


@FAST
@given(TRANSCRIPTS, BUDGETS)
def test_a_turn_is_parted_only_where_no_window_could_hold_it(transcript: Transcript, budget: int) -> None:
    for window in windows(transcript, budget):
        if window.ends_within:
            assert tokens_at_most(transcript.turns[window.turns[-1].number - 1].text) > 0.8 * budget


@FAST
@given(TRANSCRIPTS, BUDGETS)
def test_the_same_transcript_is_always_cut_the_same(transcript: Transcript, budget: int) -> None:
    assert windows(transcript, budget) == windows(Transcript(*transcript), budget)


@FAST
@given(st.lists(TEXTS, max_size=4))
def test_a_transcript_that_fits_is_one_window_that_renders_as_before(texts: list[str]) -> None:
    transcript = said(*texts)
    budget = max(LEAST_TOKENS, tokens_at_most(render(transcript)) + 40 * len(texts))
    (window,) = windows(transcript, budget)
    assert window.turns is transcript.turns
    assert render(window) == render(transcript)
    assert (window.fresh_from, window.turns_judged) == (1, len(texts))


def test_a_transcript_just_over_the_budget_is_halved_and_leaves_no_stub() -> None:
    cut = windows(said(*["x" * 160] * 60), 5900)
    assert [window.turns_judged for window in cut] == [30, 30]


@FAST
@given(st.lists(st.integers(20, 300), min_size=60, max_size=200), BUDGETS)
def test_windows_of_ordinary_turns_are_even_in_size(lengths: list[int], budget: int) -> None:
    cut = windows(said(*("y" * length for length in lengths)), budget)
    fresh = [sum(len(turn.text) + 40 for turn in window.turns if turn.number >= window.fresh_from) for window in cut]
    assert max(fresh) - min(fresh) <= 3 * (300 + 40)


@FAST
@given(st.lists(st.integers(20, 1500), min_size=10, max_size=60), BUDGETS)
def test_there_are_as_few_windows_as_whole_turns_allow(lengths: list[int], budget: int) -> None:
    cut = windows(said(*("y" * length for length in lengths)), budget)
    room = int(budget / TOKENS_PER_BYTE) - int(budget / TOKENS_PER_BYTE) // 10 - 40
    needed, left = 0, 0
    for length in lengths:
        if length + 40 > left:
            needed, left = needed + 1, room
        left -= length + 40
    assert len(cut) in {needed, 1}


def test_an_answer_is_read_with_its_question() -> None:
    transcript = said(*[text for n in range(60) for text in (f"Question {n}? " + "a" * 90, f"Answer {n}. " + "b" * 90)])
    cut = windows(transcript, 2000)
    for before, after in pairwise(cut):
        repeated = [turn for turn in after.turns if turn.number < after.fresh_from]
        assert repeated
        assert repeated[-1] == before.turns[-1]
        assert tokens_at_most("".join(turn.text for turn in repeated)) <= 200


def test_of_a_long_last_turn_the_end_is_repeated() -> None:
    long = "So much happened before. " * 60 + "Where is my order?"
    cut = windows(said("Hi", long, "We look into it. " * 90, long, "It is sent. " * 90), 1000)
    repeated = [window.turns[0] for window in cut[1:] if window.starts_within]
    assert repeated
    assert all(turn.text.endswith(("Where is my order?", ". ")) for turn in repeated)
    assert all(turn.text[:1].isupper() for turn in repeated)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("One line of a long letter\n\n" * 400, "\n\n"),
        ("A sentence of an endless letter. " * 400, ". "),
        ("我等了两个星期还没有收到退款。" * 200, "。"),
        ("words without any stop " * 500, " "),
    ],
)
def test_a_turn_longer_than_a_window_is_parted_where_a_reader_would_pause(text: str, ends: str) -> None:
    cut = windows(said("Hello", text, "Thanks"), 1500)
    assert len(cut) >= 3
    assert all(window.turns[-1].text.endswith(ends) for window in cut[:-1])
    assert all(window.ends_within for window in cut[:-1])


def test_a_character_is_not_parted_from_its_marks() -> None:
    family = "👩\u200d👩\u200d👧"
    for text in ("e\u0301" * 3000, family * 900, "न\u0940" * 2000, "👍\U0001f3fd" * 1500):
        for window in windows(said(text), 1000):
            for turn in window.turns:
                first = turn.text[0]
                assert unicodedata.category(first) not in {"Mn", "Mc", "Sk"}
                assert first != "\u200d"
                assert turn.text[-1] != "\u200d"


def test_a_lone_surrogate_and_a_control_token_at_a_cut_keep_the_budget() -> None:
    for text in ("\ud83d" * 4000, "<|x|>" * 2500, "[INST]" * 2500):
        transcript = said(text)
        cut = windows(transcript, 1000)
        assert unread(transcript, cut) == []
        assert all(tokens_at_most(shown(window)) <= 1000 for window in cut)


def test_a_conversation_of_500_messages_and_200_000_characters_takes_six_windows() -> None:
    transcript = said(*["Where is my parcel, please? It should be here. " * 8 + "x" * 24] * 500)
    assert sum(len(turn.text) for turn in transcript.turns) == 200_000
    cut = windows(transcript)
    assert len(cut) == math.ceil(500 * (400 + 40) / (48_000 * 0.9 - 40)) == 6
    assert [window.turns_judged for window in cut] == [83, 83, 83, 84, 83, 84]
    assert unread(transcript, cut) == []


def test_as_much_chinese_takes_three_times_the_windows() -> None:
    transcript = said(*["我的包裹还没有到，已经等了两个星期，请尽快帮我查一下。" * 15] * 500)
    cut = windows(transcript)
    assert len(cut) == 15
    assert unread(transcript, cut) == []
    assert all(tokens_at_most(shown(window)) <= 24_000 for window in cut)


def test_a_budget_too_small_for_frame_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1000 tokens, not 999"):
        windows(said("Hi"), 999)


def test_the_estimate_is_half_a_token_a_byte_rounded_up() -> None:
    assert [tokens_at_most(text) for text in ("", "a", "ab", "你好", "👍", "\ud83d")] == [0, 1, 1, 3, 2, 1]
