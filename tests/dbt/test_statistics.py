"""Statistics in SQL against scipy and statsmodels: the normal distribution, p-values and q-values."""

import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from tests.dbt.macro_query import computed, tabulated

TOLERANCE = 1e-9
BH = """
    with stepped as (select *, {{ benjamini_hochberg_step('p', 'family') }} as step from given)
    select {{ benjamini_hochberg_q('step', 'p', 'family') }} from stepped order by row_number
"""


def test_the_normal_distribution_errs_by_less_than_1e_15():
    x = [*np.linspace(-40, 40, 8001), 7.07106781186547, 37.0, -37.0]
    assert np.abs(np.array(computed("{{ normal_cdf('x') }}", x=x)) - stats.norm.cdf(x)).max() < 1e-15


def test_the_upper_tail_keeps_its_digits_far_out():
    x = np.linspace(0, 36.4, 2001)
    np.testing.assert_allclose(np.array(computed("{{ normal_tail('x') }}", x=list(x))), stats.norm.sf(x), rtol=2e-7)


def test_an_unknown_x_has_no_probability():
    assert computed("{{ normal_cdf('x') }}", x=[None, 0.0]) == [None, 0.5]


def test_two_proportions_are_tested_as_statsmodels_does():
    chance = np.random.default_rng(4)
    a_n, b_n = chance.integers(1, 5000, 400), chance.integers(1, 5000, 400)
    a, b = chance.binomial(a_n, chance.random(400)), chance.binomial(b_n, chance.random(400))
    found = computed(
        "{{ two_proportion_p('a', 'a_n', 'b', 'b_n') }}", a=list(a), a_n=list(a_n), b=list(b), b_n=list(b_n)
    )
    for p, *counts in zip(found, a, b, a_n, b_n, strict=True):
        if 0 < counts[0] + counts[1] < counts[2] + counts[3]:
            assert p == pytest.approx(proportions_ztest(counts[:2], counts[2:])[1], abs=TOLERANCE)


def test_two_proportions_at_the_edges():
    #          empty a, empty b, both empty, none, all, all against none, one each
    a, a_n = [0, 5, 0, 0, 40, 40, 1], [0, 10, 0, 40, 40, 40, 1]
    b, b_n = [5, 0, 0, 0, 30, 0, 0], [10, 0, 0, 30, 30, 30, 1]
    found = computed("{{ two_proportion_p('a', 'a_n', 'b', 'b_n') }}", a=a, a_n=a_n, b=b, b_n=b_n)
    assert found[:5] == [None, None, None, 1.0, 1.0]
    assert found[5] == pytest.approx(proportions_ztest([40, 0], [40, 30])[1], rel=1e-9)
    assert found[6] == pytest.approx(proportions_ztest([1, 0], [1, 1])[1], abs=TOLERANCE)


def test_a_test_needs_30_in_each_arm():
    found = computed("{{ tested('p', 'a', 'b') }}", p=[0.5] * 3, a=[30, 29, 30], b=[30, 30, 29])
    assert found == [0.5, None, None]


def test_each_arm_must_expect_5_successes_and_5_failures():
    #        just enough, one too few, the smaller arm decides, too few failures, nothing at all
    a, a_n = [5, 4, 60, 95, 0], [50, 50, 1000, 100, 0]
    b, b_n = [5, 5, 0, 96, 0], [50, 50, 50, 100, 0]
    found = computed("{{ enough_expected('a', 'a_n', 'b', 'b_n') }}", a=a, a_n=a_n, b=b, b_n=b_n)
    assert found[:4] == [True, False, False, False]


def test_rare_events_are_called_a_difference_no_more_often_than_the_level_says():
    chance = np.random.default_rng(6)
    a_n, b_n = chance.integers(30, 200, 20_000), chance.integers(200, 2000, 20_000)
    rate = chance.uniform(0.005, 0.1, 20_000)
    counts = {"a": chance.binomial(a_n, rate).tolist(), "b": chance.binomial(b_n, rate).tolist()}
    given = {**counts, "a_n": a_n.tolist(), "b_n": b_n.tolist()}
    test = "{{ two_proportion_p('a', 'a_n', 'b', 'b_n') }}"
    asked = f"case when {{{{ enough_expected('a', 'a_n', 'b', 'b_n') }}}} then {test} end"
    p = np.array([x for x in computed(asked, **given) if x is not None])
    assert len(p) > 1000
    assert np.mean(p <= 0.05) <= 0.055
    assert np.mean(p <= 0.01) <= 0.012


def test_mcnemar_is_that_of_statsmodels_without_correction():
    chance = np.random.default_rng(5)
    first, second = chance.integers(0, 400, 300), chance.integers(0, 400, 300)
    found = computed("{{ mcnemar_p('first', 'second') }}", first=list(first), second=list(second))
    for p, b, c in zip(found, first, second, strict=True):
        if b + c >= 10:
            exact = mcnemar([[1, b], [c, 1]], exact=False, correction=False).pvalue
            assert p == pytest.approx(exact, abs=TOLERANCE)


def test_mcnemar_says_nothing_under_10_pairs_that_differ():
    found = computed("{{ mcnemar_p('first', 'second') }}", first=[0, 9, 5, 10], second=[0, 0, 5, 0])
    assert found[:3] == [None, None, 1.0]
    assert found[3] == pytest.approx(stats.chi2.sf(10, 1), abs=TOLERANCE)


@pytest.mark.parametrize("tests", [1, 2, 7, 200])
def test_q_values_are_those_of_benjamini_and_hochberg_also_with_ties(tests: int):
    chance = np.random.default_rng(tests)
    p = np.round(chance.random(tests), 2)
    families = ["one"] * tests + ["other"] * tests
    both = [*p, *(p / 2)]
    found = [row[0] for row in tabulated(BH, p=both, family=families)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = [*multipletests(p, method="fdr_bh")[1], *multipletests(p / 2, method="fdr_bh")[1]]
    np.testing.assert_allclose(np.array(found, dtype=float), expected, atol=TOLERANCE)


def test_rows_without_a_p_value_have_no_q_value_and_do_not_count():
    found = [row[0] for row in tabulated(BH, p=[0.04, None, 0.01, None], family=["a"] * 4)]
    assert found == [pytest.approx(0.04), None, pytest.approx(0.02), None]
