"""Batches: they warm the cache at half price, and whatever goes wrong in them is left to the next run, never lost."""

import json

import pytest

from scoring_ops.batch_file import BatchFile
from scoring_ops.budget import Limits
from scoring_ops.cache_tables import BATCH_ITEMS, LEASES, METADATA, SPENDING
from scoring_ops.judges.batch import ProviderError
from tests.builders import make_transcript
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour, Received, Reply
from tests.scoring_ops.batch_desk import KEY, Desk, desk, parcels

__all__ = ["desk"]


def by_parcel(**behaviours: Behaviour) -> Behaviour:
    """Another behaviour for the conversations about some parcels, such as p1."""

    def answer(request: Received) -> Reply:
        said = request.turns[0].text
        own = (behaviour for name, behaviour in behaviours.items() if f"number {name[1:]}?" in said)
        return next(own, fake.good_claims)(request)

    return answer


def test_after_a_batch_a_normal_run_calls_nobody(desk: Desk) -> None:
    given = parcels(7)
    assert desk.submit(given).requests == 7
    desk.server.run()
    (collected,) = desk.collect()
    assert (collected.status, collected.statuses) == ("completed", {"scored": 7})
    assert desk.normal_run(given).calls == 0
    assert desk.unsettled(given) == []
    assert desk.server.calls == 0


def test_a_line_asks_in_the_very_words_of_the_judge_and_its_answer_has_the_judges_key(desk: Desk) -> None:
    batched, asked = parcels(2)
    desk.submit([batched])
    desk.server.run()
    desk.collect()
    desk.normal_run([asked])
    (line,) = desk.server.lines()
    (request,) = desk.server.chat.requests
    assert {**line["body"], "messages": 0} == {**request.body, "messages": 0}
    assert line["body"]["messages"][0] == request.body["messages"][0]
    (answer,) = desk.cache.answers(desk.judge().identity.version, [batched.transcript_hash])
    assert answer.call.cache_key == desk.judge().cache_key(batched)


def test_the_ledger_books_every_line_at_half_price_on_the_day_of_submission(desk: Desk) -> None:
    desk.submit(parcels(2))
    desk.later(hours=20)
    desk.server.run()
    (collected,) = desk.collect()
    half = (1000 * 1.0 + 200 * 10.0) / 1e6 / 2
    assert [line.cost_usd for line in desk.ledger()] == pytest.approx([half, half])
    assert collected.cost_usd == pytest.approx(2 * half)
    spent = {row.scope: row.settled_nano_usd for row in desk.rows(SPENDING)}
    assert spent == {"day/2026-03-02": 3_000_000, "run/submission": 3_000_000}


def test_equal_transcripts_share_one_line(desk: Desk) -> None:
    assert desk.submit(parcels(3) * 2).requests == 3
    lines = desk.server.lines()
    assert len({line["custom_id"] for line in lines}) == len(lines) == 3


def test_what_is_settled_or_lies_in_a_batch_is_not_submitted_again(desk: Desk) -> None:
    given = parcels(6)
    desk.normal_run(given[:2])
    desk.submit(given[:4])
    again = desk.submit(given)
    assert (again.requests, again.settled, again.elsewhere) == (2, 2, 2)


def test_a_long_transcript_is_left_to_the_normal_run_and_counted(desk: Desk) -> None:
    long = make_transcript(("customer", "My parcel is lost. " * 400), ("ai_agent", "It comes. " * 400))
    done = desk.submitter(window_tokens=1000).submit([long, *parcels(1)])
    assert (done.requests, done.long) == (1, 1)


def test_only_answers_and_refusals_are_final_and_all_else_is_left_to_the_normal_run(desk: Desk) -> None:
    given = parcels(6)
    desk.server.chat.behaviour = by_parcel(
        p1=fake.refusal, p2=fake.cut_off, p3=fake.schema_breaking, p4=fake.failing, p5=fake.invalid_json
    )
    desk.submit(given)
    desk.server.run()
    (collected,) = desk.collect()
    assert collected.statuses == {"scored": 1, "refused": 1, "schema_error": 3, "model_error": 1}
    assert desk.unsettled(given) == [given[2], given[3], given[4], given[5]]
    assert len(desk.ledger()) == 5  # what failed was not paid
    assert desk.leases() == 0
    desk.server.chat.behaviour = fake.good_claims
    assert desk.normal_run(given).statuses == {"scored": 4}


def test_no_words_of_a_conversation_are_kept_of_a_failed_line(desk: Desk) -> None:
    said = by_parcel(p0=lambda request: fake.error(400, f"too long: {request.turns[0].text}", "context_length"))
    desk.server.chat.behaviour = said
    desk.submit(parcels(1))
    desk.server.run()
    (collected,) = desk.collect()
    assert collected.statuses == {"model_error": 1}
    assert "parcel" not in json.dumps([list(map(str, row)) for row in desk.rows(BATCH_ITEMS)])


@pytest.mark.parametrize("status", ["expired", "cancelled"])
def test_a_batch_that_ended_early_gives_what_it_did_and_frees_the_rest(desk: Desk, status: str) -> None:
    given = parcels(5)
    desk.submit(given)
    desk.server.run(status, done=2)
    (collected,) = desk.collect()
    assert (collected.status, collected.statuses) == (status, {"scored": 2, "model_error": 3})
    assert desk.leases() == 0
    assert desk.normal_run(given).calls == 3


