import dataclasses

import pytest

from expectations.outcome import CheckOutcome, Failure, outcome_of


def test_no_failure_is_a_pass_that_says_how_many_rows():
    outcome = outcome_of("messages", 1200, [])
    assert outcome == CheckOutcome(passed=True, summary="messages: 1,200 rows keep every rule", failures=())


def test_failures_are_named_in_the_summary_with_examples():
    broken = Failure("end_offset_follows_start_offset", "end_offset", 3, ("c1", "c2"))
    outcome = outcome_of("issues", 9, iter([broken, Failure("key_is_unique", "", 2)]))
    assert not outcome.passed
    assert outcome.failures[0] is broken
    assert outcome.summary == (
        "issues: 2 rules broken among 9 rows: "
        "end_offset_follows_start_offset on end_offset: 3 (c1, c2); key_is_unique: 2"
    )


def test_an_outcome_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        outcome_of("messages", 0, []).passed = False
