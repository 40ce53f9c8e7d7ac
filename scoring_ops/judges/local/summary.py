"""The summary in two neutral sentences, composed of facts, and the judge's own rating.

No adjective of its own: who wrote to whom about what, in the customer's words, and how it ended. The rating is this
judge's formula over mood, outcome and effort; the score is the scorecard's and does not use it.
"""

from scoring_ops.claims import EffortLevel, IssueClaim, Resolution
from scoring_ops.judges.local.feelings import end_mood
from scoring_ops.judges.local.reading import Reading

RATING_NEUTRAL, RATING_LOWEST, RATING_HIGHEST = 3, 1, 5
MOOD_SHARE, MOOD_SCALE = 1.2, 3.0
_OUTCOME: dict[Resolution, float] = {"resolved": 0.7, "partly_resolved": 0.0, "unclear": -0.1, "unresolved": -0.9}
_EFFORT: dict[EffortLevel, float] = {"low": 0.1, "moderate": -0.2, "high": -0.5}
_SERVED = {
    "human_only": "a human agent",
    "ai_only": "the AI agent",
    "mixed": "the AI agent and a human agent",
    "none": "the help desk",
}
_ENDED: dict[Resolution, str] = {
    "resolved": "The matter ended resolved",
    "partly_resolved": "The matter ended partly resolved",
    "unresolved": "The matter ended unresolved",
    "unclear": "Whether the matter was resolved is not said",
}


def summarise(reading: Reading, issues: tuple[IssueClaim, ...]) -> str:
    """What happened, in two sentences."""
    served = _SERVED[reading.agent_mix]
    if not reading.customer:
        return "No message of the customer is in this conversation. Nothing can be said about its outcome."
    about = f' about "{_plain(issues[0].issue)}"' if issues and _plain(issues[0].issue) else ""
    also = f" and {len(issues) - 1} more" if len(issues) > 1 else ""
    messages, replies = len(reading.customer), len(reading.agents)
    ended = _ENDED[_overall(issues)]
    counted = f"{messages} customer message{'s' * (messages != 1)} and {replies} repl{'y' if replies == 1 else 'ies'}"
    return f"The customer contacted {served}{about}{also}. {ended} after {counted}."


def rate(reading: Reading, issues: tuple[IssueClaim, ...], effort: EffortLevel | None) -> int:
    """The judge's own rating of the experience, 1 to 5."""
    mood = max(-1.0, min(1.0, end_mood(reading) / MOOD_SCALE))
    outcome = sum(_OUTCOME[issue.status] for issue in issues) / len(issues) if issues else 0.0
    raw = RATING_NEUTRAL + MOOD_SHARE * mood + outcome + (_EFFORT[effort] if effort else 0.0)
    return max(RATING_LOWEST, min(RATING_HIGHEST, round(raw)))


def _overall(issues: tuple[IssueClaim, ...]) -> Resolution:
    statuses: set[Resolution] = {issue.status for issue in issues}
    if len(statuses) == 1:
        return statuses.pop()
    return "partly_resolved" if "resolved" in statuses else "unresolved" if "unresolved" in statuses else "unclear"


def _plain(text: str) -> str:
    """A text that cannot end the sentence it is quoted in."""
    return " ".join(text.replace('"', "'").split()).rstrip(".!?。！？ ")
