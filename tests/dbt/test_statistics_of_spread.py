"""Standard deviations over weeks and the variance that chance alone gives, against scipy and simulation."""

import numpy as np
import pytest
from scipy.stats import chi2

from tests.dbt.macro_query import Column, computed

DRAWN = "{{ drawn_variance('p', 'n', 'drawn') }}"


@pytest.mark.parametrize("n", [12, 13, 26, 52, 200])
def test_bounds_of_a_standard_deviation_are_those_of_chi_square_within_half_a_percent(n: int):
    given: dict[str, Column] = {"sd": [0.04], "n": [n]}
    low, high = (0.04 * np.sqrt((n - 1) / chi2.ppf(q, n - 1)) for q in (0.975, 0.025))
    assert computed("{{ standard_deviation_low('sd', 'n') }}", **given) == [pytest.approx(low, rel=5e-3)]
    assert computed("{{ standard_deviation_high('sd', 'n') }}", **given) == [pytest.approx(high, rel=5e-3)]


def test_one_value_has_no_interval():
    for bound in ("low", "high"):
        assert computed(f"{{{{ standard_deviation_{bound}('sd', 'n') }}}}", sd=[0.1], n=[1]) == [None]


def test_the_variance_of_a_rate_is_without_bias():
    rates = np.random.default_rng(1).binomial(12, 0.7, 20_000) / 12
    found = computed("{{ sampling_variance('p', 'n') }}", p=list(rates), n=[12] * len(rates))
    assert np.mean([value for value in found if value is not None]) == pytest.approx(0.7 * 0.3 / 12, rel=0.01)
    assert computed("{{ sampling_variance('p', 'n') }}", p=[1.0, 0.5], n=[20, 1]) == [0, None]


def test_the_variance_of_a_draw_is_that_of_drawing_without_replacement():
    draws = np.random.default_rng(2).hypergeometric(160, 40, 30, 40_000) / 30
    assert computed(DRAWN, p=[0.8], n=[200], drawn=[30]) == [pytest.approx(draws.var(), rel=0.02)]


def test_drawing_all_adds_nothing():
    assert computed(DRAWN, p=[0.8, 0.8], n=[30, 30], drawn=[30, 40]) == [0, 0]


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("weeks", [12, 40])
def test_the_range_of_a_drawn_deviation_is_that_of_many_draws(weeks: int, spread: float):
    """12 weeks of about 160 scored and 30 rated: 95 % of 20,000 draws lie in it, to 1 in 100."""
    chance = np.random.default_rng(weeks)
    n, drawn = chance.integers(120, 200, weeks), chance.integers(20, 40, weeks)
    positive = np.clip(np.round(n * (0.75 + chance.normal(0, spread, weeks))), 0, n).astype(int)
    rate = positive / n
    added = rate * (1 - rate) / drawn * (n - drawn) / (n - 1)
    squares = (rate - rate.mean()) ** 2
    names = ("k", "squares", "added", "added_squares", "squares_by_added")
    sums = (weeks, squares.sum(), added.sum(), (added**2).sum(), (squares * added).sum())
    given: dict[str, Column] = {name: [float(value)] for name, value in zip(names, sums, strict=True)}
    arguments = ", ".join(f"'{name}'" for name in names)
    (low,), (high,) = (computed(f"{{{{ drawn_deviation_{b}({arguments}) }}}}", **given) for b in ("low", "high"))
    assert low is not None
    assert high is not None
    draws = (chance.hypergeometric(positive, n - positive, drawn, (20_000, weeks)) / drawn).std(axis=1, ddof=1)
    assert np.mean((low <= draws) & (draws <= high)) == pytest.approx(0.95, abs=0.01)


def test_where_all_are_drawn_the_deviation_has_no_range():
    sums: dict[str, Column] = {"k": [12], "squares": [0.11], "zero": [0.0]}
    for bound in ("low", "high"):
        found = computed(f"{{{{ drawn_deviation_{bound}('k', 'squares', 'zero', 'zero', 'zero') }}}}", **sums)
        assert found == [pytest.approx(0.1)]
