"""A judge that answers from a script: real claims about the transcript, or the error that a test asks for."""

from collections.abc import Callable

from scoring_ops.claims import Citation, IssueClaim
from scoring_ops.judges.protocol import Answer, JudgeIdentity, Usage, content_key
from scoring_ops.transcript import Transcript
from tests.builders import make_claims

Script = Callable[[Transcript], str]


def quoting(transcript: Transcript) -> str:
    """Claims that the first turn is a resolved issue, quoting it whole."""
    evidence = (Citation(turn=1, quote=transcript.turns[0].text),)
    issue = IssueClaim(issue="something", status="resolved", evidence=evidence)
    return make_claims(issues=(issue,)).model_dump_json()


class FakeJudge:
    """Counts its calls; `script` returns the answer or raises."""

    def __init__(self, script: Script = quoting, digest: str = "0000", usage: Usage | None = None) -> None:
        self.identity = JudgeIdentity("fake", "scripted", digest)
        self.asked: list[Transcript] = []
        self._script = script
        self._usage = usage or Usage(1000, 100)

    def cache_key(self, transcript: Transcript) -> str:
        return content_key([*self.identity, transcript.transcript_hash])

    def most_usage(self, transcript: Transcript) -> Usage:
        return Usage(1000, 1500)

    def usual_usage(self, transcript: Transcript) -> Usage:
        return self._usage

    async def judge(self, transcript: Transcript) -> Answer:
        self.asked.append(transcript)
        return Answer(self._script(transcript), self._usage)

    async def aclose(self) -> None:
        self.closed = True
