"""The words of the demo: every language says everything, answers fit their questions, nothing is left unfilled."""

import re
from datetime import date
from random import Random

import pytest

from orchestration.sources.demo.odds import LANGUAGES, WORKSPACES
from orchestration.sources.demo.phrasebook import Phrasebook
from orchestration.sources.demo.phrases import fitting, phrases
from orchestration.sources.demo.topics import LONG_TOPICS, TOPICS

PLACES = [(language, workspace) for language in LANGUAGES for workspace in WORKSPACES]
ANSWERS = ("ask", "selfhelp", "fixed", "partial", "failed", "gripe", "praise")


def book(language: str = "en", workspace: str = "retail", seed: int = 1) -> Phrasebook:
    return Phrasebook(language, workspace, Random(seed), date(2026, 3, 10), {"name": "Ada", "agent": "Bo"})


@pytest.mark.parametrize(("language", "workspace"), PLACES)
def test_every_language_has_the_groups_and_keys_that_english_has(language: str, workspace: str) -> None:
    english = {(group, key) for group, keys in phrases("en", workspace).items() if group != "steps" for key in keys}
    own = {(group, key) for group, keys in phrases(language, workspace).items() if group != "steps" for key in keys}
    assert own == english


@pytest.mark.parametrize(("language", "workspace"), PLACES)
def test_every_problem_has_an_answer_of_each_kind(language: str, workspace: str) -> None:
    for topic in TOPICS[workspace]:
        problems = phrases(language, workspace)[topic.key]["problem"]
        assert len(problems) >= 3
        for problem in range(1, len(problems) + 1):
            for kind in ANSWERS:
                assert fitting(language, workspace, f"{topic.key}.{kind}", problem), (topic.key, kind, problem)


@pytest.mark.parametrize(("language", "workspace"), PLACES)
def test_every_line_can_be_said_with_all_its_slots_filled(language: str, workspace: str) -> None:
    spoken = book(language, workspace)
    for group, keys in phrases(language, workspace).items():
        if group == "slots":
            continue
        for key, lines in keys.items():
            exchange = any(" || " in line for line in lines)
            for _ in lines:
                said = spoken.say(f"{group}.{key}/1" if exchange else f"{group}.{key}", "customer")
                said += spoken.say(f"{group}.{key}/2", "customer") if exchange else ""
                assert not re.search(r"[{}|]|^\d+>", said), said


def test_an_exchange_is_a_question_and_its_answer_everywhere() -> None:
    for language, workspace in PLACES:
        for topic in TOPICS[workspace]:
            for key in ("ask", "follow"):
                assert all(line.count(" || ") == 1 for line in phrases(language, workspace)[topic.key][key])


def test_the_very_long_conversations_have_enough_steps() -> None:
    assert all(len(phrases("en", workspace)["steps"]["steps"]) >= 34 for workspace in LONG_TOPICS)


def test_nothing_is_said_twice_while_something_else_can_be_said() -> None:
    spoken = book()
    lines = phrases("en", "retail")["customer"]["chase"]
    assert len({spoken.say("customer.chase", "customer") for _ in lines}) == len(lines)


def test_an_answer_belongs_to_its_problem() -> None:
    for seed in range(20):
        spoken = book(seed=seed)
        spoken.say("promo.problem#4", "customer")
        assert "gift card" in spoken.say("promo.fixed", "company")


def test_an_order_number_stays_the_same_and_a_weekday_belongs_to_its_side() -> None:
    spoken = book()
    problem = spoken.say("delivery.problem#2", "customer")
    number = re.search(r"R-\d{5}", problem)
    assert number is not None
    assert number.group() in spoken.say("order_change.fixed", "company") + spoken.say(
        "order_change.problem#1", "customer"
    )


def test_an_agent_does_not_ask_for_the_order_number_that_was_given() -> None:
    for seed in range(20):
        spoken = book(seed=seed)
        spoken.say("delivery.problem#1", "customer")
        assert "order number" not in spoken.say("delivery.ask/1", "company")
