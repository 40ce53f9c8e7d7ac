"""Leases: one process asks about a transcript at a time, a dead one is followed at once, money is set aside once."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from scoring_ops.cache import JudgementCache, open_cache
from scoring_ops.cache_tables import LEASES, OWNERS, SPENDING
from scoring_ops.leases import SILENCE, Claimed, Leases, Wanted

A, B, C = (letter * 64 for letter in "abc")
RUN, DAY = "run/1", "day/2026-03-02"


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(shared_url: str) -> Iterator[JudgementCache]:
    with open_cache(shared_url) as store:
        yield store


def claim(leases: Leases, *hashes: str, nano: int = 0, caps: dict[str, int] | None = None) -> Claimed:
    wanted = [Wanted(name, nano) for name in hashes]
    return leases.claim(wanted, caps=caps or {}, run_scope=RUN, day_scope=DAY)


def rows(store: JudgementCache, table: sa.Table) -> list[dict[str, object]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def far_away(store: JudgementCache, leases: Leases) -> None:
    """The owner's row as another machine would have written it."""
    with store.engine.begin() as connection:
        connection.execute(sa.update(OWNERS).where(OWNERS.c.owner == leases.owner).values(machine="elsewhere"))


def test_of_two_owners_one_gets_a_transcript_and_the_other_learns_who_has_it(store: JudgementCache) -> None:
    with Leases(store, "j") as first, Leases(store, "j") as second:
        assert claim(first, A, B).mine == {A, B}
        claimed = claim(second, B, C)
        assert claimed.mine == {C}
        assert claimed.held == {B: first.owner}


def test_another_judge_may_ask_about_the_same_transcript(store: JudgementCache) -> None:
    with Leases(store, "j") as first, Leases(store, "k") as second:
        assert claim(first, A).mine == claim(second, A).mine == {A}


def test_nothing_is_left_of_an_owner_that_ended(store: JudgementCache) -> None:
    with Leases(store, "j") as leases:
        claim(leases, A, B)
    assert rows(store, LEASES) == rows(store, OWNERS) == []


def test_an_owner_whose_process_is_gone_is_followed_at_once(store: JudgementCache) -> None:
    dead = Leases(store, "j")
    claim(dead, A)
    with store.engine.begin() as connection:
        connection.execute(sa.update(OWNERS).values(pid=2**22 + 1))  # above the highest process id of Linux
    with Leases(store, "j") as living:
        assert living.bury_dead([dead.owner]) == 1
        assert claim(living, A).mine == {A}


def test_a_silent_owner_on_another_machine_is_followed_only_after_a_while_by_the_watchers_own_clock(
    store: JudgementCache,
) -> None:
    silent, time = Leases(store, "j"), Time()
    claim(silent, A)
    far_away(store, silent)
    with Leases(store, "j", clock=time) as watcher:
        assert watcher.bury_dead([silent.owner]) == 0
        time.now = SILENCE
        assert watcher.bury_dead([silent.owner]) == 0
        time.now = SILENCE + 0.1
        assert watcher.bury_dead([silent.owner]) == 1


def test_a_beat_is_a_sign_of_life_however_late_the_watchers_clock(store: JudgementCache) -> None:
    busy, time = Leases(store, "j"), Time()
    claim(busy, A)
    far_away(store, busy)
    with Leases(store, "j", clock=time) as watcher:
        watcher.bury_dead([busy.owner])
        time.now = 10 * SILENCE
        busy.beat()
        far_away(store, busy)
        assert watcher.bury_dead([busy.owner]) == 0
        assert claim(watcher, A).held == {A: busy.owner}


def test_a_lease_without_an_owner_is_nobodys(store: JudgementCache) -> None:
    lost = Leases(store, "j")
    claim(lost, A)
    with store.engine.begin() as connection:
        connection.execute(sa.delete(OWNERS))
    with Leases(store, "j") as leases:
        assert leases.bury_dead([lost.owner]) == 1
        assert claim(leases, A).mine == {A}


def test_money_set_aside_by_one_process_is_missing_in_another(store: JudgementCache) -> None:
    caps = {DAY: 100}
    with Leases(store, "j") as first, Leases(store, "j") as second:
        assert claim(first, A, nano=70, caps=caps).mine == {A}
        claimed = claim(second, B, C, nano=40, caps=caps)
        assert (claimed.mine, claimed.waiting, claimed.unaffordable) == (set(), {B, C}, set())
    with Leases(store, "j") as third:
        assert claim(third, B, C, nano=40, caps=caps).mine == {B, C}


def test_what_no_budget_will_ever_afford_is_told_apart_from_what_waits(store: JudgementCache) -> None:
    with Leases(store, "j") as leases:
        claimed = claim(leases, A, nano=101, caps={RUN: 100, DAY: 1000})
        assert claimed.unaffordable == {A}
        assert rows(store, LEASES) == []


def test_the_tightest_of_two_limits_decides(store: JudgementCache) -> None:
    with Leases(store, "j") as leases:
        assert len(claim(leases, A, B, C, nano=40, caps={RUN: 1000, DAY: 100}).mine) == 2


def test_money_set_aside_by_a_dead_process_counts_as_spent(store: JudgementCache) -> None:
    dead = Leases(store, "j")
    claim(dead, A, nano=70, caps={RUN: 100, DAY: 100})
    with store.engine.begin() as connection:
        connection.execute(sa.delete(OWNERS))
    with Leases(store, "j") as leases:
        leases.bury_dead([dead.owner])
        assert claim(leases, B, nano=40, caps={DAY: 100}).unaffordable == {B}
    assert {row["scope"]: row["settled_nano_usd"] for row in rows(store, SPENDING)} == {RUN: 70, DAY: 70}
