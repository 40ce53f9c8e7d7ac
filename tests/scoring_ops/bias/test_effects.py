"""Effects are paired and held against a margin; slopes are those of least squares, with what people said held fixed."""

import numpy as np
import pytest
import statsmodels.api as sm

from scoring_ops.bias.effects import Pair, effect, language_agreement, politeness, slopes


def pairs(*changes: float, raw: float = 3.0) -> list[Pair]:
    return [Pair(f"c{n}", raw, raw + c, round(raw), round(raw + c)) for n, c in enumerate(changes)]


def test_no_change_passes_and_names_nobody() -> None:
    found = effect("x", "what", pairs(*[0.0] * 40))
    assert found.shift == (0.0, 0.0, 0.0)
    assert (found.n, found.changed, found.flips, found.passed, found.widest) == (40, 0.0, 0.0, True, ())


def test_a_shift_within_the_margin_passes_and_one_beyond_fails_in_both_directions() -> None:
    assert effect("x", "what", pairs(*[0.05] * 40)).passed is True
    assert effect("x", "what", pairs(*[0.2] * 40)).passed is False
    assert effect("x", "what", pairs(*[-0.2] * 40)).passed is False


def test_where_only_a_rise_is_a_fault_a_fall_passes() -> None:
    assert effect("x", "what", pairs(*[-0.4] * 40), is_one_sided=True).passed is True
    assert effect("x", "what", pairs(*[0.4] * 40), is_one_sided=True).passed is False


def test_few_conversations_say_nothing() -> None:
    assert effect("x", "what", pairs(*[0.9] * 29)).passed is None
    assert effect("x", "what", []).passed is None


def test_crossing_between_three_and_four_fails_even_where_the_mean_does_not_move() -> None:
    up, down = Pair("u", 3.4, 3.6, 3, 4), Pair("d", 3.6, 3.4, 4, 3)
    found = effect("x", "what", [up, down] * 2 + pairs(*[0.0] * 60))
    assert found.shift is not None
    assert found.shift.value == pytest.approx(0)
    assert found.flips == pytest.approx(4 / 64)
    assert found.passed is False


def test_the_widest_changes_are_named_first() -> None:
    found = effect("x", "what", pairs(0.1, -0.9, 0.4, 0.0))
    assert [pair.key for pair in found.widest] == ["c1", "c2", "c0"]


def test_the_interval_holds_the_mean_and_narrows_with_more_conversations() -> None:
    rng = np.random.default_rng(1)
    few, many = (effect("x", "what", pairs(*rng.normal(0.3, 0.5, n))).shift for n in (40, 4000))
    assert few is not None
    assert many is not None
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert many.low < 0.3 < many.high


def test_slopes_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(3)
    words, polite = rng.integers(10, 400, 200), rng.uniform(0, 5, 200)
    people = rng.integers(1, 6, 200).astype(float)
    raw = 1 + 0.5 * people - 0.2 * np.log2(words) + 0.1 * polite + rng.normal(0, 0.1, 200)
    found = {(s.name, s.controlled): s for s in slopes(raw.tolist(), words.tolist(), polite.tolist(), people.tolist())}
    fitted = sm.OLS(raw, sm.add_constant(np.column_stack((np.log2(words), polite, people)))).fit()
    assert found["length", True].slope.value == pytest.approx(fitted.params[1])
    assert found["politeness", True].slope.value == pytest.approx(fitted.params[2])
    assert found["length", True].slope.low < -0.2 < found["length", True].slope.high
    assert found["length", False].slope.value != pytest.approx(fitted.params[1])


def test_without_what_people_said_nothing_is_held_fixed() -> None:
    found = slopes([3.0] * 40, list(range(10, 50)), [0.0] * 20 + [1.0] * 20, [None] * 40)
    assert [s.controlled for s in found] == [False, False]
    assert slopes([3.0] * 5, [10] * 5, [0.0] * 5, [None] * 5) == []


def test_two_languages_agree_as_far_as_their_scores_do() -> None:
    found = language_agreement([Pair("a", 1.2, 1.4, 1, 1), Pair("b", 2.0, 3.0, 2, 3), Pair("c", 5.0, 3.0, 5, 3)])
    assert found is not None
    assert (found.n, found.exact, found.within_one) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (found.negative_one, found.negative_other, found.negative_both) == (2, 1, 1)
    assert language_agreement([]) is None


@pytest.mark.parametrize(
    ("texts", "rate"),
    [(["please help me now"], 25.0), (["谢谢"], 50.0), (["no"], 0.0), ([], 0.0), (["Bitte, danke"], 100.0)],
)
def test_politeness_is_polite_words_in_a_hundred(texts: list[str], rate: float) -> None:
    assert politeness(texts) == pytest.approx(rate)
