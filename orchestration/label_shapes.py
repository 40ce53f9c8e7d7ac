"""From one record of a label file to what people said: our own format, and the shapes of public labelled sets.

Knows the fields of records and no file. Of our own format there are two forms, which may be mixed: a record per
conversation with `labels` and `adjudicated`, and a row per reviewer. Public sets hold a `human_label`: a panel's
`ratings` (STC-3), a self-report `negative` (STAR), an outcome `resolved` (tau-bench).
"""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from orchestration.sources.broken import Broken
from scoring_ops.review import Role
from scoring_ops.validation.labels import EFFORT_VALUES, QUESTIONS, RESOLUTION_VALUES, Question, Rating, Verdict

Value = int | None
_PANEL: Mapping[Question, str] = {"score": "S", "resolution": "A", "customer_effort": "E"}
_WORDS: Mapping[str, Mapping[str, int]] = {"resolution": RESOLUTION_VALUES, "customer_effort": EFFORT_VALUES}
_NO_ANSWER = frozenset({"", "unclear"})


class Answers(BaseModel):
    """One person's answers: numbers from 1 to 5, or the rubric's words in the two dimensions."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    score: Value = Field(default=None, ge=1, le=5)
    resolution: Value = Field(default=None, ge=1, le=5)
    customer_effort: Value = Field(default=None, ge=1, le=5)

    @field_validator(*QUESTIONS, mode="before")
    @classmethod
    def _from_words(cls, value: object, info: object) -> object:
        if not isinstance(value, str):
            return value
        word = value.strip()
        if word in _NO_ANSWER:
            return None
        return _WORDS.get(cast("str", getattr(info, "field_name", "")), {}).get(word, word)

    def answers(self) -> dict[Question, int]:
        """The questions that were answered."""
        given: dict[Question, Value] = {
            "score": self.score,
            "resolution": self.resolution,
            "customer_effort": self.customer_effort,
        }
        return {question: value for question, value in given.items() if value is not None}


class _Review(Answers):
    """The answers of a named reviewer; in a row per reviewer, `role` says who settled."""

    reviewer: str = Field(min_length=1)
    role: Role = "reviewer"


class _Panel(BaseModel):
    """A panel of numbered annotators; those excluded are named by their place."""

    ratings: Mapping[str, tuple[int, ...]]
    excluded_annotators: tuple[int, ...] = ()


def verdicts_of(record: Mapping[str, object]) -> dict[Question, Verdict]:
    """What a record says by question.

    Raises:
        Broken: it says nothing, or what no label may say.
    """
    try:
        found = _verdicts(record)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Broken("bad_label", f"{where}: {first['msg']}") from None
    if not found:
        raise Broken("no_label", "neither labels nor adjudicated nor reviewer nor a known human_label")
    return found


def united(parts: Sequence[Mapping[Question, Verdict]]) -> dict[Question, Verdict]:
    """The label of a conversation from all records about it.

    Raises:
        Broken: the same reviewer has answered a question twice, or it was settled twice.
    """
    whole: dict[Question, Verdict] = {}
    for part in parts:
        for question, verdict in part.items():
            whole[question] = _both(question, whole.get(question, Verdict()), verdict)
    return whole


def _both(question: Question, one: Verdict, other: Verdict) -> Verdict:
    ratings = (*one.ratings, *other.ratings)
    if len({rating.reviewer for rating in ratings}) < len(ratings):
        raise Broken("bad_label", f"{question}: a reviewer has answered twice")
    settled = [v.adjudicated for v in (one, other) if v.adjudicated is not None]
    outcomes = [v.outcome_is_negative for v in (one, other) if v.outcome_is_negative is not None]
    if len(settled) > 1 or len(outcomes) > 1:
        raise Broken("bad_label", f"{question}: settled twice")
    return Verdict(ratings, next(iter(settled), None), next(iter(outcomes), None))


def _verdicts(record: Mapping[str, object]) -> dict[Question, Verdict]:
    if isinstance(human := record.get("human_label"), Mapping):
        return _human_label(cast("Mapping[str, object]", human))
    if "reviewer" in record:
        return _of_reviews([_Review.model_validate(record)], None)
    listed = record.get("labels")
    reviews = [_Review.model_validate(one) for one in cast("list[object]", listed)] if isinstance(listed, list) else []
    adjudicated = record.get("adjudicated")
    return _of_reviews(reviews, None if adjudicated is None else Answers.model_validate(adjudicated))


def _of_reviews(reviews: Sequence[_Review], settled: Answers | None) -> dict[Question, Verdict]:
    whole: dict[Question, Verdict] = {}
    for review in reviews:
        for question, value in review.answers().items():
            said = (
                Verdict(adjudicated=value)
                if review.role == "adjudicator"
                else Verdict((Rating(review.reviewer, value),))
            )
            whole[question] = _both(question, whole.get(question, Verdict()), said)
    for question, value in (settled.answers() if settled else {}).items():
        whole[question] = _both(question, whole.get(question, Verdict()), Verdict(adjudicated=value))
    return whole


def _human_label(label: Mapping[str, object]) -> dict[Question, Verdict]:
    if "ratings" in label:
        panel = _Panel.model_validate(label)
        return {
            question: Verdict(_panel_ratings(panel.ratings[name], panel.excluded_annotators))
            for question, name in _PANEL.items()
            if name in panel.ratings
        }
    if isinstance(negative := label.get("negative"), bool):
        return {"score": Verdict(outcome_is_negative=negative)}
    if isinstance(resolved := label.get("resolved"), bool):
        return {"resolution": Verdict(outcome_is_negative=not resolved)}
    return {}


def _panel_ratings(values: tuple[int, ...], excluded: tuple[int, ...]) -> tuple[Rating, ...]:
    return tuple(
        Rating(f"{place:02}", Answers(score=value).score or 0)
        for place, value in enumerate(values)
        if place not in excluded
    )
