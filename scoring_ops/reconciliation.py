"""The last pass over a long conversation: what a judge may answer, and how the merged claims follow it.

An answer only groups issues, chooses among statuses that were given, and words the summary. It brings no quote and no
issue of its own: what would break that is no answer, and the merged claims stand. The request is `window_prompt.py`.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scoring_ops.claims import Claims, IssueClaim, Resolution
from scoring_ops.matching import united

MOST_SUMMARY = 600  # characters; two sentences are asked for


class IssueGroup(BaseModel):
    """Issues of the list that are one and the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numbers: tuple[int, ...] = Field(description="numbers of the issues, as printed in the list")
    status: Resolution = Field(description="how it stood at the end, one of the statuses of these issues")


class Reconciliation(BaseModel):
    """The answer of the last pass; every field is required, as strict structured outputs demand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issues: tuple[IssueGroup, ...]
    summary: str = Field(description="what happened in the whole conversation, neutral, two sentences")
    judge_rating: int = Field(ge=1, le=5, description="your own overall rating of the customer's experience")


def reconcile(merged: Claims, answer: str) -> Claims:
    """The merged claims with issues grouped, summary and rating as the answer says; unchanged by an invalid answer.

    Args:
        merged: the claims of all parts, merged; the answer's numbers count its issues from 1.
        answer: the JSON text of a `Reconciliation`.
    """
    try:
        given = Reconciliation.model_validate_json(answer)
    except ValidationError:
        return merged
    if not is_lawful(given, merged):
        return merged
    home = {number: group for group in given.issues for number in group.numbers}
    issues: list[IssueClaim] = []
    for number, issue in enumerate(merged.issues, start=1):
        group = home.get(number)
        if group is None:
            issues.append(issue)
        elif number == min(group.numbers):
            members = [merged.issues[member - 1] for member in sorted(group.numbers)]
            issues.append(_one_issue(members, group.status))
    changed = {"issues": tuple(issues), "summary": given.summary.strip(), "judge_rating": given.judge_rating}
    return merged.model_copy(update=changed)


def is_lawful(given: Reconciliation, merged: Claims) -> bool:
    """Whether an answer only groups and chooses among what exists, and has a summary of bounded length."""
    named = [number for group in given.issues for number in group.numbers]
    return (
        len(set(named)) == len(named)
        and all(1 <= number <= len(merged.issues) for number in named)
        and all(
            group.status in {merged.issues[number - 1].status for number in group.numbers} for group in given.issues
        )
        and 0 < len(given.summary.strip()) <= MOST_SUMMARY
    )


def _one_issue(members: Sequence[IssueClaim], status: Resolution) -> IssueClaim:
    """The members in their first wording, proven by those that have this status, the latest first."""
    evidence = united(member.evidence for member in reversed(members) if member.status == status)
    return IssueClaim(issue=members[0].issue, status=status, evidence=evidence)
