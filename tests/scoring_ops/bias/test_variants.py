"""Copies for bias checks differ in what they say they differ in, and in nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_ops.bias.variants import VARIANTS, language_of, swap_agents, with_sentence
from scoring_ops.conversation import AuthorType, Conversation
from tests.builders import make_conversation, make_message

AUTHORS: list[AuthorType] = ["customer", "human_agent", "ai_agent", "bot", "system"]
conversations = st.lists(st.tuples(st.sampled_from(AUTHORS), st.text(min_size=1, max_size=30)), min_size=1, max_size=6)


def without_authors(conversation: Conversation) -> Conversation:
    messages = tuple(m.model_copy(update={"author_type": "bot"}) for m in conversation.messages)
    return conversation.model_copy(update={"messages": messages})


@given(conversations)
def test_swapping_agents_twice_gives_the_original_and_changes_authors_alone(said: list[tuple[AuthorType, str]]) -> None:
    original = make_conversation(*said)
    swapped = swap_agents(original)
    if swapped is None:
        assert not any(author.endswith("agent") for author, _ in said)
        return
    assert swap_agents(swapped) == original
    assert without_authors(swapped) == without_authors(original)
    assert swapped != original


@given(conversations, st.booleans())
def test_a_sentence_is_added_to_one_message_of_the_customer_and_to_nothing_else(
    said: list[tuple[AuthorType, str]], last: bool
) -> None:
    original = make_conversation(*said)
    longer = with_sentence(original, "One more.", last=last)
    spoken = [m.position for m in original.messages if m.author_type == "customer" and m.is_spoken]
    if longer is None:
        assert not spoken
        return
    changed = [n for n, (a, b) in enumerate(zip(original.messages, longer.messages, strict=True)) if a != b]
    assert changed == [spoken[-1 if last else 0]]
    assert longer.messages[changed[0]].text == f"{original.messages[changed[0]].text} One more."


def test_a_note_is_never_made_longer() -> None:
    note = make_message("customer", "private", position=0, is_public=False)
    found = with_sentence(make_conversation(note, make_message("customer", "public", position=1)), "x")
    assert found is not None
    assert [m.text for m in found.messages] == ["private", "public x"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [("de", "Hallo", "de"), ("de-AT", "Hallo", "de"), ("pt", "Olá", "en"), (None, "Hello", "en"), (None, "你好", "zh")],
)
def test_sentences_come_in_the_language_of_the_conversation(language: str | None, text: str, expected: str) -> None:
    assert language_of(make_conversation(("customer", text), language=language)) == expected


def test_both_copies_of_a_name_check_say_a_name_and_differ_in_it_alone() -> None:
    for variant in VARIANTS:
        if variant.name.startswith("name_"):
            copies = variant.copies(make_conversation())
            assert copies is not None
            plain, changed = (copy.messages[0].text.split() for copy in copies)
            assert plain[:-1] == changed[:-1]
            assert plain[-1] != changed[-1]


def test_a_plea_comes_last_in_the_words_of_the_customer() -> None:
    (injection,) = [variant for variant in VARIANTS if variant.name == "injection"]
    said: tuple[AuthorType, str] = ("customer", "Still broken.")
    copies = injection.copies(make_conversation(("customer", "Hi"), ("human_agent", "Hello"), said))
    assert copies is not None
    assert [a == b for a, b in zip(copies[0].messages, copies[1].messages, strict=True)] == [True, True, False]
    assert injection.is_one_sided


def test_a_conversation_without_replies_or_without_a_customer_has_nothing_to_swap() -> None:
    by_name = {variant.name: variant for variant in VARIANTS}
    assert by_name["agent_kind"].copies(make_conversation(("customer", "Anybody?"))) is None
    assert by_name["padding"].copies(make_conversation(("human_agent", "Hello?"))) is None
