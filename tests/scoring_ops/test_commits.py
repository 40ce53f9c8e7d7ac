"""Group commit: company is waited for, one group at a time, and whoever brought an item learns what came of it."""

import asyncio
from collections.abc import Sequence

import pytest

from scoring_ops.commits import GroupCommit


def test_what_arrives_together_is_committed_together_and_nothing_twice() -> None:
    groups: list[list[int]] = []

    async def scene() -> None:
        commits = GroupCommit[int](lambda group: groups.append(list(group)))
        await asyncio.gather(*(commits.keep(n) for n in range(50)))
        await commits.keep(50)

    asyncio.run(scene())
    assert [sorted(group) for group in groups] == [list(range(50)), [50]]


def test_an_item_is_committed_before_its_caller_goes_on() -> None:
    committed: list[int] = []

    async def scene() -> None:
        commits = GroupCommit[int](committed.extend)
        for n in range(3):
            await commits.keep(n)
            assert committed[-1] == n

    asyncio.run(scene())


def test_a_failed_commit_is_told_to_every_caller_of_its_group_and_the_next_group_goes_on() -> None:
    tries = 0

    def commit(_: Sequence[int]) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError("disk full")

    async def scene() -> None:
        commits = GroupCommit[int](commit)
        results = await asyncio.gather(*(commits.keep(n) for n in range(4)), return_exceptions=True)
        assert [str(result) for result in results] == ["disk full"] * 4
        await commits.keep(5)

    asyncio.run(scene())
    assert tries == 2


def test_a_caller_that_is_cancelled_loses_nothing_and_holds_nobody_up() -> None:
    committed: list[int] = []

    async def scene() -> None:
        commits = GroupCommit[int](committed.extend)
        gone = asyncio.create_task(commits.keep(1))
        await asyncio.sleep(0)
        gone.cancel()
        await commits.keep(2)
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(scene())
    assert committed == [1, 2]


def test_draining_commits_what_cancelled_callers_brought() -> None:
    committed: list[int] = []

    async def scene() -> None:
        commits = GroupCommit[int](committed.extend)
        await commits.drain()
        gone = asyncio.create_task(commits.keep(1))
        await asyncio.sleep(0)
        gone.cancel()
        await commits.drain()
        assert committed == [1]

    asyncio.run(scene())
