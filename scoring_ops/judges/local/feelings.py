"""Sentiment at the start and at the end, and strong emotion, from the customer's words alone.

The last words weigh most and those before them fade; a customer who never came back is judged by what it wrote, a
little toward neutral. Only a clear feeling is called one: the default is neutral.
"""

import math

from scoring_ops.claims import Citation, Emotion, EmotionClaim, Sentiment, SentimentClaim, Sign
from scoring_ops.judges.local.quotes import cite
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.judges.local.signals import Sentence

FADING = 0.45  # weight of a customer's turn compared with the next one
SETTLED = 0.4  # what is left of earlier anger once the customer thanks or confirms
NO_REPLY = 0.5  # trust in the mood of a customer who never replied
OBJECTION = -0.7  # mood of a last reply that objects without a harsh word
VERY_NEGATIVE, NEGATIVE, POSITIVE, VERY_POSITIVE = -4.0, -1.5, 0.9, 3.0
STRONG_POSITIVE = 2.0  # mood of one sentence that is called an emotion, of either sign
_STRONG_NEGATIVE: dict[Emotion, float] = {
    "anger": -2.6,
    "frustration": -2.0,
    "disappointment": -2.0,
    "anxiety": -1.1,
    "confusion": -1.0,
}
MAXIMUM_EMOTIONS = 3


def end_mood(reading: Reading) -> float:
    """The mood a customer leaves with: below 0 is bad, about -4 to 4."""
    customer = reading.customer
    if not customer:
        return 0.0
    last = customer[-1]
    own = last.mood + (OBJECTION if last.is_against and last.answered else 0.0)
    if not last.answered and reading.agents:
        return NO_REPLY * math.fsum(said.mood * FADING**n for n, said in enumerate(reversed(customer)))
    earlier = math.fsum(said.mood * FADING**n for n, said in enumerate(reversed(customer[:-1]), start=1))
    if own > 0 or last.has("confirm", "accept"):
        earlier *= SETTLED
    return own + earlier


def sentiment_of(mood: float) -> Sentiment:
    """A mood in words."""
    if mood <= VERY_NEGATIVE:
        return "very_negative"
    if mood <= NEGATIVE:
        return "negative"
    if mood >= VERY_POSITIVE:
        return "very_positive"
    return "positive" if mood >= POSITIVE else "neutral"


def sentiment_claim(reading: Reading) -> SentimentClaim | None:
    """How the customer felt at the start and at the end; None where the customer said nothing quotable."""
    if not reading.customer:
        return None
    first, mood = reading.customer[0], end_mood(reading)
    end = sentiment_of(mood)
    start_evidence = cite(first, _tellingest(first, first.mood))
    end_evidence = _end_evidence(reading, mood)
    if not start_evidence and not end_evidence:
        return None
    return SentimentClaim(
        start=sentiment_of(first.mood) if start_evidence else "not_detectable",
        start_evidence=start_evidence,
        end=end if end_evidence else "not_detectable",
        end_evidence=end_evidence,
    )


def _end_evidence(reading: Reading, mood: float) -> tuple[Citation, ...]:
    """The latest words of the customer that carry the mood of the end."""
    for said in reversed(reading.customer):
        if said.mood * mood > 0 or (mood < 0 and said.is_against):
            evidence = cite(said, _tellingest(said, mood))
            if evidence:
                return evidence
    return next((found for said in reversed(reading.customer) if (found := cite(said))), ())


def _tellingest(said: Said, mood: float) -> Sentence | None:
    if mood < 0:
        return said.lowest or said.last("broken", "reject", "chasing", "repeating")
    return said.highest if mood > 0 else None


def emotion_claims(reading: Reading) -> tuple[EmotionClaim, ...]:
    """The strong feelings the customer put into words, each once, where it was strongest; the strongest first."""
    strongest: dict[Emotion, tuple[float, EmotionClaim]] = {}
    for said in reading.customer:
        for sentence in said.sentences:
            emotion = _emotion(sentence, answered=said.answered)
            evidence = cite(said, sentence) if emotion is not None else ()
            if emotion is None or not evidence:
                continue
            sign: Sign = "positive" if sentence.mood > 0 else "negative"
            claim = EmotionClaim(sign=sign, emotion=emotion, evidence=evidence)
            if abs(sentence.mood) > strongest.get(emotion, (0.0, claim))[0]:
                strongest[emotion] = (abs(sentence.mood), claim)
    ranked = sorted(strongest.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(claim for _, (_, claim) in ranked[:MAXIMUM_EMOTIONS])


def _emotion(sentence: Sentence, *, answered: bool) -> Emotion | None:
    """The feeling a sentence names, where its mood is strong enough for it; gratitude only once somebody answered."""
    named = [hit for hit in sentence.of("mood") if hit.emotion is not None and hit.strength * sentence.mood > 0]
    if not named or sentence.has("sarcasm"):
        return None
    emotion = max(named, key=lambda hit: abs(hit.strength)).emotion
    if emotion is None:
        return None
    if sentence.mood > 0:
        return emotion if answered and sentence.mood >= STRONG_POSITIVE else None
    return emotion if sentence.mood <= _STRONG_NEGATIVE.get(emotion, VERY_NEGATIVE) else None
