"""The scorer and the cache: every answer kept as it arrives, nothing paid twice, no failure spreads."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from scoring_ops.budget import Budget, Price
from scoring_ops.budget import Limits as Money
from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.cache_tables import LEASES, OWNERS
from scoring_ops.judges.protocol import Answer, EndpointRejected, ModelUnavailable, Refused, SchemaBroken
from scoring_ops.judges.replay import ReplayJudge
from scoring_ops.scorer import Judged, Scorer
from scoring_ops.transcript import Transcript
from tests.builders import make_transcript
from tests.fakes.judge import FakeJudge, quoting

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREE = Price(input=0, output=0)


@pytest.fixture
def cache(shared_url: str) -> Iterator[JudgementCache]:
    with open_cache(shared_url) as cache:
        yield cache


def transcripts(count: int) -> list[Transcript]:
    return [
        make_transcript(("customer", f"Where is parcel number {n}?"), ("ai_agent", "It comes.")) for n in range(count)
    ]


def judge_all(
    cache: JudgementCache,
    judge: FakeJudge | ReplayJudge,
    given: list[Transcript],
    *,
    budget: Budget | None = None,
    concurrency: int = 4,
    run_id: str = "run-1",
    retry_failed: bool = False,
) -> Judged:
    scorer = Scorer(
        judge,
        cache,
        budget=budget or Budget(FREE, Money()),
        concurrency=concurrency,
        run_id=run_id,
        retry_failed=retry_failed,
        clock=lambda: NOON,
    )
    return asyncio.run(scorer.judge_all(given))


def missing(
    given: list[Transcript], judge_version: str, cache: JudgementCache, *, retry_failed: bool
) -> list[Transcript]:
    hashes = [t.transcript_hash for t in given]
    settled = cache.settled(judge_version, hashes, retry_failed=retry_failed)
    return [t for t in given if t.transcript_hash not in settled]


def failing_for(text: str, error: Exception):
    def script(transcript: Transcript) -> str:
        if text in transcript.turns[0].text:
            raise error
        return quoting(transcript)

    return script


def test_every_transcript_is_judged_once_and_found_in_the_cache(cache: JudgementCache) -> None:
    given, judge = transcripts(20), FakeJudge()
    judged = judge_all(cache, judge, given)
    assert judged.statuses == {"scored": 20}
    assert len(judge.asked) == 20
    assert missing(given, judge.identity.version, cache, retry_failed=False) == []
    assert cache.calls_of(["run-1"]).attempts == 20


def test_equal_transcripts_share_one_call(cache: JudgementCache) -> None:
    judge = FakeJudge()
    judge_all(cache, judge, transcripts(1) * 5)
    assert len(judge.asked) == 1


def test_another_judge_finds_nothing_of_this_one(cache: JudgementCache) -> None:
    given = transcripts(3)
    judge_all(cache, FakeJudge(digest="0000"), given)
    assert len(missing(given, FakeJudge(digest="1111").identity.version, cache, retry_failed=False)) == 3


@pytest.mark.parametrize(
    ("error", "status", "is_final"),
    [
        (Refused("no"), "refused", True),
        (SchemaBroken("bad"), "schema_error", True),
        (ModelUnavailable("down"), "model_error", False),
        (ZeroDivisionError("a defect"), "model_error", False),
    ],
)
def test_a_failure_is_an_outcome_of_its_own_conversation_alone(
    cache: JudgementCache, error: Exception, status: str, is_final: bool
) -> None:
    given, judge = transcripts(5), FakeJudge(failing_for("number 3", error))
    judged = judge_all(cache, judge, given)
    assert judged.statuses == {"scored": 4, status: 1}
    left = missing(given, judge.identity.version, cache, retry_failed=False)
    assert left == ([] if is_final else [given[3]])
    assert missing(given, judge.identity.version, cache, retry_failed=True) == [given[3]]


def test_a_defect_in_a_judge_is_stored_without_the_words_of_the_conversation(cache: JudgementCache) -> None:
    given = transcripts(1)
    judge = FakeJudge(failing_for("number 0", ValueError("Where is parcel number 0?")))
    judge_all(cache, judge, given)
    (outcome,) = cache.outcomes(judge.identity.version, [given[0].transcript_hash])
    assert outcome.detail == "the judge failed with ValueError"


def test_claims_that_break_the_schema_never_enter_the_cache(cache: JudgementCache) -> None:
    given, judge = transcripts(1), FakeJudge(lambda _: '{"issues": "none"}')
    assert judge_all(cache, judge, given).statuses == {"schema_error": 1}
    assert list(cache.answers(judge.identity.version, [given[0].transcript_hash])) == []


def test_an_answer_after_a_failure_replaces_the_outcome(cache: JudgementCache) -> None:
    given = transcripts(1)
    judge_all(cache, FakeJudge(failing_for("parcel", ModelUnavailable("down"))), given)
    judge_all(cache, FakeJudge(), given)
    assert list(cache.outcomes(FakeJudge().identity.version, [given[0].transcript_hash])) == []
    assert cache.calls_of(["run-1"]).attempts == 2


def test_a_killed_run_pays_again_only_for_what_was_in_flight(cache: JudgementCache) -> None:
    class Killed(BaseException):
        pass

    given = transcripts(10)
    first = FakeJudge(failing_for("number 6", Killed()))  # pyright: ignore[reportArgumentType]
    with pytest.raises(BaseExceptionGroup):
        judge_all(cache, first, given, concurrency=1)
    left = missing(given, first.identity.version, cache, retry_failed=False)
    second = FakeJudge()
    judge_all(cache, second, left)
    assert len(first.asked) == 7
    assert len(second.asked) == 4


def test_an_endpoint_that_refuses_the_key_is_asked_once(cache: JudgementCache) -> None:
    given, judge = transcripts(10), FakeJudge(failing_for("parcel", EndpointRejected("401: wrong key")))
    judged = judge_all(cache, judge, given, concurrency=1)
    assert judged.statuses == {"model_error": 10}
    assert (len(judge.asked), judged.calls) == (1, 1)
    assert len(missing(given, judge.identity.version, cache, retry_failed=False)) == 10


def test_a_replay_leaves_what_it_does_not_know_pending_and_pays_nothing(cache: JudgementCache) -> None:
    known, unknown = transcripts(2)
    judge_all(cache, FakeJudge(), [known])
    replay = ReplayJudge(FakeJudge())
    assert judge_all(cache, replay, [unknown], run_id="run-2").statuses == {"pending": 1}
    assert cache.calls_of(["run-2"]).attempts == 0
    assert list(cache.outcomes(replay.identity.version, [unknown.transcript_hash])) == []


def test_a_spent_budget_stops_judging_and_the_next_run_goes_on(cache: JudgementCache) -> None:
    given = transcripts(10)
    price = Price(input=0, output=1000)  # a call reserves 1.50 USD and costs 0.10 USD
    budget = Budget(price, Money(per_run=1.75))
    judged = judge_all(cache, FakeJudge(), given, budget=budget, concurrency=1)
    assert judged.statuses == {"scored": 3, "budget_stopped": 7}
    assert judged.cost_usd == pytest.approx(0.3)
    assert cache.spent_usd(run_id="run-1") == pytest.approx(0.3)
    left = missing(given, FakeJudge().identity.version, cache, retry_failed=False)
    assert len(left) == 7
    assert judge_all(cache, FakeJudge(), left, run_id="run-2").statuses == {"scored": 7}


def test_calls_wait_for_money_in_flight_and_never_spend_more_than_the_limit(cache: JudgementCache) -> None:
    budget = Budget(Price(input=0, output=1000), Money(per_run=2.05))
    judged = judge_all(cache, FakeJudge(), transcripts(30), budget=budget, concurrency=8)
    assert judged.statuses["scored"] == 6  # 0.10 each, as long as 1.50 can be set aside
    assert judged.cost_usd == pytest.approx(0.6)


def test_money_spent_is_counted_from_midnight_on(cache: JudgementCache) -> None:
    judge_all(
        cache,
        FakeJudge(),
        transcripts(2),
        budget=Budget(Price(input=1, output=0), Money()),
    )
    assert cache.spent_usd(since=datetime(2026, 3, 2, tzinfo=UTC)) == pytest.approx(0.002)
    assert cache.spent_usd(since=datetime(2026, 3, 3, tzinfo=UTC)) == 0


class HangingJudge(FakeJudge):
    """Answers so many, then hangs, and says so."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self._answers = answers
        self.hangs = asyncio.Event()

    async def judge(self, transcript: Transcript) -> Answer:
        answer = await super().judge(transcript)
        if len(self.asked) > self._answers:
            self.hangs.set()
            await asyncio.Event().wait()
        return answer


def test_an_interrupted_run_keeps_every_answer_that_has_arrived_and_holds_nothing(cache: JudgementCache) -> None:
    judge = HangingJudge(answers=5)
    scorer = Scorer(judge, cache, budget=Budget(FREE, Money()), concurrency=6, run_id="run-1", clock=lambda: NOON)

    async def scene() -> None:
        judging = asyncio.create_task(scorer.judge_all(transcripts(20)))
        await judge.hangs.wait()
        judging.cancel()  # the five answers wait to be committed
        assert cache.calls_of(["run-1"]).attempts == 0
        with pytest.raises(asyncio.CancelledError):
            await judging

    asyncio.run(scene())
    assert cache.calls_of(["run-1"]).attempts == 5
    with cache.engine.connect() as connection:
        assert connection.execute(LEASES.select()).all() == connection.execute(OWNERS.select()).all() == []
