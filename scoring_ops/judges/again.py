"""A judge asked again: the same questions under an identity of its own, so that the cache does not answer for it.

Shows how far a judge agrees with itself. Its answers are cached like any others: asking again about the same
transcripts costs once.
"""

from scoring_ops.judges.protocol import Answer, Judge, JudgeIdentity, Usage, content_key
from scoring_ops.transcript import Transcript


class AskedAgain:
    """Passes every question on to the judge it stands for."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def identity(self) -> JudgeIdentity:
        """The judge's own, marked."""
        own = self._judge.identity
        return own._replace(digest=f"{own.digest}-again")

    def cache_key(self, transcript: Transcript) -> str:
        """Another key than the judge's own."""
        return content_key(["again", self._judge.cache_key(transcript)])

    def most_usage(self, transcript: Transcript) -> Usage:
        """As the judge says."""
        return self._judge.most_usage(transcript)

    def usual_usage(self, transcript: Transcript) -> Usage:
        """As the judge says."""
        return self._judge.usual_usage(transcript)

    async def judge(self, transcript: Transcript) -> Answer:
        """What the judge answers now."""
        return await self._judge.judge(transcript)

    async def aclose(self) -> None:
        """Closes the judge."""
        await self._judge.aclose()
