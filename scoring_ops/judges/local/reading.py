"""A transcript as the local judge reads it: every turn with its cues and mood, and who answered whom.

Here the sentences of `signals.py` become turns and the turns a conversation; the dimension modules beside this one
ask it questions and make the claims. Reading is pure: the same turns give the same reading.
"""

import math
from typing import NamedTuple

from scoring_ops.conversation import AGENTS, AgentMix, AuthorType
from scoring_ops.judges.local.language import identify_language
from scoring_ops.judges.local.lexicon import Kind, lexicon
from scoring_ops.judges.local.signals import Sentence, read_sentences
from scoring_ops.transcript import Transcript, Turn

MOOD_LIMIT = 8.0
THANKS_MOOD = 1.0  # a plain "thanks" after an answer
SARCASM_MOOD = -1.0
DOUBTED = 0.3
SIGNATURE_WORDS = 2  # a line so short at the end of a letter is a name
_AGAINST: tuple[Kind, ...] = ("broken", "reject", "chasing", "repeating", "churn", "legal", "abusive", "contradiction")


class Said(NamedTuple):
    """One turn, read. `answered` is True where an agent had spoken before it."""

    turn: Turn
    sentences: tuple[Sentence, ...]
    mood: float
    answered: bool

    @property
    def author(self) -> AuthorType:
        """Whose words these are."""
        return self.turn.author_type

    def has(self, *kinds: Kind) -> bool:
        """True where any sentence holds a cue of these kinds."""
        return any(sentence.has(*kinds) for sentence in self.sentences)

    def last(self, *kinds: Kind) -> Sentence | None:
        """The last sentence that holds a cue of these kinds."""
        return next((s for s in reversed(self.sentences) if s.has(*kinds)), None)

    @property
    def is_against(self) -> bool:
        """True where the customer objects: not solved, not what was asked, or not for the first time."""
        return self.has(*_AGAINST)

    @property
    def ends_asking(self) -> bool:
        """True where the last sentence above the signature is a question."""
        told = [s for s in self.sentences if s.words > SIGNATURE_WORDS and not s.has("signature", "closing")]
        return (told or self.sentences)[-1].is_question if self.sentences else False

    @property
    def lowest(self) -> Sentence | None:
        """The sentence with the worst mood, where there is one below 0."""
        worst = min(self.sentences, key=lambda s: s.mood, default=None)
        return worst if worst is not None and worst.mood < 0 else None

    @property
    def highest(self) -> Sentence | None:
        """The sentence with the best mood, where there is one above 0."""
        best = max(self.sentences, key=lambda s: s.mood, default=None)
        return best if best is not None and best.mood > 0 else None


class Reading(NamedTuple):
    """A conversation, read: all turns in order, the customer's and the agents' apart."""

    language: str
    agent_mix: AgentMix
    turns: tuple[Said, ...]
    customer: tuple[Said, ...]
    agents: tuple[Said, ...]

    @property
    def replies(self) -> tuple[Said, ...]:
        """What the customer said after an agent had spoken."""
        return tuple(said for said in self.customer if said.answered)

    def before(self, said: Said) -> Said | None:
        """The agent's turn that a customer's turn reacts to."""
        return next((a for a in reversed(self.agents) if a.turn.number < said.turn.number), None)

    def after(self, said: Said) -> tuple[Said, ...]:
        """The agents' turns after a turn."""
        return tuple(a for a in self.agents if a.turn.number > said.turn.number)


def read(transcript: Transcript) -> Reading:
    """The reading of a transcript, in the language its customer writes."""
    own = [turn.text for turn in transcript.turns if turn.author_type == "customer"]
    language = identify_language(own or [turn.text for turn in transcript.turns])
    words = lexicon(language)
    turns: list[Said] = []
    answered = refused = False
    for turn in transcript.turns:
        sentences = read_sentences(turn, words)
        is_customer = turn.author_type == "customer"
        mood = _mood(sentences, answered=answered, refused=refused) if is_customer else 0.0
        said = Said(turn, sentences, mood, answered)
        turns.append(said)
        if turn.author_type in AGENTS:
            answered, refused = True, said.has("failed") and not said.has("done", "instruct")
    customer = tuple(said for said in turns if said.author == "customer")
    agents = tuple(said for said in turns if said.author in AGENTS)
    return Reading(language, transcript.agent_mix, tuple(turns), customer, agents)


def _mood(sentences: tuple[Sentence, ...], *, answered: bool, refused: bool) -> float:
    """The mood of a customer's turn: the sum over its sentences, damped, so that a long turn does not outshout.

    Thanks count once somebody answered; before that they are politeness. Mockery turns praise round where the same
    turn objects to something, and praise right after a refusal is doubted unless it comes with thanks.
    """
    moods = [_earned(s) if not answered else s.mood for s in sentences]
    total = math.fsum(moods)
    felt = sum(mood != 0 for mood in moods)
    mood = total / math.sqrt(felt) if felt else 0.0
    kinds = {hit.kind for s in sentences for hit in s.hits}
    objects = bool(kinds & set(_AGAINST)) or any(m < 0 for m in moods)
    if "sarcasm" in kinds and objects:
        mood = -abs(mood) + SARCASM_MOOD
    elif answered and "thanks" in kinds and not objects and not _asks(sentences):
        mood += THANKS_MOOD
    elif refused and mood > 0 and not kinds & {"thanks", "confirm", "closing"}:
        mood *= DOUBTED
    return max(-MOOD_LIMIT, min(MOOD_LIMIT, mood))


def _earned(sentence: Sentence) -> float:
    return sentence.mood - math.fsum(h.strength for h in sentence.of("mood") if h.emotion == "gratitude")


def _asks(sentences: tuple[Sentence, ...]) -> bool:
    return any(s.is_question or s.has("request") for s in sentences) and not any(s.has("closing") for s in sentences)
