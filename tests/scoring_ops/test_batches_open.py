"""While a batch is open: nobody else pays for its transcripts, its money is set aside, and no crash starts it twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import sqlalchemy as sa

from scoring_ops.batch_collection import SILENT, UNCERTAIN
from scoring_ops.budget import Limits
from scoring_ops.cache_tables import BATCHES, LEASES, OUTCOMES, OWNERS
from scoring_ops.judges.batch import ProviderBatch, ProviderError, ProviderRefused
from scoring_ops.leases import Leases, Wanted
from scoring_ops.transcript import Transcript
from tests.fakes import openai_server as fake
from tests.scoring_ops.batch_desk import Desk, desk, parcels

__all__ = ["desk"]


class Killed(BaseException):
    """Stands for the end of the process: nothing runs after it."""


def test_a_normal_run_leaves_what_lies_in_a_batch_pending_and_pays_nothing_for_it(desk: Desk) -> None:
    given = parcels(5)
    desk.submit(given[:3])
    judged = desk.normal_run(given)
    assert judged.statuses == {"pending": 3, "scored": 2}
    assert desk.server.calls == 2
    desk.server.run()
    desk.collect()
    assert desk.normal_run(given, run_id="run-2").calls == 0


def test_an_older_failure_of_what_lies_in_a_batch_is_no_longer_how_it_stands(desk: Desk) -> None:
    given = parcels(2)
    desk.server.chat.behaviour = lambda _: fake.error(400, "no")
    assert desk.normal_run(given).statuses == {"model_error": 2}
    desk.submit(given)
    assert desk.rows(OUTCOMES) == []


def test_the_most_that_lines_can_cost_at_batch_price_is_set_aside(desk: Desk) -> None:
    (given,) = parcels(1)
    request = desk.judge().only_request(given)
    assert request is not None
    desk.submit([given])
    (lease,) = desk.rows(LEASES)
    most = ((request.most.input_tokens or 0) * 1.0 + (request.most.output_tokens or 0) * 10.0) / 2
    assert lease.reserved_nano_usd == pytest.approx(most * 1000, abs=1)


def test_a_batch_takes_no_more_than_the_budget_affords_and_a_run_does_not_wait_for_its_money(desk: Desk) -> None:
    given = parcels(5)
    desk.submit(given[:1])
    one = desk.rows(LEASES)[0].reserved_nano_usd / 1e9
    done = desk.submit(given, Limits(per_day=one * 3.5))
    assert (done.requests, done.unaffordable) == (2, 2)
    judged = desk.normal_run(given, Limits(per_day=one * 3.5))
    assert judged.statuses == {"pending": 3, "budget_stopped": 2}


def test_money_in_a_batch_is_not_waited_for_as_money_in_a_call_is(desk: Desk) -> None:
    scopes: dict[str, Any] = {"caps": {"day/1": 100}, "run_scope": "run/1", "day_scope": "day/1"}
    with Leases(desk.cache, "j") as first, Leases(desk.cache, "j") as second:
        assert first.claim([Wanted("a" * 64, 30)], **scopes).mine
        assert second.claim([Wanted("b" * 64, 80)], **scopes).waiting
        assert first.claim([Wanted("c" * 64, 30)], batch="batch:1", **scopes).mine
        assert second.claim([Wanted("b" * 64, 80)], **scopes).unaffordable
        assert second.claim([Wanted("c" * 64, 1)], **scopes).batched == {"c" * 64}
    assert [row.owner for row in desk.rows(LEASES)] == ["batch:1"]  # it outlives the process that submitted it


def test_a_submitter_killed_before_the_batch_was_sent_leaves_nothing_and_nothing_was_started(desk: Desk) -> None:
    given = parcels(3)
    killed_at(desk, "upload", given)
    assert desk.leases() == 3
    desk.collector.recover()
    assert (desk.leases(), desk.server.batches) == (0, {})
    assert desk.submit(given).requests == 3
    assert len(desk.server.batches) == 1


def killed_at(desk: Desk, step: str, given: list[Transcript], *, after: bool = False) -> None:
    """A submitter in another process that is gone before or after a step: its rows are all that is left."""
    own = desk.endpoint
    submitter = desk.submitter()

    class Dying:
        endpoint = own.endpoint

        def upload(self, file: BinaryIO, name: str) -> str:
            return self._at("upload", lambda: own.upload(file, name))

        def create(self, file_id: str, label: str) -> ProviderBatch:
            return self._at("create", lambda: own.create(file_id, label))

        def _at(self, name: str, call: Callable[[], Any]) -> Any:
            if name == step and not after:
                raise Killed
            made = call()
            if name == step:
                raise Killed
            return made

    submitter._provider = Dying()  # pyright: ignore[reportAttributeAccessIssue]
    submitter._give_up = lambda error: None  # a killed process tidies nothing
    with pytest.raises(Killed):
        submitter.submit(given)
    with desk.cache.engine.begin() as connection:
        connection.execute(sa.delete(OWNERS))


@pytest.mark.parametrize("metadata_is_kept", [True, False])
def test_a_batch_whose_submitter_died_after_starting_it_is_found_again_and_not_started_twice(
    desk: Desk, metadata_is_kept: bool
) -> None:
    given = parcels(3)
    killed_at(desk, "create", given, after=True)
    (batch,) = desk.server.batches.values()
    if not metadata_is_kept:
        del batch["metadata"]
    desk.collector.recover()
    assert desk.submit(given).elsewhere == 3
    assert len(desk.server.batches) == 1
    desk.server.run()
    assert desk.collect()[0].statuses == {"scored": 3}
    assert desk.normal_run(given).calls == 0


SUBMIT = """
import sys
from datetime import UTC, datetime
from pydantic import SecretStr
from scoring_ops.batch_submission import Submitter
from scoring_ops.budget import Budget, Limits
from scoring_ops.cache import JudgementCache
from scoring_ops.judges.batch_endpoint import BatchEndpoint
from scoring_ops.judges.openai import OpenAIJudge
from tests.scoring_ops.batch_desk import PRICE, parcels
url, cache = sys.argv[1:]
Submitter(
    OpenAIJudge("model-x", base_url=url), JudgementCache(cache), BatchEndpoint(url, SecretStr("")),
    budget=Budget(PRICE, Limits()), run_id="submission", clock=lambda: datetime.now(UTC),
).submit(parcels(3))
"""


@pytest.mark.slow
def test_a_submitter_killed_with_kill_9_while_the_provider_starts_its_batch_is_followed_without_a_second(
    desk: Desk,
) -> None:
    desk.server.trouble.create_hangs = True
    command = [sys.executable, "-c", SUBMIT, desk.server.base_url, str(desk.cache.engine.url)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as submitter:
        assert desk.server.created.wait(60), "no batch was started"
        submitter.kill()
    desk.server.trouble.create_hangs = False
    assert [batch.state for batch in desk.store.batches()] == ["sent"]
    desk.collector.recover()
    assert desk.submit(parcels(3)).elsewhere == 3
    desk.server.run()
    assert desk.collect()[0].statuses == {"scored": 3}
    assert len(desk.server.batches) == 1


def test_a_batch_that_was_sent_and_is_not_listed_yet_is_waited_for_then_its_file_is_deleted(desk: Desk) -> None:
    given = parcels(2)
    killed_at(desk, "create", given)
    desk.collector.recover()
    assert [batch.state for batch in desk.store.batches()] == ["sent"]
    assert desk.submit(given).elsewhere == 2
    assert desk.server.files != {}
    desk.later(seconds=UNCERTAIN.total_seconds() + 1)
    desk.collector.recover()
    assert [batch.state for batch in desk.store.batches()] == ["abandoned"]
    assert (desk.leases(), desk.server.files) == (0, {})


def test_a_creation_whose_answer_is_lost_is_not_repeated_but_found(desk: Desk) -> None:
    given = parcels(2)
    desk.server.trouble.answer_of_create_is_lost = True
    with pytest.raises(ProviderError):
        desk.submit(given)
    assert len(desk.server.batches) == 1
    desk.collector.recover()
    assert [batch.state for batch in desk.store.batches()] == ["open"]
    assert desk.submit(given).elsewhere == 2


def test_a_provider_without_batches_is_told_at_once_and_keeps_nothing_back(desk: Desk) -> None:
    given = parcels(2)
    desk.server.trouble.failing = {"POST /v1/batches": 404}
    with pytest.raises(ProviderRefused, match="answered 404"):
        desk.submit(given)
    assert desk.leases() == 0
    assert [batch.state for batch in desk.store.batches()] == ["abandoned"]


def test_an_upload_that_fails_keeps_nothing_back_and_shows_no_key(desk: Desk) -> None:
    desk.server.trouble.failing = {"POST /v1/files": 500}
    with pytest.raises(ProviderError) as raised:
        desk.submit(parcels(2))
    assert "sk-planted" not in str(raised.value)
    assert desk.leases() == 0


def test_a_batch_in_the_making_is_left_to_its_submitter_while_that_lives(desk: Desk) -> None:
    killed_at(desk, "upload", parcels(1))
    owner = {"owner": desk.store.batches()[0].submitter, "machine": "elsewhere", "pid": os.getpid(), "beat": 1}
    with desk.cache.engine.begin() as connection:
        connection.execute(sa.insert(OWNERS), [owner])
    desk.collector.recover()
    assert desk.leases() == 1
    desk.later(seconds=SILENT.total_seconds() + 1)
    desk.collector.recover()
    assert desk.leases() == 0


def test_a_batch_taken_over_by_another_process_is_not_sent_by_its_first_submitter(desk: Desk) -> None:
    killed_at(desk, "upload", parcels(1))
    (batch,) = desk.store.batches()
    assert desk.store.take_over(batch, "another")
    assert not desk.store.take_over(batch, "a third")
    with pytest.raises(RuntimeError, match="was taken over"):
        desk.store.change(batch, state="sent")


def test_batches_of_another_endpoint_are_left_alone(desk: Desk) -> None:
    desk.submit(parcels(1))
    with desk.cache.engine.begin() as connection:
        connection.execute(sa.update(BATCHES).values(endpoint="http://elsewhere/v1"))
    desk.server.run()
    assert desk.collect() == []
    assert desk.leases() == 1
