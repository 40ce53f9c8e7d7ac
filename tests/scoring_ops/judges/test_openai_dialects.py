"""Servers that are not quite OpenAI: what the judge concedes, that it remembers it, and what it does not concede."""

import asyncio
import json
from collections.abc import Callable

import pytest

from scoring_ops.claims import Claims
from scoring_ops.judges.completion import answer_text
from scoring_ops.judges.dialect import Dialect, concession
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.judges.strict_schema import claims_schema
from scoring_ops.prompt import instructions
from scoring_ops.transcript import Transcript, Turn, transcript_hash
from tests.builders import make_transcript
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour, OpenAIServer

Serve = Callable[[Behaviour], OpenAIServer]
TURNS = (Turn(1, "a", "customer", "Where is my order?", None), Turn(2, "b", "ai_agent", "It arrives today.", None))
TRANSCRIPT = Transcript(TURNS, transcript_hash(TURNS), "ai_only")
FULL = Dialect("json_schema", "max_tokens")


def ask(server: OpenAIServer, calls: int = 2) -> None:
    async def run() -> None:
        async with OpenAIJudge("m", base_url=server.base_url, repair_attempts=0) as judge:
            for _ in range(calls):
                Claims.model_validate_json((await judge.judge(TRANSCRIPT)).claims_json)

    asyncio.run(run())


def test_a_server_without_json_schema_is_asked_in_json_mode_from_then_on(serve: Serve) -> None:
    server = serve(fake.without("json_schema", then=fake.fenced_claims))
    ask(server)
    assert [request.form for request in server.requests] == ["json_schema", "json_object", "json_object"]
    assert '"additionalProperties":false' in server.requests[1].body["messages"][0]["content"]


def test_a_server_without_any_response_format_gets_the_schema_in_the_prompt_alone(serve: Serve) -> None:
    server = serve(fake.without("json_schema", "json_object", then=fake.fenced_claims))
    ask(server)
    assert [request.form for request in server.requests] == ["json_schema", "json_object", "text", "text"]
    assert '"additionalProperties":false' in server.requests[-1].body["messages"][0]["content"]


def test_concurrent_calls_concede_one_step_together_and_say_so_once(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(fake.without("json_schema"))

    async def run() -> None:
        async with OpenAIJudge("m", base_url=server.base_url) as judge:
            await asyncio.gather(*(judge.judge(TRANSCRIPT) for _ in range(20)))
            await judge.judge(TRANSCRIPT)

    asyncio.run(run())
    assert {request.form for request in server.requests} == {"json_schema", "json_object"}
    assert server.requests[-1].form == "json_object"
    assert [record.levelname for record in caplog.records if "json_object" in record.message] == ["WARNING"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0 with this model."),
        ("seed", "Extra inputs are not permitted"),
    ],
)
def test_a_rejected_sampling_parameter_is_left_out_from_then_on(serve: Serve, name: str, message: str) -> None:
    server = serve(fake.without_parameter(name, message))
    ask(server)
    assert [name in request.body for request in server.requests] == [True, False, False]
    assert {request.form for request in server.requests} == {"json_schema"}


def test_the_token_limit_takes_the_name_the_server_asks_for(serve: Serve) -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    server = serve(fake.without_parameter("max_tokens", message))
    ask(server)
    assert server.requests[-1].body["max_completion_tokens"] == 4096
    assert "max_tokens" not in server.requests[-1].body


@pytest.mark.parametrize(
    "complaint",
    [
        "This response_format type is unavailable now",
        "Failed to deserialize the JSON body: response_format.type `json_schema` is unavailable now",
        "This model does not support response format `json_schema`.",
        "Invalid schema for response_format 'claims'",
        "Structured output is not enabled on this server",
    ],
)
def test_wordings_of_servers_that_cannot_enforce_a_schema_are_understood(complaint: str) -> None:
    assert concession(FULL, None, complaint) == FULL._replace(form="json_object")


@pytest.mark.parametrize(
    "complaint",
    [
        "'max_tokens' is too large: 4096. This model's maximum context length is 4096 tokens, invalid request.",
        "the request has too many tokens for its context window",
        "Something else is wrong",
        "",
    ],
)
def test_other_complaints_concede_nothing(complaint: str) -> None:
    assert concession(FULL, None, complaint) is None


def test_concessions_come_to_an_end_whatever_a_server_complains_of() -> None:
    dialect, steps = FULL, 0
    complaint = "unsupported: response_format temperature seed max_tokens max_completion_tokens"
    while (narrower := concession(dialect, None, complaint)) is not None:
        assert narrower != dialect
        dialect, steps = narrower, steps + 1
        assert steps < 10
    assert dialect.form == "text"


def test_a_gateway_that_failed_to_make_json_is_asked_to_repair(serve: Serve) -> None:
    broken = fake.error(400, "Failed to generate JSON.", "json_validate_failed")
    server = serve(fake.in_turn(lambda _: broken, fake.good_claims))

    async def run() -> None:
        async with OpenAIJudge("m", base_url=server.base_url) as judge:
            await judge.judge(TRANSCRIPT)

    asyncio.run(run())
    assert len(server.requests) == 2
    assert server.requests[1].form == "json_schema"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('Sure:\n```\n{"a": 1}\n```\nDone.', '{"a": 1}'),
        ('<think>maybe {"b"}</think>\n{"a": 1}', '{"a": 1}'),
        ('Sure: ```json {"a": 1} ```', '{"a": 1}'),
        ('{"a": "```{}```"}', '{"a": "```{}```"}'),
        (None, ""),
    ],
)
def test_claims_are_taken_out_of_what_models_wrap_around_them(content: str | None, text: str) -> None:
    assert answer_text(content) == text


def test_the_schema_is_valid_for_strict_mode_and_the_fake_would_notice() -> None:
    assert fake.schema_fault(claims_schema()) is None
    assert "additionalProperties" in (fake.schema_fault({"type": "object", "properties": {}}) or "")
    assert "maximum" in (fake.schema_fault(Claims.model_json_schema()) or "")
    loose = {"type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": False}
    assert "required" in (fake.schema_fault({"items": loose}) or "")


def test_ratings_keep_their_range_in_the_strict_schema() -> None:
    schema = json.dumps(claims_schema())
    assert schema.count('"type": "integer", "enum": [1, 2, 3, 4, 5]') == 3
    assert "minimum" not in schema


def test_a_budget_reserves_the_instructions_and_every_attempt_at_full_length() -> None:
    judge = OpenAIJudge("some-model", max_output_tokens=1000, repair_attempts=2)
    short, long = (
        make_transcript(("customer", text), ("ai_agent", "Yes.")) for text in ("Hello there", "Hello " * 1000)
    )
    most = judge.most_usage(short)
    assert most.output_tokens == 3000
    assert most.input_tokens is not None
    assert most.input_tokens > 3 * len(instructions()) * 0.5 + 3000
    assert judge.most_usage(long).input_tokens == pytest.approx(most.input_tokens + 3 * 0.5 * 5990, abs=30)
