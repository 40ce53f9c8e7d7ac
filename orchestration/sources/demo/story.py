"""The words of a conversation: each beat of a timeline becomes a message, in the customer's language and manner.

Letters have a greeting and a signature, chats are short and sometimes sloppy, some messages carry an emoji or
personal data (invented, or published for tests) so that masking has something to mask.
"""

import re
from collections.abc import Sequence

from orchestration.sources.demo.beats import Beat
from orchestration.sources.demo.chance import happens, stream
from orchestration.sources.demo.facts import SENTIMENT
from orchestration.sources.demo.odds import EMOJI_RATE, PERSONAL_DATA_RATE, RIGHT_TO_LEFT_RATE
from orchestration.sources.demo.phrasebook import Phrasebook
from orchestration.sources.demo.phrases import phrases
from orchestration.sources.demo.plan import Plan
from orchestration.sources.demo.timeline import Timeline
from scoring_ops.claims import Sentiment
from scoring_ops.conversation import SPOKEN_KINDS, AuthorType, Message

ASSISTANT = "Mika"
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_EMOJI_OF: dict[Sentiment, str] = {
    "very_positive": "emoji",
    "positive": "emoji",
    "negative": "emoji_cross",
    "very_negative": "emoji_cross",
}
_FULL_STOPS = (".", "。")


def tell(timeline: Timeline) -> tuple[tuple[Message, ...], str]:
    """All messages of a conversation in order, and its subject."""
    return _Teller(timeline.plan).tell(timeline)


class _Teller:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rng = stream(plan.key, "text")
        language = plan.customer.language
        lists = phrases(language, plan.workspace)["slots"]
        known_as = lists["customers"]
        self._all_agents = lists["agents"]
        self._agents = self._rng.sample(self._all_agents, 3)
        names = {"name": known_as[plan.customer.number % len(known_as)], "agent": ASSISTANT}
        self._book = Phrasebook(language, plan.workspace, self._rng, plan.closed_at.date(), names)
        self._chinese = language == "zh"
        self._extras = self._drawn_extras()
        self._signatures: dict[str, str] = {}

    def tell(self, timeline: Timeline) -> tuple[tuple[Message, ...], str]:
        told = [(timed, self._text(timed.beat)) for timed in timeline.beats]
        spoken = [(timed, text) for timed, text in told if text or timed.beat.kind not in SPOKEN_KINDS]
        redacted = self._plan.kind == "redacted"
        messages = tuple(
            Message(
                message_id=f"{self._plan.conversation_id}-{position:03d}",
                position=position,
                sent_at=timed.at,
                author_type=timed.beat.author,
                author_id=self._author_id(timed.beat),
                is_public=timed.beat.is_public,
                kind=timed.beat.kind,
                text="" if redacted else text,
                redacted=redacted and timed.beat.kind in SPOKEN_KINDS,
            )
            for position, (timed, text) in enumerate(spoken)
        )
        return messages, self._subject()

    def _subject(self) -> str:
        fitting = self._book.say(f"{self._plan.topics[0].key}.subject", "customer")
        return fitting or self._book.say("opening.subject", "customer")

    def _text(self, beat: Beat) -> str:
        if beat.author == "human_agent":
            self._book.name("agent", self._agents[beat.seat])
        side = "customer" if beat.author == "customer" else "company"
        said = [(part, self._book.say(part, side)) for part in beat.parts]
        if beat.kind not in SPOKEN_KINDS or beat.author in {"bot", "system"}:
            return " ".join(text for _, text in said)
        if beat.author == "customer":
            return self._customer_words(said)
        return self._agent_words(said, beat.author, beat.seat)

    def _customer_words(self, said: Sequence[tuple[str, str]]) -> str:
        hello = next((text for part, text in said if part == "opening.hello"), "")
        words = self._joined([text for part, text in said if part != "opening.hello"])
        if any(part.endswith("/2") or ".problem" in part for part, _ in said) and self._extras:
            words = self._joined([words, self._book.say(self._extras.pop(), "customer")])
        if self._plan.channel == "email" and words:
            return self._letter(hello, words, any(".problem" in part for part, _ in said))
        if self._plan.is_casual and words:
            words = self._casual(words)
        if hello and words:
            words = f"{hello.rstrip(',，:')}{self._break()}{words}"
        words = words or hello
        return _EMOJI.sub("", words).rstrip() if self._plan.channel == "phone" else words + self._emoji(said)

    def _agent_words(self, said: Sequence[tuple[str, str]], author: AuthorType, seat: int) -> str:
        hello = next((text for part, text in said if part.endswith(".hello")), "")
        words = self._joined([text for part, text in said if not part.endswith(".hello")])
        if self._plan.channel == "email" and author == "human_agent" and words:
            greeting = f"{hello}\n\n" if hello else ""
            return f"{greeting}{words}\n\n{self._signature('agent.regards', self._agents[seat])}"
        return self._joined([hello, words])

    def _letter(self, hello: str, words: str, is_first: bool) -> str:
        if not is_first and not happens(self._rng, 0.5):
            return words
        comma = "，" if self._chinese else ","
        greeting = f"{hello.rstrip(',，:')}{comma}\n\n" if hello else ""
        return f"{greeting}{words}\n\n{self._signature('opening.regards', 'customer')}"

    def _signature(self, path: str, of: str) -> str:
        """The same for all letters of one writer."""
        if of not in self._signatures:
            self._signatures[of] = self._book.say(path, of)
        return self._signatures[of]

    def _joined(self, texts: Sequence[str]) -> str:
        return ("" if self._chinese else " ").join(text for text in texts if text)

    def _break(self) -> str:
        if self._chinese or self._plan.is_casual:
            return "，" if self._chinese else ", "
        return self._rng.choice(("! ", ". ", "\n")) if self._plan.channel == "chat" else ". "

    def _casual(self, words: str) -> str:
        """Typed in haste: no capital to begin with, no full stop at the end."""
        if words.endswith(_FULL_STOPS) and not words.endswith("..."):
            words = words[:-1]
        keeps_capital = words.startswith(("I ", "I'")) or words[1:2].isupper()
        first = 2 if words.startswith(("¿", "¡")) else 1
        return words if keeps_capital else words[:first].lower() + words[first:]

    def _emoji(self, said: Sequence[tuple[str, str]]) -> str:
        if not happens(self._rng, EMOJI_RATE) or self._plan.channel != "chat":
            return ""
        kind = "emoji_plain"
        if any(part.startswith("end.") for part, _ in said):
            kind = _EMOJI_OF.get(SENTIMENT[self._plan.facts.ending], kind)
        return " " + self._rng.choice(phrases(self._plan.customer.language, self._plan.workspace)["extra"][kind])

    def _drawn_extras(self) -> list[str]:
        extras = ["extra.rtl"] if happens(self._rng, RIGHT_TO_LEFT_RATE) else []
        if happens(self._rng, PERSONAL_DATA_RATE):
            extras.append(self._rng.choice(("extra.email", "extra.phone", "extra.card")))
        return extras

    def _author_id(self, beat: Beat) -> str | None:
        if beat.author == "customer":
            return self._plan.customer.customer_id
        if beat.author == "human_agent":
            seat = self._all_agents.index(self._agents[beat.seat]) + 1
            return f"{self._plan.workspace}-{self._plan.customer.language}-agent-{seat:02d}"
        return "assistant" if beat.author == "ai_agent" else None
