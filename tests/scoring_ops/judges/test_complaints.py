"""Of what an endpoint says, known codes may be told; the key is nowhere in it, however it is written."""

import json

import pytest

from scoring_ops.judges.complaints import known, known_request, without_key

KEY = "sk-secretQz7x"


def test_a_code_that_everybody_knows_is_told_and_other_words_are_not() -> None:
    assert known("model_not_found") == "model_not_found"
    assert known(None, "server_error") == "server_error"
    assert known("Where is my parcel?", 7, ["invalid_value"]) == ""


def test_a_request_is_named_where_its_id_looks_like_one() -> None:
    assert known_request("req_011CXabcDEF456") == "req_011CXabcDEF456"
    assert known_request("where is my parcel") == known_request("***") == known_request("") == ""


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_key_is_blotted_out_of_texts_and_of_json_however_it_is_escaped(times: int) -> None:
    said = f'My "key" is {KEY} \\ é'
    text = said
    for _ in range(times):
        text = json.dumps({"said": text}).replace("sk-", "\\u0073k\\u002D")
        text = text if times == 1 else text.replace("\\\\u0073", "s").replace("\\\\u002D", "-")
    hidden = without_key(text, KEY)
    for _ in range(times):
        hidden = json.loads(hidden)["said"]
    assert hidden == said.replace(KEY, "***")


@pytest.mark.parametrize("text", ["", "no key", "caf\\u00e9 \\\\u0073k-secretQz7x", "\\u0022 \\u005c"])
def test_a_text_without_the_key_stays_as_it_is(text: str) -> None:
    assert without_key(text, KEY) == text
    assert without_key(text + KEY, "") == text + KEY
