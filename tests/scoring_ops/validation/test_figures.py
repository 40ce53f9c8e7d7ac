"""Figures against scikit-learn, scipy and statsmodels; and what they say where there is nothing to say."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score, precision_recall_fscore_support
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from scoring_ops.validation import counts
from scoring_ops.validation.figures import Pair, class_figures, figures
from scoring_ops.validation.labels import Rating, Verdict


def rated(gold: int, value: float) -> Pair:
    return Pair(Verdict((Rating("ana", gold),)), value)


def drawn(seed: int, n: int = 200) -> list[Pair]:
    rng = np.random.default_rng(seed)
    gold = rng.integers(1, 6, n)
    said = np.clip(gold + rng.normal(0, 1, n), 0.5, 5.4)
    return [rated(int(g), float(s)) for g, s in zip(gold, said, strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_class_macro_and_kappa_are_those_of_scikit_learn(seed: int) -> None:
    pairs = drawn(seed)
    found = figures(pairs)
    gold, said = [p.verdict.score for p in pairs], [p.score for p in pairs]
    negative = precision_recall_fscore_support([g <= 2 for g in gold], [s <= 2 for s in said], average="binary")
    positive = precision_recall_fscore_support([g >= 4 for g in gold], [s >= 4 for s in said], average="binary")
    three = [[(v > 2) + (v > 3) for v in values] for values in (gold, said)]
    assert (found.negative.precision, found.negative.recall, found.negative.f1) == pytest.approx(negative[:3])
    assert found.positive is not None
    assert (found.positive.precision, found.positive.recall, found.positive.f1) == pytest.approx(positive[:3])
    assert found.macro_f1 == pytest.approx(f1_score(*three, average="macro"))
    assert found.kappa == pytest.approx(cohen_kappa_score(gold, said, weights="quadratic"))
    assert found.spearman == pytest.approx(spearmanr(gold, [p.value for p in pairs]).statistic)


def test_the_interval_is_that_of_drawing_conversations_one_by_one() -> None:
    pairs = drawn(9, 150)
    found = figures(pairs).negative
    rng, draws = np.random.default_rng(1), []
    truth = np.array([p.verdict.negative for p in pairs])
    said = np.array([p.score <= 2 for p in pairs])
    for _ in range(2000):
        some = rng.integers(0, len(pairs), len(pairs))
        draws.append(f1_score(truth[some], said[some]))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.015)


def test_the_same_conversations_give_the_same_intervals() -> None:
    assert figures(drawn(2)) == figures(drawn(2))


@pytest.mark.parametrize(("b", "c"), [(0, 0), (3, 9), (40, 60), (700, 820)])
def test_mcnemar_is_the_exact_test_of_statsmodels(b: int, c: int) -> None:
    expected = statsmodels_mcnemar([[10, b], [c, 10]], exact=True).pvalue if b + c else 1.0
    assert counts.mcnemar(b, c) == pytest.approx(expected)


def test_a_class_that_occurs_nowhere_has_no_figures() -> None:
    found = class_figures([False] * 5, [False] * 5)
    assert (found.precision, found.recall, found.f1, found.low, found.high, found.n) == (None,) * 5 + (0,)


def test_a_scorer_that_never_says_negative_gets_no_credit() -> None:
    found = class_figures([True, False], [False, False])
    assert (found.precision, found.recall, found.f1, found.n, found.predicted) == (0, 0, 0, 1, 0)


def test_outcomes_have_a_negative_class_and_no_positive_one() -> None:
    pairs = [Pair(Verdict(outcome_is_negative=bad), value) for bad, value in ((True, 1.2), (False, 4.0), (False, 2.0))]
    found = figures(pairs)
    assert found.positive is None
    assert (found.negative.precision, found.negative.recall, found.negative.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx(f1_score([1, 0, 0], [1, 0, 1], average="macro"))
    assert found.kappa == pytest.approx(cohen_kappa_score([1, 0, 0], [1, 0, 1]))


def test_no_conversation_at_all_is_no_error() -> None:
    found = figures([])
    assert (found.n, found.accuracy, found.macro_f1, found.kappa, found.spearman) == (0, None, None, None, None)


def test_a_difference_on_the_same_conversations_has_an_interval_that_knows_they_are_the_same() -> None:
    alike = np.zeros((2, 2, 2))
    alike[1, 1, 1], alike[0, 0, 0], alike[1, 0, 0] = 40, 100, 20
    assert counts.f1_difference(alike) == (0.0, (0.0, 0.0))
    better = alike.copy()
    better[1, 1, 0] = 30
    difference, interval = counts.f1_difference(better)
    assert difference == pytest.approx(2 * 70 / (140 + 20) - 2 * 40 / (80 + 50))
    assert interval.low is not None
    assert interval.low > 0
