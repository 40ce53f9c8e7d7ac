"""Lines of a batch: what is asked, what a result comes to, and that no line is read as two or kept with words in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_ops.batch_file import BatchFile
from scoring_ops.budget import Price
from scoring_ops.judges.batch import MOST_BYTES, MOST_REQUESTS, Result, only_request, read_result, request_line
from scoring_ops.judges.protocol import Usage
from tests.builders import make_claims

NAME = "a" * 64
CLAIMS = make_claims().model_dump_json()


def answer(content: str | None, finish: str = "stop", **message: Any) -> bytes:
    choice = {"finish_reason": finish, "message": {"content": content, **message}}
    body = {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}
    return json.dumps({"custom_id": NAME, "response": {"status_code": 200, "body": body}, "error": None}).encode()


def failure(response: dict[str, Any] | None, error: dict[str, str] | None = None) -> bytes:
    return json.dumps({"custom_id": NAME, "response": response, "error": error}).encode()


def test_a_request_line_is_one_line_around_the_body() -> None:
    line = request_line(NAME, only_request(b'{"model":"m"}', 100))
    assert line.endswith(b"\n")
    expected = {"custom_id": NAME, "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m"}}
    assert json.loads(line) == expected


def test_valid_claims_are_scored_with_their_usage() -> None:
    assert read_result(answer(CLAIMS)) == Result(NAME, "scored", claims_json=CLAIMS, usage=Usage(10, 2))


def test_claims_in_a_fence_are_scored_as_the_judge_would_read_them() -> None:
    result = read_result(answer(f"```json\n{CLAIMS}\n```"))
    assert result is not None
    assert (result.status, result.claims_json) == ("scored", CLAIMS)


@pytest.mark.parametrize(
    ("line", "status", "detail"),
    [
        (answer(None, refusal="I\ncannot."), "refused", "the model declined to answer"),
        (answer("", "content_filter"), "refused", "stopped by the content filter"),
        (answer(CLAIMS[:40], "length"), "schema_error", "the answer ran into the token limit"),
        (answer(""), "schema_error", "the answer is empty"),
    ],
)
def test_what_is_no_valid_answer_is_paid_all_the_same(line: bytes, status: str, detail: str) -> None:
    assert read_result(line) == Result(NAME, status, detail, usage=Usage(10, 2))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (
            failure({"status_code": 400, "body": {"error": {"code": "model_not_found", "message": "secret"}}}),
            "400 model_not_found",
        ),
        (failure({"status_code": 400, "body": {"error": {"code": "their words", "message": "secret"}}}), "400"),
        (failure(None, {"code": "batch_expired", "message": "secret"}), "batch_expired"),
        (failure({"status_code": 500, "body": {"error": "secret"}}), "500"),
        (failure(None), "no answer"),
    ],
)
def test_a_failed_line_costs_nothing_and_its_message_is_not_kept(line: bytes, detail: str) -> None:
    assert read_result(line) == Result(NAME, "model_error", detail)


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"response": null}', b"\xff"])
def test_an_unreadable_line_is_no_result(line: bytes) -> None:
    assert read_result(line) is None


@given(st.binary(max_size=200))
def test_no_noise_breaks_the_reading(line: bytes) -> None:
    assert read_result(line) is None


def test_a_file_is_full_by_count_or_bytes_whichever_comes_first() -> None:
    with BatchFile(most_requests=3, most_bytes=10) as file:
        assert file.has_room([b"x" * 11])  # alone in a file: the provider judges it
        file.add([b"1234\n"])
        assert file.has_room([b"5678\n"])
        assert not file.has_room([b"56789\n"])
        assert not file.has_room([b"5\n", b"6\n", b"7\n"])
        file.seek(0)
        assert file.read() == b"1234\n"


def test_a_file_has_the_limits_of_the_api() -> None:
    assert (MOST_REQUESTS, MOST_BYTES) == (50_000, 200_000_000)


def test_a_file_tells_how_much_of_it_was_read() -> None:
    told: list[tuple[int, int]] = []
    with BatchFile(told=lambda read, of: told.append((read, of))) as file:
        file.add([b"12345678\n"])
        file.seek(0)
        while file.read(4):
            pass
    assert told == [(4, 9), (8, 9), (9, 9), (9, 9)]


def test_a_batch_costs_its_share_of_the_price_cached_input_too() -> None:
    price = Price(input=2, output=8, cached_input=1, batch=0.25)
    usage = Usage(1000, 100, 400)
    assert price.of_batches().cost(usage) == pytest.approx(price.cost(usage) / 4)
    assert Price(input=2, output=8).of_batches().cost(usage) == pytest.approx(Price(input=2, output=8).cost(usage) / 2)
