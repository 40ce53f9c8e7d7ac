"""Differences of rates on the same or overlapping conversations, and agreement, against published and other code."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import pearsonr
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.weightstats import DescrStatsW

from tests.dbt.macro_query import Column, computed

PAIRED = """
    {% set phi = paired_phi('agreed', 'first', 'second', 'n') %}
    {% set a, b = bare_rate('first', 'n'), bare_rate('second', 'n') %}
    {% set a_low, a_high = wilson_low('first', 'n'), wilson_high('first', 'n') %}
    {% set b_low, b_high = wilson_low('second', 'n'), wilson_high('second', 'n') %}
"""
LOW = PAIRED + "{{ a }} - {{ b }} - sqrt({{ paired_distance(a ~ '-' ~ a_low, b_high ~ '-' ~ b, phi) }})"
HIGH = PAIRED + "{{ a }} - {{ b }} + sqrt({{ paired_distance(a_high ~ '-' ~ a, b ~ '-' ~ b_low, phi) }})"
SUMS = "'n', 'x', 'y', 'xx', 'yy', 'xy'"
approx = partial(pytest.approx, abs=1e-12)


def paired(both: Column, first: Column, second: Column, n: Column) -> list[tuple[float | None, float | None]]:
    columns = {"agreed": both, "first": first, "second": second, "n": n}
    return list(zip(computed(LOW, **columns), computed(HIGH, **columns), strict=True))


def sums(x: np.ndarray, y: np.ndarray) -> dict[str, Column]:
    parts = {"n": len(x), "x": x.sum(), "y": y.sum(), "xx": (x * x).sum(), "yy": (y * y).sum(), "xy": (x * y).sum()}
    return {name: [float(value)] for name, value in parts.items()}


def test_the_paired_interval_gives_its_published_values():
    """Airway reactivity before and after a transplant (Bentur 2009) in Fagerland, Lydersen and Laake (2014)."""
    ((low, high),) = paired(both=[1], first=[2], second=[8], n=[21])
    assert (low, high) == (pytest.approx(-0.507, abs=5e-4), pytest.approx(-0.026, abs=5e-4))


@pytest.mark.parametrize(
    ("both", "first", "second", "n"), [(0, 0, 0, 10), (10, 10, 10, 10), (0, 1, 0, 1), (0, 5, 5, 10)]
)
def test_the_paired_interval_stands_at_the_edges(both: int, first: int, second: int, n: int):
    ((low, high),) = paired([both], [first], [second], [n])
    assert low is not None
    assert high is not None
    assert -1 <= low <= (first - second) / n <= high <= 1


def test_the_paired_interval_covers_the_truth():
    chance = np.random.default_rng(7)
    cells = chance.multinomial(40, [0.55, 0.25, 0.08, 0.12], 2000)
    both, first, second = cells[:, 0], cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2]
    bounds = paired(list(both), list(first), list(second), [40] * len(cells))
    assert np.mean([low <= 0.17 <= high for low, high in bounds if low is not None and high is not None]) >= 0.94


@pytest.mark.parametrize("seed", range(10))
def test_quadratic_kappa_is_that_of_statsmodels(seed: int):
    chance = np.random.default_rng(seed)
    x = chance.integers(1, 6, 60)
    y = np.clip(x + chance.integers(-2, 3, 60), 1, 5)
    table, _, _ = np.histogram2d(x, y, bins=np.arange(0.5, 6))
    expected = cohens_kappa(table, wt="quadratic", return_results=False)
    assert computed(f"{{{{ quadratic_kappa({SUMS}) }}}}", **sums(x, y)) == [approx(expected)]


@pytest.mark.parametrize("seed", range(10))
def test_the_correlation_and_its_interval_are_those_of_scipy(seed: int):
    chance = np.random.default_rng(seed)
    x = chance.integers(1, 6, 30).astype(float)
    y = x * 20 + chance.normal(0, 30, 30)
    expected = pearsonr(x, y)
    bounds = expected.confidence_interval()
    (r,) = computed(f"{{{{ correlation_of_sums({SUMS}) }}}}", **sums(x, y))
    assert r == pytest.approx(expected.statistic, abs=1e-9)
    given: dict[str, Column] = {"r": [r], "n": [30]}
    assert computed("{{ correlation_low('r', 'n') }}", **given) == [pytest.approx(bounds.low, abs=1e-9)]
    assert computed("{{ correlation_high('r', 'n') }}", **given) == [pytest.approx(bounds.high, abs=1e-9)]


def test_agreement_without_variation_is_null_not_an_error():
    same = np.full(12, 5)
    for macro in ("quadratic_kappa", "correlation_of_sums"):
        assert computed(f"{{{{ {macro}({SUMS}) }}}}", **sums(same, same)) == [None]
    assert computed("{{ correlation_low('r', 'n') }}", r=[1.0, 0.5, -1.0], n=[10, 3, 10]) == [1, None, -1]


@pytest.mark.parametrize("seed", range(10))
def test_the_interval_of_a_mean_difference_is_that_of_statsmodels(seed: int):
    differences = np.random.default_rng(seed).integers(-4, 5, 50)
    low, high = DescrStatsW(differences).zconfint_mean()
    given: dict[str, Column] = {"n": [50], "total": [int(differences.sum())], "squares": [int((differences**2).sum())]}
    assert computed("{{ mean_half_width('n', 'total', 'squares') }}", **given) == [approx((high - low) / 2)]


def test_a_part_that_is_the_whole_does_not_differ_from_it():
    given: dict[str, Column] = {"d": [None, 0.2], "part": [10, 10], "whole": [10, 40]}
    assert computed("{{ part_of_whole('d', 'part', 'whole') }}", **given) == [0, approx(0.15)]
