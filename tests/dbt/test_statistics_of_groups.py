"""Statistics in SQL that are made of groups: Kitagawa, direct standardisation, Rogan-Gladen, the design effect."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from tests.dbt.macro_query import aggregated, computed

RATE, MIX = (f"{{{{ kitagawa_{part}_part('r1', 'w1', 'r0', 'w0') }}}}" for part in ("rate", "mix"))
ROGAN = "{{ rogan_gladen_%s('x', 'n', 'tp', 'gp', 'tn', 'gn') }}"
GIVEN = {"x": [50], "n": [100], "tp": [90], "gp": [100], "tn": [80], "gn": [100]}


@pytest.mark.parametrize("seed", range(20))
def test_kitagawa_parts_sum_to_the_whole_difference(seed: int):
    chance = np.random.default_rng(seed)
    n1, n0 = chance.integers(0, 50, 12), chance.integers(0, 50, 12)
    w1, w0 = n1 / n1.sum(), n0 / n0.sum()
    r1 = [r if n else None for r, n in zip(chance.random(12), n1, strict=True)]
    r0 = [r if n else None for r, n in zip(chance.random(12), n0, strict=True)]
    parts = [aggregated(f"sum({part})", r1=r1, w1=list(w1), r0=r0, w0=list(w0)) for part in (RATE, MIX)]
    whole = sum(w * (r or 0) for w, r in zip(w1, r1, strict=True)) - sum(
        w * (r or 0) for w, r in zip(w0, r0, strict=True)
    )
    assert sum(part or 0 for part in parts) == pytest.approx(whole, abs=1e-12)


def test_a_group_that_came_or_went_moves_the_mix_alone():
    groups = {"r1": [0.8, None], "w1": [1.0, 0.0], "r0": [None, 0.5], "w0": [0.0, 1.0]}
    assert computed(RATE, **groups) == [0, 0]
    assert computed(MIX, **groups) == [pytest.approx(0.8), pytest.approx(-0.5)]


def test_a_difference_by_mix_alone_leaves_nothing_for_the_rates():
    groups = {"r1": [0.9, 0.5], "w1": [0.2, 0.8], "r0": [0.9, 0.5], "w0": [0.7, 0.3]}
    assert aggregated(f"sum({RATE})", **groups) == pytest.approx(0)
    assert aggregated(f"sum({MIX})", **groups) == pytest.approx(0.58 - 0.78)


def test_a_standardised_rate_is_the_mean_at_the_common_mix():
    rates = [0.9, 0.5, 0.2]
    found = aggregated("{{ directly_standardised('rate', 'weight') }}", rate=rates, weight=[5, 3, 2])
    assert found == pytest.approx(0.45 + 0.15 + 0.04)
    assert aggregated("{{ directly_standardised('rate', 'weight') }}", rate=[0.5], weight=[0]) is None


def test_one_stratum_standardised_keeps_its_wilson_interval():
    low, high = proportion_confint(24, 30, method="wilson")
    columns = {"rate": [0.8], "low": [low], "high": [high], "weight": [7]}
    assert aggregated("{{ directly_standardised_low('rate', 'low', 'weight') }}", **columns) == pytest.approx(low)
    assert aggregated("{{ directly_standardised_high('rate', 'high', 'weight') }}", **columns) == pytest.approx(high)


def test_the_standardised_interval_covers_the_truth():
    chance = np.random.default_rng(11)
    n, truth, weight = np.array([12, 40, 90, 25]), np.array([0.9, 0.7, 0.5, 0.95]), np.array([3, 2, 4, 1])
    draws = chance.binomial(n, truth, (2000, 4))
    low, high = proportion_confint(draws, n, method="wilson")
    rate = draws / n
    share = weight / weight.sum()
    below = rate @ share - np.sqrt(((rate - low) * share) ** 2 @ np.ones(4))
    above = rate @ share + np.sqrt(((high - rate) * share) ** 2 @ np.ones(4))
    covered = (below <= truth @ share) & (truth @ share <= above)
    columns = {"r": list(rate[0]), "l": list(low[0]), "h": list(high[0]), "w": list(weight)}
    assert aggregated("{{ directly_standardised_low('r', 'l', 'w') }}", **columns) == pytest.approx(below[0])
    assert aggregated("{{ directly_standardised_high('r', 'h', 'w') }}", **columns) == pytest.approx(above[0])
    assert covered.mean() > 0.94


def test_rogan_gladen_undoes_the_errors_of_the_judge():
    found = computed(
        "{{ rogan_gladen('p', 'se', 'sp') }}",
        p=[0.6 * 0.9 + 0.4 * 0.2, 0.05, 0.99, 0.5, 0.5, 0.3],
        se=[0.9, 0.9, 0.9, 0.5, 0.4, 1.0],
        sp=[0.8, 0.8, 0.8, 0.5, 0.4, 1.0],
    )
    assert found == [pytest.approx(0.6), 0, 1, None, None, pytest.approx(0.3)]


def test_a_faultless_judge_leaves_about_the_interval_of_the_rate():
    given = {"x": [240], "n": [300], "tp": [10**6], "gp": [10**6], "tn": [10**6], "gn": [10**6]}
    found = [computed(ROGAN % bound, **given)[0] for bound in ("low", "high")]
    assert found == pytest.approx(list(proportion_confint(240, 300, method="agresti_coull")), abs=1e-4)


def test_a_smaller_gold_set_widens_the_interval():
    large = {**GIVEN, "tp": [9000], "gp": [10000], "tn": [8000], "gn": [10000]}
    narrow, wide = (computed(ROGAN % "high", **rows)[0] - computed(ROGAN % "low", **rows)[0] for rows in (large, GIVEN))
    assert wide > 1.1 * narrow


@pytest.mark.parametrize("truth", [0.02, 0.3, 0.8, 0.98])
def test_the_corrected_interval_covers_the_truth(truth: float):
    chance, draws = np.random.default_rng(3), 4000
    tp, tn = chance.binomial(120, 0.9, draws), chance.binomial(80, 0.85, draws)
    x = chance.binomial(400, truth * 0.9 + (1 - truth) * 0.15, draws)
    rows = {"x": list(x), "n": [400] * draws, "tp": list(tp), "gp": [120] * draws, "tn": list(tn), "gn": [80] * draws}
    low, high = (np.array(computed(ROGAN % bound, **rows)) for bound in ("low", "high"))
    assert ((low <= truth) & (truth <= high)).mean() > 0.94


@pytest.mark.parametrize("empty", ["n", "gp", "gn"])
def test_without_a_rate_or_a_gold_set_there_is_no_corrected_interval(empty: str):
    assert computed(ROGAN % "low", **{**GIVEN, empty: [0]}) == [None]


def test_the_corrected_interval_holds_the_corrected_rate_at_the_edges():
    x = [0, 100, 0, 100]
    tp, tn = [100, 100, 60, 60], [100, 100, 60, 60]
    rows = {"x": x, "n": [100] * 4, "tp": tp, "gp": [100] * 4, "tn": tn, "gn": [100] * 4}
    rate = computed("{{ rogan_gladen('1.0 * x / n', '1.0 * tp / gp', '1.0 * tn / gn') }}", **rows)
    low, high = (computed(ROGAN % bound, **rows) for bound in ("low", "high"))
    for below, middle, above in zip(low, rate, high, strict=True):
        assert 0 <= below <= middle <= above <= 1


def test_the_design_effect_is_that_of_a_cluster_robust_regression():
    chance = np.random.default_rng(8)
    n = chance.integers(1, 9, 300)
    positive = chance.binomial(n, chance.beta(2, 1, 300))
    answers = np.concatenate([[1] * p + [0] * (k - p) for p, k in zip(positive, n, strict=True)])
    customers = np.repeat(np.arange(300), n)
    fit = sm.OLS(answers, np.ones(len(answers))).fit(cov_type="cluster", cov_kwds={"groups": customers})
    p, all_n = answers.mean(), len(answers)
    # statsmodels also multiplies by (N - 1) / (N - k), which is 1 for a mean.
    expected = fit.bse[0] ** 2 / (p * (1 - p) / all_n)
    assert aggregated("{{ design_effect('y', 'n') }}", y=list(positive), n=list(n)) == pytest.approx(expected, rel=1e-9)
    assert expected > 1.2


def test_the_design_effect_is_unknown_for_one_customer_and_for_all_or_none():
    for y, n in (([3], [5]), ([0, 0], [2, 3]), ([2, 3], [2, 3])):
        assert aggregated("{{ design_effect('y', 'n') }}", y=y, n=n) is None
