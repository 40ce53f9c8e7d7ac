"""Of what an endpoint says, known codes may be told; the key is nowhere in it, however it is written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_ops.judges.complaints import known, known_parameter, known_request, told, where_to_look, without_key

KEY = "sk-secret/Qz7x"


def test_a_code_that_everybody_knows_is_told_and_other_words_are_not() -> None:
    assert known("model_not_found") == "model_not_found"
    assert known(None, "server_error") == "server_error"
    assert known("Where is my parcel?", 7, ["invalid_value"]) == ""


def test_a_parameter_is_told_where_it_is_one_of_ours() -> None:
    assert known_parameter("temperature") == "temperature"
    assert known_parameter("parcel") == known_parameter(["seed"]) == known_parameter(None) == ""


@pytest.mark.parametrize(
    "request_id", ["req_011CXabcDEF456", "0af1" * 8, "0af10af1-0af1-0af1-0af1-0af10af10af1", "req_" + "7" * 32]
)
def test_a_request_is_named_where_its_id_looks_like_one(request_id: str) -> None:
    assert known_request(request_id) == request_id


@pytest.mark.parametrize("words", ["where is my parcel", "Donaudampfschiff", "ORD-2024-0012345", "***", ""])
def test_words_and_numbers_of_a_customer_are_no_id_of_a_request(words: str) -> None:
    assert known_request(words) == ""


def test_a_complaint_is_told_by_its_code_its_parameter_and_its_request() -> None:
    complaint = told("their words", "invalid_value", parameter="seed", request_id="req_011CXabcDEF456")
    assert complaint == ": invalid_value of seed (request req_011CXabcDEF456)"
    assert told("their words", parameter="parcel", request_id="parcel") == ""


def test_a_refused_key_or_model_leads_to_the_setting() -> None:
    assert "OPENAI_API_KEY" in where_to_look(401)
    assert "CX_MODEL" in where_to_look(404)
    assert where_to_look(500) == "; `cxscore doctor --call` shows its own words"


def _escaped(text: str, letters: frozenset[str]) -> str:
    """A text as JSON, with these letters written as escapes."""
    return "".join(f"\\u{ord(c):04X}" if c in letters else c for c in json.dumps(text, ensure_ascii=False))


@given(
    before=st.text(max_size=5),
    after=st.text(max_size=5),
    rounds=st.lists(st.frozensets(st.sampled_from("sk-tr/Qz")), max_size=3),
)
def test_a_key_is_blotted_out_however_often_and_wherever_it_is_escaped(
    before: str, after: str, rounds: list[frozenset[str]]
) -> None:
    text = before + KEY + after
    for letters in rounds:
        text = _escaped(text, letters)
    hidden = without_key(text, KEY)
    for _ in rounds:
        hidden = json.loads(hidden)
    assert KEY not in hidden
    assert "***" in hidden


def test_a_slash_of_a_key_may_be_escaped_alone() -> None:
    assert without_key('"sk-secret\\/Qz7x"', KEY) == '"***"'


@pytest.mark.parametrize("text", ["", "no key", "caf\\u00e9 \\u0073k-other", "\\u0022 \\u005c \\/"])
def test_a_text_without_the_key_stays_as_it_is(text: str) -> None:
    assert without_key(text, KEY) == text


@pytest.mark.parametrize("key", ["", "x", "null", "ollama", "EMPTY", "password", "sk-1234"])
def test_what_stands_in_for_a_key_is_a_word_like_others(key: str) -> None:
    text = '{"a": null, "b": "x ollama EMPTY password sk-1234"}'
    assert without_key(text, key) == text
