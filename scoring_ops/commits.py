"""Group commit: what arrives within a few milliseconds is committed together, and whoever brought it waits for that.

A commit costs about a millisecond however many rows it has, so a commit for every answer would hold the loop up; a
commit every second would lose a second's answers to a killed process. Nothing here knows what is committed.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

LINGER = 0.006
"""Seconds to wait for company: an answer is committed within 10 ms of its arrival, the commit itself included."""

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Commits items in groups, one group at a time, in a thread of its own."""

    def __init__(self, commit: Callable[[Sequence[T]], None], *, linger: float = LINGER) -> None:
        self._commit = commit
        self._linger = linger
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def keep(self, item: T) -> None:
        """Returns when the item is committed; raises what its group's commit raised."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._run())
        await done

    async def drain(self) -> None:
        """Returns when nothing waits any more: what was brought by callers that were cancelled is committed too."""
        if self._committing is not None:
            await self._committing

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._linger)
            group, self._waiting = self._waiting, []
            error = await asyncio.to_thread(self._try, [item for item, _ in group])
            for _, done in group:
                if done.done():  # the caller was cancelled meanwhile; its item is committed all the same
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        self._committing = None

    def _try(self, group: Sequence[T]) -> Exception | None:
        try:
            self._commit(group)
        except Exception as error:  # noqa: BLE001  handed to every caller of the group
            return error
        return None
