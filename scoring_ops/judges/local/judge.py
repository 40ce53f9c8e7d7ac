"""The local judge: claims by word lists and rules, with no key, no network and no download.

The default, so that a first run works anywhere, and a baseline to measure other judges against. It reads English,
Spanish, German and Chinese; in other languages it finds little and says little. Deterministic: one transcript, one
answer. What it reads and how it decides is in the modules beside this one.
"""

import hashlib
from functools import cache

from scoring_ops.claims import Claims
from scoring_ops.judges.local.effort import effort_claim, fault_claims
from scoring_ops.judges.local.feedback import policy_claims, product_claims, risk_claims
from scoring_ops.judges.local.feelings import emotion_claims, sentiment_claim
from scoring_ops.judges.local.issues import issue_claims
from scoring_ops.judges.local.lexicon import lexicons_digest
from scoring_ops.judges.local.reading import Reading, read
from scoring_ops.judges.local.service import answer_claim, service_claims
from scoring_ops.judges.local.summary import rate, summarise
from scoring_ops.judges.protocol import Answer, JudgeIdentity, Usage, content_key
from scoring_ops.judges.strict_schema import claims_schema
from scoring_ops.transcript import Transcript

LOCAL_JUDGE_VERSION = "1"  # raised with every change of a rule or a number; the lexicons carry their own digest
DIGEST_LENGTH = 8


@cache
def _identity() -> JudgeIdentity:
    told = f"{LOCAL_JUDGE_VERSION}\0{lexicons_digest()}\0{content_key(claims_schema())}"
    return JudgeIdentity("local", "lexicon", hashlib.sha256(told.encode()).hexdigest()[:DIGEST_LENGTH])


class LocalJudge:
    """The embedded baseline judge."""

    @property
    def identity(self) -> JudgeIdentity:
        """The lexicons and the version of the rules: nothing else changes an answer."""
        return _identity()

    def cache_key(self, transcript: Transcript) -> str:
        """The key of this judge's answer: who it is, and who said what in which order."""
        said = [(turn.author_type, turn.text) for turn in transcript.turns]
        return content_key({"judge": self.identity, "turns": said})

    def most_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """No tokens: nothing leaves the process."""
        return Usage(0, 0)

    def usual_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """No tokens."""
        return Usage(0, 0)

    async def judge(self, transcript: Transcript) -> Answer:
        """The claims about a transcript; costs no tokens and never fails."""
        return Answer(claims_about(transcript).model_dump_json(), Usage(None, None))

    async def aclose(self) -> None:
        """Nothing was opened."""


def claims_about(transcript: Transcript) -> Claims:
    """All claims of this judge about a transcript, each with words that stand in it."""
    return claims_from(read(transcript))


def claims_from(reading: Reading) -> Claims:
    """All claims of this judge about a transcript that has been read."""
    issues = issue_claims(reading)
    resolved = bool(issues) and all(issue.status == "resolved" for issue in issues)
    effort = effort_claim(reading, resolved=resolved)
    return Claims(
        issues=issues,
        sentiment=sentiment_claim(reading),
        service_quality=service_claims(reading),
        answer_quality_ai=answer_claim(reading, "ai_agent"),
        answer_quality_human=answer_claim(reading, "human_agent"),
        customer_effort=effort,
        strong_emotion=emotion_claims(reading),
        product_feedback=product_claims(reading),
        policy_feedback=policy_claims(reading),
        process_fault=fault_claims(reading),
        risk=risk_claims(reading),
        summary=summarise(reading, issues),
        language=reading.language,
        judge_rating=rate(reading, issues, effort.level if effort else None),
    )
