"""Trends and spikes of weekly rates, against weighted least squares of statsmodels and by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from tests.dbt.macro_query import tabulated

TREND = """
with summed as (
    select sum(y) as y, sum(n) as n, count(*) as weeks, {{ trend_sums('y', 'n', 't') }} from given
),
sloped as (select *, {{ trend_slope('y', 'n') }} as slope from summed),
spread as (select *, {{ trend_dispersion('slope', 'y', 'n', 'weeks') }} as dispersion from sloped)
select slope, dispersion, {{ trend_error('dispersion', 'y', 'n') }} as error from spread
"""
LEVEL = """
with summed as (
    select sum(y) as y, sum(n) as n, count(*) as weeks, sum(y * y * 1.0 / n) as yy from given
)
select {{ level_dispersion('y', 'n', 'yy', 'weeks') }} as dispersion from summed
"""


def weeks_of(seed: int, spread: float, count: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weeks with their number, observations and outcomes; the rate wanders by `spread` on top of a slope."""
    chance = np.random.default_rng(seed)
    t = np.arange(1 - count, 1)
    n = chance.integers(20, 200, count)
    rate = np.clip(0.5 + 0.02 * t + chance.normal(0, spread, count), 0.05, 0.95)
    return t, n, chance.binomial(n, rate)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_a_trend_is_that_of_weighted_least_squares(seed: int, spread: float):
    t, n, y = weeks_of(seed, spread)
    rate = y.sum() / n.sum()
    fit = sm.WLS(y / n, sm.add_constant(t.astype(float)), weights=n / (rate * (1 - rate))).fit()
    ((slope, dispersion, error),) = tabulated(TREND, t=t.tolist(), n=n.tolist(), y=y.tolist())
    assert slope == pytest.approx(fit.params[1], rel=1e-9)
    assert dispersion == pytest.approx(max(1.0, fit.scale), rel=1e-9)
    assert error == pytest.approx(fit.bse[1] * np.sqrt(max(1.0, fit.scale) / fit.scale), rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_dispersion_of_a_level_is_that_of_a_constant_fitted(seed: int):
    _, n, y = weeks_of(seed, 0.15)
    rate = y.sum() / n.sum()
    fit = sm.WLS(y / n, np.ones(len(n)), weights=n / (rate * (1 - rate))).fit()
    assert tabulated(LEVEL, n=n.tolist(), y=y.tolist()) == [(pytest.approx(max(1.0, fit.scale), rel=1e-9),)]


def test_one_week_has_no_trend():
    ((slope, _, error),) = tabulated(TREND, t=[0], n=[40], y=[20])
    assert slope is None
    assert error is None


def test_a_spike_of_nothing_before_and_nothing_now_has_no_z():
    template = "select {{ spike_z('y', 'n', 'y0', 'n0', '1.0') }} from given"
    assert tabulated(template, y=[0, 40], n=[40, 40], y0=[0, 100], n0=[100, 100]) == [(None,), (None,)]


@pytest.mark.parametrize("spread", [0.0, 0.03])
def test_without_a_trend_few_are_called_one(spread: float):
    """2,000 topics of 12 weeks: at p <= 0.05 at most 6 % are flagged, also where weeks vary by more than chance."""
    chance, flagged, topics = np.random.default_rng(5), 0, 2_000
    t = np.arange(-11, 1)
    n = chance.integers(40, 120, (topics, 12))
    y = chance.binomial(n, np.clip(0.6 + chance.normal(0, spread, (topics, 12)), 0, 1))
    query = TREND.replace("from given", "from given group by topic").replace("sum(y) as y", "topic, sum(y) as y", 1)
    columns = {"topic": np.repeat(np.arange(topics), 12).tolist(), "t": np.tile(t, topics).tolist()}
    for slope, _, error in tabulated(query, **columns, n=n.ravel().tolist(), y=y.ravel().tolist()):
        assert slope is not None and error is not None
        flagged += abs(slope) > 1.959964 * error
    assert flagged / topics <= 0.06
