"""The OpenAI judge against a server on the loopback: what it asks, and what becomes of each kind of answer."""

import asyncio
import json
from collections.abc import Callable

import pytest

from scoring_ops.claims import Claims, findings
from scoring_ops.conversation import Conversation, Message
from scoring_ops.evidence import verify
from scoring_ops.judges.openai import OpenAIJudge
from scoring_ops.judges.protocol import (
    Answer,
    EndpointRejected,
    JudgeError,
    ModelUnavailable,
    Refused,
    SchemaBroken,
    Usage,
)
from scoring_ops.judges.strict_schema import claims_schema
from scoring_ops.transcript import Transcript, transcribe
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour, OpenAIServer

KEY = "sk-planted-0123456789-secret"
Serve = Callable[[Behaviour], OpenAIServer]


def a_transcript(*said: tuple[str, str]) -> Transcript:
    messages = tuple(
        Message(message_id=f"id-{n}", position=n, author_type=author, text=text)  # pyright: ignore[reportArgumentType]
        for n, (author, text) in enumerate(
            said
            or (
                ("customer", "Hello, my parcel never arrived."),
                ("human_agent", "I am sorry. I have sent it again today."),
                ("customer", "Thank you, that was quick!"),
            )
        )
    )
    return transcribe(
        Conversation(
            workspace_id="w", source="s", conversation_id="c", version_at="2026-01-01T00:00Z", messages=messages
        )  # pyright: ignore[reportArgumentType]
    )


def a_judge(server: OpenAIServer, **settings: object) -> OpenAIJudge:
    return OpenAIJudge("model-x", **{"api_key": KEY, "base_url": server.base_url, **settings})  # pyright: ignore[reportArgumentType]


def ask(judge: OpenAIJudge, *transcripts: Transcript) -> list[Answer]:
    async def run() -> list[Answer]:
        async with judge:
            return list(await asyncio.gather(*(judge.judge(t) for t in transcripts or (a_transcript(),))))

    return asyncio.run(run())


def failure_of(judge: OpenAIJudge) -> JudgeError:
    with pytest.raises(JudgeError) as raised:
        ask(judge)
    return raised.value


def test_a_good_answer_is_returned_as_the_models_own_json_with_its_usage(serve: Serve) -> None:
    server = serve(fake.good_claims)
    (answer,) = ask(a_judge(server))
    claims = Claims.model_validate_json(answer.claims_json)
    assert answer.usage == Usage(1000, 200)
    assert not verify(findings(claims), a_transcript()).rejected
    assert len(server.requests) == 1


def test_the_request_is_strict_deterministic_and_holds_turns_only(serve: Serve) -> None:
    server = serve(fake.good_claims)
    ask(a_judge(server))
    (request,) = server.requests
    assert request.form == "json_schema"
    assert request.body["response_format"]["json_schema"] == {
        "name": "claims",
        "strict": True,
        "schema": claims_schema(),
    }
    assert (request.body["temperature"], request.body["seed"], request.body["max_tokens"]) == (0.0, 7, 4096)
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert [(t.number, t.author, t.text) for t in request.turns] == [
        (t.number, t.author_type, t.text) for t in a_transcript().turns
    ]
    assert "id-0" not in request.raw


def test_a_model_that_misquotes_is_answered_for_by_the_evidence_check(serve: Serve) -> None:
    (answer,) = ask(a_judge(serve(fake.wrong_quotes)))
    verified = verify(findings(Claims.model_validate_json(answer.claims_json)), a_transcript())
    assert {finding.claim for finding in verified.rejected} == {"issues.0", "sentiment.end"}


@pytest.mark.parametrize("behaviour", [fake.refusal, fake.filtered])
def test_a_refusal_is_an_outcome_and_is_not_asked_again(serve: Serve, behaviour: Behaviour) -> None:
    server = serve(behaviour)
    failure = failure_of(a_judge(server))
    assert isinstance(failure, Refused)
    assert failure.usage.input_tokens in {900, 1000}
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation", "invalid_prompt"])
def test_a_request_stopped_by_a_content_filter_is_a_refusal(serve: Serve, code: str) -> None:
    server = serve(lambda _: fake.error(400, "The response was filtered", code))
    assert isinstance(failure_of(a_judge(server)), Refused)


