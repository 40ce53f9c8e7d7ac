"""Answers that arrive and are no good: each conversation gets one status, and what was paid is in the ledger."""

import random
from collections import Counter

import pytest

from scoring_ops.cache import JudgementCache
from scoring_ops.cache_tables import ANSWERS
from scoring_ops.claims import Claims, findings
from scoring_ops.evidence import verify
from tests.fakes import bad_weather as weather
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour
from tests.scoring_ops.weather.books import a_day, a_judge, judged, number_of, paid, rows, settled
from tests.scoring_ops.weather.conftest import Serve

pytestmark = pytest.mark.slow

BROKEN = [fake.invalid_json, fake.schema_breaking, fake.empty, fake.cut_off]
UNREADABLE = [weather.not_json, weather.not_a_completion, weather.no_choices]


@pytest.mark.parametrize("behaviour", BROKEN)
def test_an_answer_that_is_no_claims_is_asked_for_again_and_costs_twice(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(12), serve(weather.once_each(behaviour))
    done = judged(a_judge(server), cache, given)
    assert done.statuses == settled(cache, given) == {"scored": 12}
    assert paid(cache) == {"schema_error": 12, "scored": 12}
    assert len(server.requests) == done.calls == 24


@pytest.mark.parametrize("behaviour", BROKEN)
def test_answers_that_never_become_claims_are_schema_errors_and_are_not_asked_for_by_the_next_run(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(6), serve(weather.by_conversation({2: behaviour}, number_of))
    assert judged(a_judge(server), cache, given).statuses == {"scored": 5, "schema_error": 1}
    assert paid(cache) == {"scored": 5, "schema_error": 2}
    assert judged(a_judge(server), cache, given, run_id="run-2").elsewhere == 6
    assert settled(cache, given) == {"scored": 5, "schema_error": 1}
    assert len(server.requests) == 7


@pytest.mark.parametrize("behaviour", [fake.refusal, fake.filtered])
def test_a_refused_conversation_is_refused_alone_and_only_a_retry_on_purpose_asks_again(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(6), serve(weather.by_conversation({2: behaviour}, number_of))
    assert judged(a_judge(server), cache, given).statuses == {"scored": 5, "refused": 1}
    assert judged(a_judge(server), cache, given, run_id="run-2").calls == 0
    server.behaviour = fake.good_claims
    assert judged(a_judge(server), cache, given, run_id="run-3", retry_failed=True).statuses == {"scored": 1}
    assert settled(cache, given) == {"scored": 6}
    assert paid(cache) == {"scored": 6, "refused": 1}


def test_wrong_quotes_are_scored_and_their_claims_rejected_at_the_proof(serve: Serve, cache: JudgementCache) -> None:
    given = a_day(4)
    judged(a_judge(serve(fake.wrong_quotes)), cache, given)
    assert settled(cache, given) == {"scored": 4}
    by_hash = {t.transcript_hash: t for t in given}
    for row in rows(cache, ANSWERS):
        claims = Claims.model_validate_json(row["claims_json"])
        rejected = verify(findings(claims), by_hash[row["transcript_hash"]]).rejected
        assert {finding.claim for finding in rejected} == {"issues.0", "sentiment.end"}


def test_a_server_that_does_not_know_response_format_scores_all_the_same(serve: Serve, cache: JudgementCache) -> None:
    given = a_day(30)
    server = serve(fake.without("json_schema", "json_object", then=fake.fenced_claims))
    assert judged(a_judge(server), cache, given).statuses == settled(cache, given) == {"scored": 30}
    assert paid(cache) == {"scored": 30}
    assert len(server.requests) <= 30 + 2 * 16  # what was in flight before the first two refusals came back


def test_a_server_that_ignores_response_format_and_answers_in_prose_around_json_is_understood(
    serve: Serve, cache: JudgementCache
) -> None:
    given, server = a_day(8), serve(fake.fenced_claims)
    assert judged(a_judge(server), cache, given).statuses == settled(cache, given) == {"scored": 8}
    assert len(server.requests) == 8


@pytest.mark.parametrize("behaviour", UNREADABLE)
def test_an_answer_that_is_no_completion_fails_its_conversation_until_the_next_run(
    serve: Serve, cache: JudgementCache, behaviour: Behaviour
) -> None:
    given, server = a_day(10), serve(weather.by_conversation({3: behaviour, 7: behaviour}, number_of))
    judge = a_judge(server)
    assert judged(judge, cache, given).statuses == settled(cache, given) == {"scored": 8, "model_error": 2}
    server.behaviour = fake.good_claims
    assert judged(judge, cache, given, run_id="run-2").statuses == {"scored": 2}
    assert settled(cache, given) == {"scored": 10}
    paid(cache)


ALL_AT_ONCE: list[Behaviour] = [
    *BROKEN,
    *UNREADABLE,
    fake.refusal,
    fake.filtered,
    fake.wrong_quotes,
    fake.dropped,
    fake.failing,
    weather.cut_in_the_headers,
    weather.cut_in_the_body,
    weather.not_http,
    weather.refusing(retry_after_ms="5"),
    weather.refusing(),
    lambda _: fake.error(503, "overloaded", retry_after_ms="5"),
    lambda _: fake.error(400, "The response was filtered", "content_filter"),
    lambda _: fake.error(400, "maximum context length is 10 tokens", "context_length_exceeded"),
    weather.telling(x_ratelimit_remaining_requests="nan", x_ratelimit_reset_requests="never"),
]


@pytest.mark.slow
def test_one_answer_in_a_hundred_broken_in_each_way_at_once_leaves_every_conversation_with_one_status(
    serve: Serve, cache: JudgementCache
) -> None:
    given, chance = a_day(500), random.Random(11)

    def behaviour(request: fake.Received) -> fake.Reply:
        dice = chance.random() * 100
        return (ALL_AT_ONCE[int(dice)] if dice < len(ALL_AT_ONCE) else fake.good_claims)(request)

    server = serve(behaviour)
    done = judged(a_judge(server), cache, given, concurrency=48)
    statuses = settled(cache, given)
    assert done.statuses == statuses
    assert statuses.total() == 500
    assert statuses["scored"] >= 450
    assert statuses.keys() <= {"scored", "refused", "schema_error", "model_error"}
    assert paid(cache)["scored"] == statuses["scored"]
    again = judged(a_judge(server), cache, given, run_id="run-2")
    assert again.elsewhere + again.statuses.total() == 500
    assert settled(cache, given).total() == 500


def test_a_day_of_equal_conversations_is_one_call_and_one_status(serve: Serve, cache: JudgementCache) -> None:
    given, server = a_day(1) * 40, serve(weather.after(0.05))
    assert judged(a_judge(server), cache, given).statuses == Counter(settled(cache, given)) == {"scored": 1}
    assert len(server.requests) == 1
