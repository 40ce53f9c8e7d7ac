"""Agreement among people, held against scikit-learn where it has the figure, against definitions and examples else."""

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from scoring_ops.validation.agreement import agreement, human_figures, krippendorff_alpha, quadratic_kappa
from scoring_ops.validation.labels import Rating, Verdict


def panel(*values: int) -> Verdict:
    return Verdict(tuple(Rating(f"r{n:02}", value) for n, value in enumerate(values)))


def drawn(seed: int, n: int, reviewers: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, size=(n, 1))
    return np.clip(truth + rng.integers(-1, 2, size=(n, reviewers)), 1, 5)


@pytest.mark.parametrize("seed", range(5))
def test_quadratic_kappa_of_two_reviewers_is_that_of_scikit_learn(seed: int) -> None:
    ratings = drawn(seed, 60, 2)
    found = agreement("score", [panel(*row) for row in ratings.tolist()])
    expected = cohen_kappa_score(ratings[:, 0], ratings[:, 1], weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert found.quadratic_kappa == pytest.approx(expected)


def ordinal_distance(a: int, b: int, values: list[int]) -> float:
    low, high = min(a, b), max(a, b)
    return (sum(low <= v <= high for v in values) - (values.count(a) + values.count(b)) / 2) ** 2


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_one_minus_observed_by_expected_disagreement_of_all_pairs_with_ratings_missing(seed: int) -> None:
    ratings = drawn(seed, 40, 4).astype(float)
    ratings[np.random.default_rng(seed).random(ratings.shape) < 0.3] = np.nan
    units = [[int(v) for v in row if not np.isnan(v)] for row in ratings]
    pairable = [unit for unit in units if len(unit) > 1]
    values = [value for unit in pairable for value in unit]
    within = [ordinal_distance(a, b, values) / (len(unit) - 1) for unit in pairable for a, b in permutations(unit, 2)]
    observed = sum(within) / len(values)
    expected = np.mean([ordinal_distance(a, b, values) for a, b in permutations(values, 2)])
    assert krippendorff_alpha(units) == pytest.approx(1 - observed / expected)


def test_alpha_of_the_example_that_its_author_published_is_the_one_he_gives() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: ordinal alpha 0.815."""
    by_reviewer = (
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    units = [[int(v) for v in said if v != "."] for said in zip(*(row.split() for row in by_reviewer), strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.815, abs=5e-4)


def test_the_f1_of_two_reviewers_is_that_of_scikit_learn_and_the_same_both_ways() -> None:
    ratings = drawn(7, 80, 2)
    found = human_figures([panel(*row) for row in ratings.tolist()]).human_v_human
    for a, b in ((0, 1), (1, 0)):
        assert found == pytest.approx(f1_score(ratings[:, a] <= 2, ratings[:, b] <= 2))


def test_one_person_is_held_against_the_mean_of_the_others() -> None:
    # Left out in turn: 1 v. mean(3, 3), 3 v. mean(1, 3), 3 v. mean(1, 3): says negative, is negative, is negative.
    assert human_figures([panel(1, 3, 3)]).one_v_rest == 0
    # 1 v. mean(2, 2), 2 v. mean(1, 2), 2 v. mean(1, 2): all agree.
    assert human_figures([panel(1, 2, 2)]).one_v_rest == 1


def test_panels_are_halved_only_where_four_have_rated_and_alike_each_time() -> None:
    assert human_figures([panel(1, 2, 2)] * 5).half_v_half is None
    mixed = [panel(*row) for row in drawn(3, 50, 6).tolist()]
    found = human_figures(mixed)
    assert found == human_figures(mixed)
    assert found.half_v_half is not None
    assert found.ceiling == found.half_v_half
    assert found.human_v_human is not None
    assert found.half_v_half > found.human_v_human


def test_where_all_say_the_same_nothing_is_by_chance_and_no_figure_is_invented() -> None:
    found = agreement("score", [panel(3, 3)] * 4)
    assert (found.quadratic_kappa, found.krippendorff_alpha, found.people.human_v_human) == (None, None, None)
    assert quadratic_kappa(np.zeros((5, 5))) is None


def test_conversations_that_one_person_rated_say_nothing_of_agreement() -> None:
    found = agreement("score", [panel(1), panel(1, 2), Verdict(outcome_is_negative=True)])
    assert (found.n, found.ratings, found.reviewers) == (1, 2, 2)
