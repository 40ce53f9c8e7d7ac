"""The rules in plain English agree with the values a judge may give, with whose words count, and with their version."""

import hashlib
import re
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from scoring_ops.claims import Claims
from scoring_ops.evidence import allowed_roles
from scoring_ops.rubric.dimensions import DIMENSIONS, RUBRIC_VERSION, Dimension, rule
from scoring_ops.transcript import Transcript

# The rules by version. Never change an entry: a changed rule is a new RUBRIC_VERSION and a new entry.
SIGNED = {"1": "35685f608665cf62"}

FIELDS = {dimension: dimension for dimension in DIMENSIONS} | {"resolution": "issues"}


def values_in(annotation: Any) -> set[str]:
    """Every value that a judge can choose somewhere in a type, ratings as "1" to "5"."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        ratings = {str(n) for n in range(1, 6)} if "rating" in annotation.model_fields else set[str]()
        return ratings.union(*(values_in(field.annotation) for field in annotation.model_fields.values()))
    return set[str]().union(*(values_in(argument) for argument in get_args(annotation)))


def values_named(dimension: Dimension) -> list[str]:
    return re.findall(r"^- `([^`]+)`:", rule(dimension), flags=re.MULTILINE)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_rule_explains_each_value_of_its_dimension_once_and_no_other(dimension: Dimension) -> None:
    allowed = values_in(Claims.model_fields[FIELDS[dimension]].annotation)
    assert allowed
    assert sorted(values_named(dimension)) == sorted(allowed)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_rule_names_whose_words_prove_it_as_the_evidence_check_does(dimension: Dimension) -> None:
    mixes = ("human_only", "ai_only", "mixed")
    allowed = {role for mix in mixes for role in allowed_roles(dimension, Transcript((), "", mix))}
    (named,) = re.findall(r"^\*\*Whose words:\*\* (.*?)\.", rule(dimension), flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", named)) == allowed


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_rule_is_short_and_has_its_parts(dimension: Dimension) -> None:
    text = rule(dimension)
    assert text.startswith(f"# {dimension}\n")
    assert 15 <= len(text.splitlines()) <= 35
    assert max(map(len, text.splitlines())) <= 120
    for part in ("## Evidence", "## Edge cases", "doubt", "## Example"):
        assert part in text


def test_a_changed_rule_is_a_new_rubric_version() -> None:
    text = "\n".join(rule(dimension) for dimension in DIMENSIONS)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert SIGNED.get(RUBRIC_VERSION) == digest, (
        "The rules have changed. Raise RUBRIC_VERSION in scoring_ops/rubric/dimensions.py and add the new version "
        f"with {digest!r} here."
    )


def test_every_rule_file_belongs_to_a_dimension() -> None:
    from importlib.resources import files

    names = {item.name for item in files("scoring_ops.rubric").iterdir() if item.name.endswith(".md")}
    assert names == {f"{dimension}.md" for dimension in DIMENSIONS}
