"""Every chance that is built into the demo, so that what a report finds can be held against what was put in.

Here stand numbers only; what they drive is in `facts.py`, `plan.py` and `survey.py`. Two things to know: given its
topic, a conversation's experience does not depend on who serves it (the AI agent only gets the easier topics), and
whether a customer is asked does not depend on the experience, but whether the customer answers does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Difficulty = Literal["easy", "medium", "hard"]
Workspace = Literal["retail", "software", "travel"]
Language = Literal["en", "es", "de", "zh"]
Channel = Literal["chat", "email", "phone"]
Service = Literal["human_only", "ai_only", "mixed"]
Kind = Literal[
    "regular", "spam", "merged", "test", "outbound", "open", "redacted", "too_short", "no_reply"
]  # fmt: skip

SURVEY_REQUEST_RATE = 0.39
"""Chance that a closed conversation is surveyed; independent of everything else."""

RESPONSE_ODDS: Mapping[int, float] = MappingProxyType({1: 0.34, 2: 0.125, 3: 0.11, 4: 0.215, 5: 0.39})
"""Chance that a surveyed customer answers, by true experience: about 0.21 overall, the extremes answer more.

A little of it is lost again: who would answer after the last day is never seen to answer."""

RATING_NOISE: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {1: (72, 17, 6, 3, 2), 2: (28, 38, 20, 10, 4), 3: (8, 17, 36, 28, 11), 4: (2, 5, 13, 45, 35), 5: (1, 1, 4, 20, 74)}
)
"""Weights of the ratings 1-5 that a customer of this true experience gives."""

HUMAN_LENIENCY = 0.12
"""Chance that a customer served by people rates one point above what was felt: CSAT flatters people."""

AI_SEVERITY = 0.12
"""Chance that a customer served by the AI agent alone rates one point below what was felt."""

LATE_RATING_SHARE = 0.4
"""Share of the ratings that come one to six days after the close, as a new version of the conversation."""

REMARK_ODDS = 0.35
AI_RATING_ODDS = 0.12
"""Chance of a separate rating of the AI agent where one took part, asked or not."""

EXPERIENCE: Mapping[Difficulty, tuple[int, ...]] = MappingProxyType(
    {"easy": (4, 8, 16, 39, 33), "medium": (9, 14, 19, 35, 23), "hard": (19, 22, 21, 25, 13)}
)
"""Weights of the true experience 1-5 by difficulty of the topic."""

SERVICE: Mapping[Difficulty, Mapping[Service, int]] = MappingProxyType(
    {
        "easy": MappingProxyType({"human_only": 22, "ai_only": 62, "mixed": 16}),
        "medium": MappingProxyType({"human_only": 40, "ai_only": 34, "mixed": 26}),
        "hard": MappingProxyType({"human_only": 58, "ai_only": 12, "mixed": 30}),
    }
)
"""Who serves a chat or an e-mail, by difficulty. Calls are taken by people."""

WORKSPACES: Mapping[Workspace, int] = MappingProxyType({"retail": 45, "software": 32, "travel": 23})
LANGUAGES: Mapping[Language, int] = MappingProxyType({"en": 70, "es": 12, "de": 12, "zh": 6})
CHANNELS: Mapping[Channel, int] = MappingProxyType({"chat": 55, "email": 31, "phone": 14})
CLOSE_WEEKDAYS = (17, 17, 16, 16, 15, 10, 9)
"""Weights of the days, from Monday, on which conversations close."""

KINDS: Mapping[Kind, int] = MappingProxyType(
    {
        "regular": 9290,
        "spam": 120,
        "merged": 80,
        "test": 40,
        "outbound": 120,
        "open": 200,
        "redacted": 10,
        "too_short": 90,
        "no_reply": 50,
    }
)
"""Parts in 10,000. Beyond chance, `REDACTED_NUMBER` of each week is fully redacted, so that one always exists."""

REDACTED_NUMBER = 11
LONG_NUMBERS = frozenset({23, 57})
"""Numbers within a week whose conversation runs over more than 100 messages, where the customer writes English."""

REOPEN_RATE = 0.07
"""Chance that a conversation closed from Monday to Thursday is reopened and closed again within the same week."""

SECOND_ISSUE_RATE = 0.12
CASUAL_RATE = 0.3
EMOJI_RATE = 0.07
PERSONAL_DATA_RATE = 0.03
"""Chance of an e-mail address, a telephone number or a test card number in the customer's words."""

RIGHT_TO_LEFT_RATE = 0.008

SPIKE_TOPIC, SPIKE_WEEK, SPIKE_FACTOR = "sync_bug", 2, 2.2
"""A bad release in the third week: so many times more conversations about sync."""

DECLINE_TOPIC, DECLINE_PER_WEEK, DECLINE_LIMIT = "returns", 0.025, 0.5
"""Returns get slowly worse: the chance, growing by the week, that an experience is one point lower."""