@pytest.mark.parametrize("behaviour", [fake.cut_off, fake.invalid_json, fake.schema_breaking, fake.empty])
def test_a_broken_answer_is_repaired_and_both_attempts_are_paid(serve: Serve, behaviour: Behaviour) -> None:
    server = serve(fake.in_turn(behaviour, fake.good_claims))
    (answer,) = ask(a_judge(server))
    Claims.model_validate_json(answer.claims_json)
    assert len(server.requests) == 2
    assert answer.usage.input_tokens == 2000


@pytest.mark.parametrize("behaviour", [fake.cut_off, fake.invalid_json, fake.schema_breaking, fake.empty])
def test_an_answer_that_stays_broken_ends_after_the_repair_attempts(serve: Serve, behaviour: Behaviour) -> None:
    server = serve(behaviour)
    failure = failure_of(a_judge(server, repair_attempts=2))
    assert isinstance(failure, SchemaBroken)
    assert len(server.requests) == 3
    assert failure.usage.input_tokens == 3000


def test_a_repair_names_the_broken_fields_and_does_not_grow(serve: Serve) -> None:
    server = serve(fake.schema_breaking)
    failure_of(a_judge(server, repair_attempts=3))
    messages = [request.body["messages"] for request in server.requests]
    assert [len(m) for m in messages] == [2, 4, 4, 4]
    assert "judge_rating" in messages[1][-1]["content"]
    assert "extra: Extra inputs are not permitted" in messages[1][-1]["content"]
    assert messages[2] == messages[3]


def test_a_cut_off_answer_is_not_sent_back(serve: Serve) -> None:
    server = serve(fake.in_turn(fake.cut_off, fake.good_claims))
    ask(a_judge(server))
    assert [m["role"] for m in server.requests[1].body["messages"]] == ["system", "user"]
    assert "shorter" in server.requests[1].body["messages"][-1]["content"]


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_a_rejected_key_model_or_account_is_told_apart_and_not_repeated(serve: Serve, status: int) -> None:
    server = serve(lambda _: fake.error(status, "no such model", "model_not_found"))
    failure = failure_of(a_judge(server))
    assert isinstance(failure, EndpointRejected)
    assert failure.status == "model_error"
    assert str(status) in str(failure)
    assert len(server.requests) == 1


def test_an_exhausted_quota_is_a_rejection_and_one_flagged_conversation_is_not(serve: Serve) -> None:
    spent = serve(lambda _: fake.error(429, "You exceeded your quota", "insufficient_quota", retry_after_ms="1"))
    assert isinstance(failure_of(a_judge(spent, max_retries=1)), EndpointRejected)
    body = {"error": {"message": "flagged", "code": 403, "metadata": {"flagged_input": "..."}}}
    flagged = serve(lambda _: fake.Reply(body, 403))
    assert isinstance(failure_of(a_judge(flagged)), Refused)


def test_a_passing_fault_is_repeated_and_a_lasting_one_is_unavailable(serve: Serve) -> None:
    passing = serve(fake.in_turn(fake.failing, fake.failing, fake.good_claims))
    assert len(ask(a_judge(passing, max_retries=2))) == 1
    lasting = serve(fake.failing)
    failure = failure_of(a_judge(lasting, max_retries=2))
    assert type(failure) is ModelUnavailable
    assert len(lasting.requests) == 3


def test_a_refusal_for_load_uses_up_no_attempt(serve: Serve) -> None:
    server = serve(fake.in_turn(*[fake.too_many_requests] * 5, fake.good_claims))
    assert len(ask(a_judge(server, max_retries=0))) == 1
    assert len(server.requests) == 6


def test_an_endpoint_that_refuses_everything_for_load_stops_judging_in_the_end(serve: Serve) -> None:
    failure = failure_of(a_judge(serve(fake.too_many_requests), patience=0.2))
    assert type(failure) is EndpointRejected
    assert "gave up after 0.2 s" in str(failure)


@pytest.mark.parametrize("behaviour", [fake.dropped, fake.hanging])
def test_a_lost_or_silent_connection_is_unavailable(serve: Serve, behaviour: Behaviour) -> None:
    failure = failure_of(a_judge(serve(behaviour), max_retries=0, timeout=0.2))
    assert type(failure) is ModelUnavailable


def test_an_endpoint_nobody_listens_on_is_unavailable() -> None:
    judge = OpenAIJudge("m", base_url="http://127.0.0.1:9/v1", max_retries=0)
    assert type(failure_of(judge)) is ModelUnavailable


