"""`rpt_csat_comparison` and `rpt_metric_stability` as dbt builds them, against statsmodels, scipy and numpy."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.csat_lake import MONDAY, PER_WEEK, WEEKS, Served, drawn, write
from tests.dbt.lake_builder import LakeBuilder

pytestmark = pytest.mark.slow

SERVED = drawn()
LAST = MONDAY + timedelta(weeks=WEEKS - 1)
CASES = [
    ("lab", "trailing_4_weeks", LAST, "all"),
    ("lab", "trailing_4_weeks", LAST, "human_only"),
    ("lab", "trailing_4_weeks", LAST, "ai_only"),
    ("lab", "week", MONDAY, "all"),
    ("calm", "trailing_4_weeks", LAST, "all"),
]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("csat")
    write(LakeBuilder(home / "lake"), SERVED)
    return dbt_build(
        home,
        "--select",
        "+rpt_csat_comparison",
        "+rpt_metric_stability",
        "--exclude-resource-type",
        "unit_test",
        "test",
    )


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case)))
def case(request: pytest.FixtureRequest, warehouse: Warehouse) -> tuple[Row, list[Served]]:
    """A row of the mart, and the conversations that it is about."""
    workspace, period, week, mix = request.param
    row = found(warehouse, workspace, period, week, mix)
    weeks = 1 if period == "week" else 4
    return row, [
        one
        for one in SERVED
        if one.workspace == workspace and week - timedelta(weeks=weeks) < one.week <= week and mix in ("all", one.mix)
    ]


def found(warehouse: Warehouse, workspace: str, period: str, week: date, mix: str) -> Row:
    return warehouse.row(
        f"select * from rpt_csat_comparison where workspace_id = '{workspace}' and period = '{period}' "
        f"and week_start = '{week}' and agent_mix = '{mix}'"
    )


def good(some: Iterable[Served], what: Callable[[Served], bool] = lambda one: one.is_good) -> tuple[int, int]:
    """Successes and trials."""
    answers = [what(one) for one in some]
    return sum(answers), len(answers)


def share(of: tuple[int, int]) -> float:
    return of[0] / of[1]


def groups(served: list[Served]) -> dict[str, list[Served]]:
    scored = [one for one in served if one.score]
    return {
        "responders": [one for one in scored if one.rating],
        "others": [one for one in scored if not one.rating],
        "silent": [one for one in scored if one.asked and not one.rating],
        "asked": [one for one in scored if one.asked],
        "unasked": [one for one in scored if not one.asked],
    }


def test_rates_of_every_group_and_their_wilson_intervals(case: tuple[Row, list[Served]]):
    row, served = case
    for name, some in groups(served).items():
        positive, n = good(some)
        low, high = proportion_confint(positive, n, method="wilson")
        assert (row[f"{name}_positive"], row[f"{name}_scored"]) == (positive, n)
        rate = [row[f"{name}_cx_score{bound}"] for bound in ("", "_low", "_high")]
        assert rate == pytest.approx([positive / n, low, high], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "a", "b"),
    [
        ("response_bias", "responders", "others"),
        ("response_effect", "responders", "silent"),
        ("request_effect", "asked", "unasked"),
    ],
)
def test_contrasts_have_newcombes_interval(name: str, a: str, b: str, case: tuple[Row, list[Served]]):
    row, served = case
    one, other = (good(groups(served)[group]) for group in (a, b))
    low, high = confint_proportions_2indep(*one, *other, method="newcomb")
    difference = share(one) - share(other)
    expected = [difference, low, high, difference / share(other)]
    assert [row[f"{name}_{part}"] for part in ("diff", "diff_low", "diff_high", "rel")] == pytest.approx(expected)


def test_the_p_value_of_the_response_bias(case: tuple[Row, list[Served]]):
    row, served = case
    one, other = good(groups(served)["responders"]), good(groups(served)["others"])
    _, expected = proportions_ztest([one[0], other[0]], [one[1], other[1]])
    assert row["response_bias_p"] == (pytest.approx(float(expected)) if min(one[1], other[1]) >= 30 else None)


def test_the_gap_is_unscored_ratings_measurement_and_selection(case: tuple[Row, list[Served]]):
    row, served = case
    rated = [one for one in served if one.rating]
    responders = groups(served)["responders"]
    csat, everybody = share(good(rated, lambda one: one.is_rated_good)), [one for one in served if one.score]
    paired_csat = share(good(responders, lambda one: one.is_rated_good))
    terms = {
        "csat_gap": csat - share(good(everybody)),
        "csat_unscored": csat - paired_csat,
        "csat_measurement": paired_csat - share(good(responders)),
        "csat_selection": share(good(responders)) - share(good(everybody)),
    }
    assert {name: row[f"{name}_diff"] for name in terms} == pytest.approx(terms)
    assert terms["csat_gap"] == pytest.approx(sum(terms.values()) - terms["csat_gap"])


def test_overlapping_groups_take_the_interval_of_the_rest(case: tuple[Row, list[Served]]):
    row, served = case
    responders, others = (good(groups(served)[name]) for name in ("responders", "others"))
    rest = others[1] / (responders[1] + others[1])
    bounds = [rest * bound for bound in confint_proportions_2indep(*responders, *others, method="newcomb")]
    assert [row["csat_selection_diff_low"], row["csat_selection_diff_high"]] == pytest.approx(bounds)


def test_agreement_on_the_same_conversations(case: tuple[Row, list[Served]]):
    row, served = case
    pairs = [(one.rating, one.score) for one in groups(served)["responders"]]
    table, _, _ = np.histogram2d(*zip(*pairs, strict=True), bins=np.arange(0.5, 6))
    kappa = cohens_kappa(table, wt="quadratic", return_results=False)
    two = [[table[3:, 3:].sum(), table[3:, :3].sum()], [table[:3, 3:].sum(), table[:3, :3].sum()]]
    differing = two[0][1] + two[1][0]
    assert row["csat_quadratic_kappa"] == pytest.approx(kappa)
    if differing >= 10 and len(pairs) >= 30:
        expected = mcnemar(two, exact=False, correction=False).pvalue
        assert row["csat_mcnemar_p"] == pytest.approx(expected, rel=1e-6)
    else:
        assert row["csat_mcnemar_p"] is None
    assert row["csat_mean_diff"] == pytest.approx(np.mean([rating - score for rating, score in pairs]))


def test_the_design_effect_is_the_variance_over_customers(case: tuple[Row, list[Served]]):
    row, served = case
    scored = [one for one in served if one.score]
    p, n = share(good(scored)), len(scored)
    residuals: dict[str, float] = {}
    for one in scored:
        residuals[one.customer] = residuals.get(one.customer, 0) + one.is_good - p
    clusters = len(residuals)
    variance = clusters / (clusters - 1) * sum(value**2 for value in residuals.values()) / n**2
    assert row["cx_score_design_effect"] == pytest.approx(variance / (p * (1 - p) / n))


def test_the_score_of_the_helpdesk_beside_ours(case: tuple[Row, list[Served]]):
    row, served = case
    both = [(one.vendor, one.score) for one in served if one.vendor is not None and one.score]
    assert row["vendor_scored"] == len(both)
    if not both:
        assert row["vendor_correlation"] is None
        return
    vendor, own = (np.array(side, float) for side in zip(*both, strict=True))
    result = pearsonr(vendor, own)
    expected = [vendor.mean(), own.mean(), result.statistic, *result.confidence_interval()]
    columns = ("mean_score", "own_mean_score", "correlation", "correlation_low", "correlation_high")
    assert [row[f"vendor_{name}"] for name in columns] == pytest.approx(expected)


def test_happy_customers_who_answer_more_often_are_seen_and_nowhere_else(warehouse: Warehouse):
    lab, calm = (found(warehouse, name, "trailing_4_weeks", LAST, "all") for name in PER_WEEK)
    assert lab["response_bias_diff_low"] > 0
    assert lab["response_effect_diff_low"] > 0
    assert lab["csat_selection_diff_low"] > 0
    assert lab["request_effect_diff_low"] < 0 < lab["request_effect_diff_high"]
    assert calm["response_bias_diff_low"] < 0 < calm["response_bias_diff_high"]


def test_a_difference_of_people_and_ai_by_mix_alone_is_gone_at_a_common_mix(warehouse: Warehouse):
    row = found(warehouse, "lab", "trailing_4_weeks", LAST, "all")
    assert row["human_v_ai_crude_diff_high"] < -0.05
    assert row["human_v_ai_standardised_diff_low"] < 0 < row["human_v_ai_standardised_diff_high"]
    assert row["human_v_ai_common_share"] == 1
    assert found(warehouse, "lab", "trailing_4_weeks", LAST, "mixed")["human_v_ai_crude_diff"] is None


def test_the_gap_lies_over_the_workspaces_that_show_one(warehouse: Warehouse):
    gaps = [found(warehouse, name, "week", MONDAY, "all")["csat_gap_diff"] for name in PER_WEEK]
    row = found(warehouse, "few", "week", MONDAY, "all")
    assert row["workspaces"] == 2
    quantiles = [row[f"workspaces_gap_{name}"] for name in ("p10", "median", "p90")]
    assert quantiles == pytest.approx(np.quantile(np.array(gaps), [0.1, 0.5, 0.9]))


def test_a_workspace_with_9_conversations_shows_counts_alone(warehouse: Warehouse):
    row = found(warehouse, "few", "week", MONDAY, "all")
    assert row["conversations"] == 9
    shown = {name for name, value in row.items() if isinstance(value, float)} - {"csat_effective_n"}
    assert shown == {"workspaces_gap_p10", "workspaces_gap_median", "workspaces_gap_p90"}


def test_the_spread_over_weeks_is_that_of_numpy(warehouse: Warehouse):
    weeks = [MONDAY + timedelta(weeks=n) for n in range(WEEKS)]
    for metric in ("cx_score", "csat_score"):
        row = warehouse.row(f"select * from rpt_metric_stability where workspace_id = 'lab' and metric = '{metric}'")
        pairs = [
            weekly(metric, [one for one in SERVED if one.workspace == "lab" and one.week == week]) for week in weeks
        ]
        rates, n = (np.array(side) for side in zip(*pairs, strict=True))
        chance = np.sqrt(np.mean(rates * (1 - rates) / (n - 1)))
        assert (row["weeks"], row["observations"]) == (WEEKS, n.sum())
        assert row["weekly_sd"] == pytest.approx(rates.std(ddof=1))
        assert row["sampling_sd"] == pytest.approx(chance)
        assert row["sampling_share"] == pytest.approx(min(1, (chance / rates.std(ddof=1)) ** 2))
        assert row["weekly_sd_low"] < row["weekly_sd"] < row["weekly_sd_high"]


def weekly(metric: str, served: list[Served]) -> tuple[float, int]:
    """The rate of a week and what it stands on."""
    if metric == "cx_score":
        counted = good(one for one in served if one.score)
    else:
        counted = good((one for one in served if one.rating), lambda one: one.is_rated_good)
    return share(counted), counted[1]


def test_as_few_scores_as_ratings_are_as_unsteady_as_thousand_draws_say(warehouse: Warehouse):
    chance = np.random.default_rng(5)
    row = warehouse.row("select * from rpt_metric_stability where workspace_id = 'lab' and metric = 'cx_score'")
    drawn: list[np.ndarray] = []
    for n in range(WEEKS):
        week = [one for one in SERVED if one.workspace == "lab" and one.week == MONDAY + timedelta(weeks=n)]
        positive, scored = good(one for one in week if one.score)
        rated = sum(one.rating is not None for one in week)
        drawn.append(chance.hypergeometric(positive, scored - positive, rated, 1000) / rated)
    deviations = np.array(drawn).std(axis=0, ddof=1)
    assert row["sd_at_csat_n"] == pytest.approx(np.sqrt((deviations**2).mean()), rel=0.02)
    within = (row["sd_at_csat_n_low"] <= deviations) & (deviations <= row["sd_at_csat_n_high"])
    assert within.mean() == pytest.approx(0.95, abs=0.02)
    assert row["sd_at_csat_n"] > row["weekly_sd"]


def test_a_workspace_with_few_weeks_or_ratings_has_no_row_of_stability(warehouse: Warehouse):
    assert warehouse.rows("select * from rpt_metric_stability where workspace_id = 'few'") == []


def test_responders_are_weighted_to_all_scored(case: tuple[Row, list[Served]]):
    row, served = case
    weights = weights_of([one for one in served if one.score])
    pairs = [(weights[one], one.is_rated_good) for one in groups(served)["responders"]]
    w, well = (np.array(side, float) for side in zip(*pairs, strict=True))
    rate, effective = (w * well).sum() / w.sum(), w.sum() ** 2 / (w * w).sum()
    low, high = proportion_confint(rate * effective, effective, method="wilson")
    assert row["csat_effective_n"] == pytest.approx(effective)
    assert [row[f"csat_adjusted{bound}"] for bound in ("", "_low", "_high")] == pytest.approx([rate, low, high])
    half = 1.959963984540054 * np.sqrt(rate * (1 - rate) * ((w / w.sum() - 1 / len(w)) ** 2).sum())
    bounds = [rate - well.mean() + side * half for side in (-1, 0, 1)]
    assert [row[f"csat_adjusted_diff{bound}"] for bound in ("_low", "", "_high")] == pytest.approx(bounds)


def weights_of(scored: list[Served]) -> dict[Served, float]:
    """What each responder speaks for: their cell, or the small ones of their mix and band, or of their band."""
    levels: list[Callable[[Served], Any]] = [
        lambda one: (one.mix, one.channel, one.topic, band(one)),
        lambda one: (one.mix, band(one)),
        band,
    ]
    weights: dict[Served, float] = {}
    left = scored
    for level, least in zip(levels, (5, 5, 1), strict=True):
        cells: dict[Any, list[Served]] = {}
        for one in left:
            cells.setdefault(level(one), []).append(one)
        left = []
        for cell in cells.values():
            answered = sum(one.rating is not None for one in cell)
            if answered >= least:
                weights |= dict.fromkeys(cell, len(cell) / answered)
            else:
                left += cell
    heaviest = 5 * len(weights) / sum(one.rating is not None for one in scored)
    return {one: min(weight, heaviest) for one, weight in weights.items()}


def band(one: Served) -> int:
    return (one.score or 0) // 4 - ((one.score or 0) <= 2)


def test_weighting_takes_away_the_response_bias_that_the_score_sees(warehouse: Warehouse):
    """The truth: what ratings everybody would give, from how they were drawn."""
    gives = {5: 1, 4: 2 / 3, 3: 1 / 3, 2: 0, 1: 0}
    everybody = [one for one in SERVED if one.workspace == "lab" and one.week > LAST - timedelta(weeks=4) and one.score]
    truth = float(np.mean([gives[one.score or 0] for one in everybody]))
    row = found(warehouse, "lab", "trailing_4_weeks", LAST, "all")
    assert row["csat_score_low"] > truth
    assert row["csat_adjusted_low"] < truth < row["csat_adjusted_high"]
    assert row["csat_adjusted_diff_high"] < 0
