"""What truly happens in a conversation, drawn from its true experience: outcome, feelings, effort, faults, risks.

Tables first, then the draws. The script (`script.py`) acts these facts out and the known truth reports them; they
are never part of what a source emits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from orchestration.sources.demo.chance import graded, happens, weighted
from orchestration.sources.demo.odds import Service
from orchestration.sources.demo.topics import Topic
from scoring_ops.claims import EffortLevel, Emotion, FaultKind, Resolution, RiskKind, Sentiment, Sign

Mood = Literal["calm", "worried", "confused", "annoyed", "furious"]
Ending = Literal[
    "delight", "gratitude", "relief", "thanks", "thanks_part", "lukewarm", "resigned", "weary",
    "disappointment", "frustration", "anger", "sarcasm", "unanswered", "silent",
]  # fmt: skip

SENTIMENT: Mapping[Ending, Sentiment] = {
    "delight": "very_positive",
    "gratitude": "positive",
    "relief": "positive",
    "thanks": "positive",
    "thanks_part": "neutral",
    "lukewarm": "neutral",
    "resigned": "neutral",
    "weary": "negative",
    "disappointment": "negative",
    "frustration": "negative",
    "anger": "very_negative",
    "sarcasm": "negative",
    "unanswered": "negative",
    "silent": "not_detectable",
}
_EMOTION: Mapping[Ending | Mood, Emotion] = {
    "delight": "delight",
    "gratitude": "gratitude",
    "relief": "relief",
    "disappointment": "disappointment",
    "frustration": "frustration",
    "sarcasm": "frustration",
    "anger": "anger",
    "furious": "anger",
    "worried": "anxiety",
    "confused": "confusion",
}
_RESOLUTION: Mapping[int, Mapping[Resolution, float]] = {
    1: {"unresolved": 86, "partly_resolved": 9, "unclear": 5},
    2: {"unresolved": 54, "partly_resolved": 28, "resolved": 12, "unclear": 6},
    3: {"resolved": 36, "partly_resolved": 38, "unresolved": 10, "unclear": 16},
    4: {"resolved": 93, "partly_resolved": 7},
    5: {"resolved": 1},
}
_ENDING: Mapping[int, Mapping[Ending, float]] = {
    1: {"anger": 38, "frustration": 22, "sarcasm": 14, "disappointment": 9, "unanswered": 7, "silent": 10},
    2: {
        "frustration": 25,
        "disappointment": 22,
        "resigned": 16,
        "sarcasm": 9,
        "anger": 6,
        "unanswered": 7,
        "silent": 15,
    },
    3: {"lukewarm": 44, "silent": 23, "thanks_part": 13, "thanks": 11, "disappointment": 9},
    4: {"thanks": 58, "silent": 16, "lukewarm": 12, "gratitude": 8, "relief": 6},
    5: {"delight": 30, "gratitude": 27, "thanks": 24, "relief": 13, "silent": 6},
}
# What a customer would not say after this outcome becomes what a customer would say.
_FITTING: Mapping[tuple[Resolution, Ending], Ending] = {
    ("resolved", "anger"): "weary",
    ("resolved", "frustration"): "weary",
    ("resolved", "disappointment"): "weary",
    ("resolved", "sarcasm"): "weary",
    ("resolved", "resigned"): "weary",
    ("resolved", "unanswered"): "weary",
    ("resolved", "thanks_part"): "thanks",
    ("unresolved", "lukewarm"): "resigned",
    ("unresolved", "thanks"): "resigned",
    ("unresolved", "thanks_part"): "resigned",
    ("partly_resolved", "thanks"): "thanks_part",
    ("partly_resolved", "gratitude"): "thanks_part",
    ("partly_resolved", "relief"): "thanks_part",
    ("partly_resolved", "resigned"): "lukewarm",
    ("unclear", "thanks"): "lukewarm",
    ("unclear", "thanks_part"): "lukewarm",
    ("unclear", "resigned"): "lukewarm",
}
_MOOD: Mapping[int, tuple[int, ...]] = {
    1: (35, 10, 5, 35, 15),
    2: (50, 10, 7, 28, 5),
    3: (65, 10, 8, 15, 2),
    4: (75, 10, 6, 8, 1),
    5: (72, 15, 4, 8, 1),
}
_MOODS: tuple[Mood, ...] = ("calm", "worried", "confused", "annoyed", "furious")
_EFFORT: Mapping[int, Mapping[EffortLevel, float]] = {
    1: {"high": 70, "moderate": 24, "low": 6},
    2: {"high": 36, "moderate": 48, "low": 16},
    3: {"high": 10, "moderate": 52, "low": 38},
    4: {"high": 2, "moderate": 22, "low": 76},
    5: {"moderate": 8, "low": 92},
}
_FAULT: Mapping[FaultKind, tuple[float, ...]] = {
    "lost_context": (0.5, 0.36, 0.16, 0.03, 0.0),
    "repeated_explanation": (0.34, 0.24, 0.1, 0.02, 0.0),
    "contradiction": (0.24, 0.17, 0.06, 0.0, 0.0),
}
_PRODUCT: Mapping[Sign, tuple[float, ...]] = {
    "negative": (0.30, 0.25, 0.15, 0.04, 0.0),
    "positive": (0.0, 0.01, 0.02, 0.07, 0.15),
}
_POLICY: Mapping[Sign, tuple[float, ...]] = {
    "negative": (0.30, 0.24, 0.12, 0.02, 0.0),
    "positive": (0.0, 0.0, 0.0, 0.05, 0.11),
}
_RISK: Mapping[RiskKind, tuple[float, ...]] = {
    "churn": (0.22, 0.10, 0.02, 0.0, 0.0),
    "competitor": (0.09, 0.05, 0.015, 0.0, 0.0),
    "legal": (0.035, 0.005, 0.0, 0.0, 0.0),
    "abusive": (0.03, 0.005, 0.0, 0.0, 0.0),
    "privacy": (0.008, 0.006, 0.004, 0.002, 0.001),
    "vulnerable": (0.01, 0.008, 0.006, 0.003, 0.002),
}
_THREATS: frozenset[RiskKind] = frozenset({"churn", "legal", "abusive"})  # not made once all is solved


@dataclass(frozen=True, slots=True)
class Facts:
    """What truly happened. `resolutions` has one entry per issue, the first being the one that was written about."""

    experience: int
    resolutions: tuple[Resolution, ...]
    mood: Mood
    ending: Ending
    effort: EffortLevel
    faults: tuple[FaultKind, ...]
    product: Sign | None
    policy: Sign | None
    risks: tuple[RiskKind, ...]

    @property
    def emotions(self) -> tuple[Emotion, ...]:
        """The strong feelings that the customer's words show, without repetition."""
        shown = (_EMOTION.get(self.mood), _EMOTION.get(self.ending))
        return tuple(dict.fromkeys(emotion for emotion in shown if emotion is not None))


