"""What belongs together stays together, however labels are split."""

from hypothesis import given
from hypothesis import strategies as st

from scoring_ops.calibration.groups import FOLDS, Origin, folds_of, groups_of
from tests.builders import make_transcript

LONG = "The parcel with the red lamp has not come, and I was told it would be here on Monday."


def origin(name: str, opening: str, group: str | None = None) -> Origin:
    return Origin(name, make_transcript(("customer", opening), ("human_agent", "Let me see.")), group)


def test_a_translation_shares_the_group_of_its_original() -> None:
    one, other, stranger = groups_of(
        [origin("stc3-en-390728", LONG), origin("stc3-zh-390728", "包裹"), origin("x", "y")]
    )
    assert one == other != stranger


def test_equal_openings_share_a_group_and_greetings_do_not() -> None:
    one, other, hello, again = groups_of(
        [origin("a", LONG), origin("b", LONG + " "), origin("c", "Hi"), origin("d", "Hi")]
    )
    assert one == other
    assert hello != again


def test_groups_join_through_a_third_conversation() -> None:
    rows = [origin("a", LONG), origin("b", LONG, "task 1"), origin("c", "Hello", "task 1")]
    assert len(set(groups_of(rows))) == 1


@given(st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=60))
def test_no_group_lies_in_two_folds(groups: list[str]) -> None:
    folds = folds_of(groups)
    assert len({(group, fold) for group, fold in zip(groups, folds.tolist(), strict=True)}) == len(set(groups))
    assert set(folds.tolist()) <= set(range(FOLDS))
