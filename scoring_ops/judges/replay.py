"""The replay judge: another judge's identity, answers from the cache alone. Proves that a re-run costs nothing."""

from typing import NoReturn

from scoring_ops.judges.protocol import Judge, JudgeError, JudgeIdentity, Status, Usage
from scoring_ops.transcript import Transcript


class NotInCache(JudgeError):
    """A transcript that the replayed judge has not answered yet."""

    status: Status = "pending"


class ReplayJudge:
    """Stands in for a judge without ever calling it; what the cache does not hold stays pending."""

    def __init__(self, replayed: Judge) -> None:
        self._replayed = replayed

    @property
    def identity(self) -> JudgeIdentity:
        """The identity of the replayed judge: rows are written under its version."""
        return self._replayed.identity

    def cache_key(self, transcript: Transcript) -> str:
        """The replayed judge's key."""
        return self._replayed.cache_key(transcript)

    def most_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """Nothing: the cache is free."""
        return Usage(0, 0)

    def usual_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """Nothing."""
        return Usage(0, 0)

    async def judge(self, transcript: Transcript) -> NoReturn:  # noqa: ARG002
        """Never answers.

        Raises:
            NotInCache: always.
        """
        raise NotInCache("not in the cache of the replayed judge")

    async def aclose(self) -> None:
        """Nothing was opened."""
