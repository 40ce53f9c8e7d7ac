"""What a label means: what was settled counts, else the mean; and who was on the fence."""

import pytest

from scoring_ops.validation.labels import Rating, Verdict


def said(*values: int, adjudicated: int | None = None) -> Verdict:
    return Verdict(tuple(Rating(f"r{n}", value) for n, value in enumerate(values)), adjudicated)


@pytest.mark.parametrize(
    ("verdict", "score", "negative", "positive"),
    [
        (said(2, 2), 2, True, False),
        (said(2, 3), 3, False, False),
        (said(3, 4), 3, False, False),
        (said(4, 5), 4, False, True),
        (said(2, 3, adjudicated=2), 2, True, False),
        (said(1, 5, adjudicated=4), 4, False, True),
        (said(adjudicated=1), 1, True, False),
    ],
)
def test_what_was_settled_counts_else_the_mean_with_ties_toward_neutral(
    verdict: Verdict, score: int, negative: bool, positive: bool
) -> None:
    assert (verdict.score, verdict.negative, verdict.positive) == (score, negative, positive)


def test_an_outcome_alone_has_a_side_and_no_number() -> None:
    verdict = Verdict(outcome_is_negative=True)
    assert (verdict.negative, verdict.positive, verdict.score, verdict.clear) == (True, None, None, True)


def test_reviewers_on_both_sides_of_the_line_are_on_the_fence_even_where_they_settled() -> None:
    assert not said(2, 3).clear
    assert not said(2, 3, adjudicated=2).clear
    assert said(1, 3).clear
    assert said(3, 3, 2, 3, 3).clear  # 2.8
    assert not said(3, 3, 3, 2, 2).clear  # 2.6


def test_the_edge_of_the_fence_is_exact_whatever_floats_say() -> None:
    assert said(3, 3, 3, 2, 3, 3, 3, 2, 2, 3).clear  # 2.7
    assert said(2, 2, 2, 3, 2, 2, 2, 3, 3, 2).clear  # 2.3