def draw_facts(rng: Random, experience: int, topic: Topic, service: Service, issues: int) -> Facts:
    """The facts of a conversation of this experience."""
    resolutions: tuple[Resolution, ...] = tuple(weighted(rng, _RESOLUTION[experience]) for _ in range(issues))
    drawn_ending: Ending = weighted(rng, _ENDING[experience])
    ending: Ending = _FITTING.get((resolutions[-1], drawn_ending), drawn_ending)
    if ending == "relief" and topic.difficulty == "easy":
        ending = "thanks"
    mood = _MOODS[graded(rng, _MOOD[experience]) - 1]
    if mood == "worried" and topic.difficulty == "easy":
        mood = "calm"
    faults = _faults(rng, experience, resolutions[0], service)
    if ending == "unanswered":
        faults = (*faults, "unanswered")
    effort = weighted(rng, _EFFORT[experience])
    calmed = set[RiskKind]() if resolutions[-1] != "resolved" else _THREATS
    return Facts(
        experience=experience,
        resolutions=resolutions,
        mood=mood,
        ending=ending,
        effort="moderate" if faults and effort == "low" else effort,
        faults=faults,
        product=_sign(rng, _PRODUCT, experience),
        policy=_sign(rng, _POLICY, experience) if topic.policy else None,
        risks=tuple(risk for risk, odds in _RISK.items() if happens(rng, odds[experience - 1]) and risk not in calmed),
    )


def _faults(rng: Random, experience: int, resolution: Resolution, service: Service) -> tuple[FaultKind, ...]:
    drawn: list[FaultKind] = [fault for fault, odds in _FAULT.items() if happens(rng, odds[experience - 1])]
    impossible: set[FaultKind] = set()
    if service != "mixed":
        impossible.add("lost_context")
    if resolution == "resolved":
        impossible.add("contradiction")
    return tuple(fault for fault in drawn if fault not in impossible)


def _sign(rng: Random, odds: Mapping[Sign, tuple[float, ...]], experience: int) -> Sign | None:
    drawn: list[Sign] = [sign for sign, chances in odds.items() if happens(rng, chances[experience - 1])]
    return drawn[0] if drawn else None
