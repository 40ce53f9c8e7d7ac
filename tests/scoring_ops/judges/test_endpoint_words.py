"""Of an endpoint's own words nothing stays, and the key that it repeats is blotted out of its answers."""

import json

import pytest

from scoring_ops.claims import Claims
from scoring_ops.judges.protocol import SchemaBroken
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Received, Reply, claims_about
from tests.scoring_ops.judges.test_openai_judge import KEY, Serve, a_judge, ask, failure_of

ESCAPED = KEY.replace("sk-", "\\u0073k\\u002D")


def saying_the_key(request: Received, written: str) -> str:
    """Valid claims whose summary holds the key, written in this way."""
    return json.dumps({**claims_about(request.turns), "summary": "It is HERE."}).replace("HERE", written)


@pytest.mark.parametrize("written", [KEY, ESCAPED])
def test_a_key_in_an_answer_is_not_kept(serve: Serve, written: str) -> None:
    server = serve(lambda request: fake.completion(saying_the_key(request, written)))
    (answer,) = ask(a_judge(server))
    assert Claims.model_validate_json(answer.claims_json).summary == "It is ***."


@pytest.mark.parametrize("written", [KEY, ESCAPED])
def test_a_key_in_a_broken_answer_is_not_sent_back(serve: Serve, written: str) -> None:
    def broken(request: Received) -> Reply:
        return fake.completion(saying_the_key(request, written) + ' {"' + written + '"')

    server = serve(fake.in_turn(broken, fake.good_claims))
    ask(a_judge(server))
    assert "***" in server.requests[1].raw
    assert not [request for request in server.requests if "planted-0123456789" in request.raw]


@pytest.mark.parametrize("key", ["x", "null", "ollama", "language"])
def test_a_word_in_place_of_a_key_changes_no_answer(serve: Serve, key: str) -> None:
    server = serve(lambda request: fake.completion(saying_the_key(request, key)))
    (answer,) = ask(a_judge(server, api_key=key))
    assert Claims.model_validate_json(answer.claims_json).summary == f"It is {key}."


def test_fields_that_an_answer_invents_are_told_to_its_author_and_to_nobody_else(serve: Serve) -> None:
    def strange(request: Received) -> Reply:
        return fake.completion(json.dumps({**claims_about(request.turns), "my parcel": 1, "judge_rating": 11}))

    server = serve(strange)
    failure = failure_of(a_judge(server))
    assert isinstance(failure, SchemaBroken)
    assert "judge_rating: Input should be less than or equal to 5" in str(failure)
    assert "?: Extra inputs are not permitted" in str(failure)
    assert "parcel" not in str(failure)
    assert "my parcel: Extra inputs are not permitted" in server.requests[1].raw


@pytest.mark.parametrize(
    "reply",
    [
        fake.completion(None, refusal="My parcel is no topic."),
        fake.completion("My parcel never arrived."),
        fake.Reply("My parcel never arrived."),
        fake.Reply({"error": {"message": "My parcel", "code": "my_parcel", "type": "parcel"}}),
        fake.Reply("My parcel never arrived.", 500),
        fake.Reply({"error": ["My parcel"]}, 500),
        fake.Reply({"error": {"message": "parcel", "code": ["parcel"], "type": {"parcel": 1}, "param": 7}}, 400),
        fake.error(400, "My parcel", "parcel", "parcel", x_request_id="my-parcel-number-1234"),
        fake.error(403, "flagged_input: my parcel", "parcel"),
    ],
)
def test_no_failure_is_told_in_words_of_the_endpoint(
    serve: Serve, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    failure = failure_of(a_judge(serve(lambda _: reply), max_retries=0))
    assert str(failure)
    assert "parcel" not in f"{failure!r} {caplog.text}".lower()


def test_a_complaint_is_told_by_its_code_parameter_and_request(serve: Serve) -> None:
    reply = fake.error(400, "No.", "invalid_value", "messages", x_request_id="req_0123456789abcdef")
    assert str(failure_of(a_judge(serve(lambda _: reply)))) == (
        "127.0.0.1 answered 400: invalid_value of messages (request req_0123456789abcdef); "
        "`cxscore doctor --call` shows its own words"
    )