@pytest.mark.parametrize(
    "reply",
    [
        fake.Reply("<html>please log in</html>", headers={"Content-Type": "text/html"}),
        fake.Reply("{broken", headers={"Content-Type": "application/json"}),
        fake.Reply({"error": {"message": "upstream failed"}}),
        fake.Reply({"choices": []}),
        fake.Reply([1, 2]),
        fake.error(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
    ],
)
def test_an_answer_that_is_no_completion_is_unavailable_and_not_a_crash(serve: Serve, reply: fake.Reply) -> None:
    server = serve(lambda _: reply)
    assert type(failure_of(a_judge(server))) is ModelUnavailable
    assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [fake.unauthorised, fake.failing, fake.dropped])
def test_the_key_is_in_no_error_repr_or_log(
    serve: Serve, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    echoing = fake.in_turn(lambda _: fake.error(400, f"response_format unsupported, your key: {KEY}"), behaviour)
    judge = a_judge(serve(echoing), max_retries=0)
    failure = failure_of(judge)
    assert failure.__context__ is None
    told = [repr(failure), str(failure), repr(judge), str(vars(judge)), repr(judge.identity), caplog.text]
    assert caplog.text
    assert not [text for text in told if KEY in text]


def test_of_what_a_server_complains_only_codes_that_everybody_knows_are_told(serve: Serve) -> None:
    server = serve(lambda _: fake.error(403, f"key {KEY} may not use this model", "their_words"))
    assert str(failure_of(a_judge(server))) == (
        "127.0.0.1 answered 403: invalid_request_error; look at OPENAI_API_KEY and CX_MODEL; "
        "`cxscore doctor --call` shows its own words"
    )
    halves = serve(
        lambda _: fake.error(401, f"Incorrect API key provided: {KEY[:10]}****{KEY[-4:]}", "invalid_api_key")
    )
    detail = str(failure_of(a_judge(halves)))
    assert detail.startswith("127.0.0.1 answered 401: invalid_api_key; look at OPENAI_API_KEY; ")
    assert KEY[:10] not in detail


def test_identity_and_cache_key_depend_on_what_changes_the_answer_and_on_nothing_else() -> None:
    def made(model: str = "m", base_url: str = "http://one/v1", **settings: object) -> tuple[object, str]:
        judge = OpenAIJudge(model, base_url=base_url, **settings)  # pyright: ignore[reportArgumentType]
        return judge.identity, judge.cache_key(a_transcript())

    plain = made()
    same = [
        made(api_key=KEY),
        made(timeout=1.0),
        made(max_retries=0),
        made(repair_attempts=9),
        made(base_url="https://two:8000/v1"),
    ]
    others = [
        made("other"),
        made(temperature=1.0),
        made(seed=None),
        made(max_output_tokens=99),
        made(base_url="https://api.openai.com/v1"),
    ]
    assert all(one == plain for one in same)
    assert len({plain, *others}) == len(others) + 1
    assert len({key for _, key in (plain, *others)}) == len(others) + 1


def test_equal_words_share_a_cache_key_and_other_words_do_not() -> None:
    judge = OpenAIJudge("m")
    renamed = Transcript(
        tuple(turn._replace(message_id="other") for turn in a_transcript().turns),
        a_transcript().transcript_hash,
        "none",
    )
    assert judge.cache_key(renamed) == judge.cache_key(a_transcript())
    assert judge.cache_key(a_transcript(("customer", "Hello there"))) != judge.cache_key(a_transcript())
    assert (judge.identity.family, OpenAIJudge("m", base_url="http://openai.com.example/v1").identity.family) == (
        "openai",
        "compatible",
    )


def test_one_judge_serves_many_conversations_at_once_and_can_be_opened_again(serve: Serve) -> None:
    server = serve(fake.good_claims)
    judge = a_judge(server)
    transcripts = [a_transcript(("customer", f"Question number {n}"), ("ai_agent", f"Answer {n}")) for n in range(40)]
    answers = ask(judge, *transcripts)
    quotes = [json.loads(a.claims_json)["sentiment"]["start_evidence"][0]["quote"] for a in answers]
    assert quotes == [f"Question number {n}" for n in range(40)]
    assert len(ask(judge)) == 1


def test_a_judge_left_open_in_one_loop_says_so_in_another(serve: Serve) -> None:
    judge = a_judge(serve(fake.good_claims))
    first = asyncio.new_event_loop()
    try:
        first.run_until_complete(judge.judge(a_transcript()))
        with pytest.raises(RuntimeError, match="another event loop"):
            asyncio.run(judge.judge(a_transcript()))
        first.run_until_complete(judge.aclose())
    finally:
        first.close()