def test_a_batch_that_fails_validation_costs_nothing_and_says_why(desk: Desk) -> None:
    given = parcels(3)
    desk.submit(given, Limits(per_day=100.0))
    desk.server.fail("token_limit_exceeded", "Enqueued token limit reached for model-x.")
    (collected,) = desk.collect()
    assert (collected.status, collected.statuses) == ("failed", {"": 3})
    assert collected.detail == "token_limit_exceeded"
    assert (desk.leases(), desk.ledger()) == (0, [])
    assert desk.submit(given).requests == 3


def test_of_a_failed_validation_only_known_codes_and_numbers_of_lines_are_told(desk: Desk) -> None:
    desk.submit(parcels(1))
    desk.server.fail("my parcel", "where is my parcel")
    (batch,) = desk.server.batches.values()
    batch["errors"]["data"] += [{"code": "invalid_json_line", "line": 3}, {"code": "empty_file", "line": "my parcel"}]
    (collected,) = desk.collect()
    assert collected.detail == "error; invalid_json_line in line 3; empty_file"


@pytest.mark.parametrize("written", [KEY, KEY.replace("sk-", "\\u0073k\\u002D")])
def test_a_key_in_a_batch_or_its_results_is_not_kept(desk: Desk, written: str) -> None:
    def saying_it(request: Received) -> fake.Reply:
        claims = {**fake.claims_about(request.turns), "summary": "It is HERE."}
        return fake.completion(json.dumps(claims).replace("HERE", written))

    desk.server.chat.behaviour = saying_it
    desk.submit(parcels(2))
    desk.server.run()
    (collected,) = desk.collect()
    assert collected.statuses == {"scored": 2}
    kept = [str(row) for table in METADATA.sorted_tables for row in desk.rows(table)]
    assert [row for row in kept if "It is ***." in row]
    assert not [row for row in kept if "planted-0123456789" in row]


def test_a_completed_batch_without_any_answer_frees_everything(desk: Desk) -> None:
    desk.server.chat.behaviour = fake.failing
    given = parcels(2)
    desk.submit(given)
    desk.server.run()
    assert "output_file_id" not in next(iter(desk.server.batches.values()))
    (collected,) = desk.collect()
    assert collected.statuses == {"model_error": 2}
    assert desk.unsettled(given) == given


def test_money_for_results_that_are_gone_counts_as_spent(desk: Desk) -> None:
    given, limits = parcels(2), Limits(per_day=100.0)
    desk.submit(given, limits)
    reserved = sum(row.reserved_nano_usd for row in desk.rows(LEASES))
    desk.server.run(keeps_files=False)
    (collected,) = desk.collect()
    assert collected.detail == "2 results are gone"
    spent = {row.scope: row.settled_nano_usd for row in desk.rows(SPENDING)}
    assert spent["day/2026-03-02"] == reserved > 0
    assert desk.leases() == 0


def test_a_line_separator_within_an_answer_does_not_part_its_line(desk: Desk) -> None:
    def separated(request: Received) -> Reply:
        return fake.completion(
            json.dumps({**fake.claims_about(request.turns), "summary": "A\u2028b\x85c."}, ensure_ascii=False)
        )

    desk.server.chat.behaviour = separated
    desk.submit(parcels(2))
    desk.server.run()
    assert desk.collect()[0].statuses == {"scored": 2}


def test_collecting_twice_changes_nothing(desk: Desk) -> None:
    desk.submit(parcels(3))
    desk.server.run()
    polled = list(desk.collector.poll())
    assert [desk.collector.collect(one) is not None for one in polled] == [True]
    before = (desk.ledger(), desk.rows(SPENDING), desk.store.batches())
    assert desk.collect() == []
    desk.collector.collect(polled[0])  # a second collector that polled at the same time
    assert (desk.ledger(), desk.rows(SPENDING), desk.store.batches()) == before


def test_a_batch_whose_results_cannot_be_read_now_is_collected_later(desk: Desk) -> None:
    desk.submit(parcels(3))
    desk.server.run()
    desk.server.trouble.failing = {"GET /v1/batches/": 503}
    with pytest.raises(ProviderError, match="answered 503") as raised:
        desk.collect()
    assert "sk-planted" not in str(raised.value)
    desk.server.trouble.failing = {"GET /v1/files/": 500}
    with pytest.raises(ProviderError, match="answered 500"):
        desk.collect()
    assert desk.leases() == 3
    desk.server.trouble.failing = {}
    assert desk.collect()[0].statuses == {"scored": 3}


def test_a_running_batch_is_left_alone(desk: Desk) -> None:
    desk.submit(parcels(2))
    assert desk.collect() == []
    (batch,) = desk.store.batches("open")
    assert desk.collector.cancel(batch).status == "cancelling"
    assert desk.collect() == []
    assert desk.leases() == 2


@pytest.mark.parametrize("limit", [{"most_requests": 100}, {"most_bytes": 3_300_000}])
def test_a_file_that_is_full_by_count_or_bytes_ends_and_another_begins(desk: Desk, limit: dict[str, int]) -> None:
    given = parcels(250)
    done = desk.submitter(new_file=lambda: BatchFile(**limit)).submit(given)
    assert len(done.batches) == 3
    assert sum(batch.requests for batch in done.batches) == done.requests == 250
    for batch in desk.server.batches.values():
        content = desk.server.files[batch["input_file_id"]]
        assert content.count(b"\n") <= limit.get("most_requests", 250)
        assert len(content) <= limit.get("most_bytes", 10**9)
    desk.server.run()
    desk.collect()
    assert desk.unsettled(given) == []
