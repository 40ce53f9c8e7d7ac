"""The structure of a conversation as named numbers: who wrote last, how often, how long, how it went on.

Read from the lexical judge's reading and claims. Names are part of a model file; a name that a model does not know
weighs nothing, one that a conversation lacks is 0. Nothing is learned here, and no clock is read: equal words share one
answer in the cache, whenever they were said. Long waits are claims of their own (`timing.py`).
"""

import math
from collections.abc import Iterable, Iterator

from scoring_ops.claims import Claims, findings
from scoring_ops.judges.local.effort import SAME_ANSWER, SAME_MESSAGE, repeated
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.scorecard import Scorecard

SAME_ADVICE = 80.0  # an agent that says nearly the same again, template or not
MOST_REPLIES = 4

Structure = dict[str, float]


def structure_of(reading: Reading, claims: Claims, card: Scorecard) -> Structure:
    """All structural features of a conversation. `card` weighs the lexical claims, as a first opinion."""
    found: Structure = dict(_claimed(claims, card))
    for name, turns in _parts(reading):
        found.update(_marks(name, turns))
        found.update(_cues(name, turns))
    found.update(_turns(reading))
    found.update(_moods(reading))
    return {name: value for name, value in found.items() if value}


def _parts(reading: Reading) -> Iterator[tuple[str, tuple[Said, ...]]]:
    yield "customer", reading.customer
    yield "agent", reading.agents
    yield "replies", reading.replies
    yield "last_customer", reading.customer[-1:]
    yield "last_agent", reading.agents[-1:]


def _claimed(claims: Claims, card: Scorecard) -> Iterator[tuple[str, float]]:
    found: Structure = {}
    for finding in findings(claims):
        weight = card.weights[finding.dimension].get(finding.value, 0.0) * finding.share
        for name, value in (
            (f"claim:{finding.dimension}:{finding.value}", finding.share),
            (f"weight:{finding.dimension}", weight),
            ("weight", weight),
        ):
            found[name] = found.get(name, 0.0) + value
    yield from found.items()
    yield "rating", claims.judge_rating - 3.0


def _marks(name: str, turns: tuple[Said, ...]) -> Iterator[tuple[str, float]]:
    text = "\n".join(said.turn.text for said in turns)
    yield f"length:{name}", math.log1p(len(text))
    yield f"questions:{name}", sum(sentence.is_question for said in turns for sentence in said.sentences)
    yield f"ends_asking:{name}", sum(said.ends_asking for said in turns)
    yield f"exclamations:{name}", text.count("!") + text.count("！")
    yield f"brackets:{name}", text.count("[")
    yield f"mentions:{name}", text.count("@")
    yield f"links:{name}", text.count("http")
    yield f"digits:{name}", math.log1p(sum(map(str.isdigit, text)))


def _cues(name: str, turns: Iterable[Said]) -> Structure:
    found: Structure = {}
    for said in turns:
        for sentence in said.sentences:
            for kind in {hit.kind for hit in sentence.hits}:
                key = f"cue:{name}:{kind}"
                found[key] = found.get(key, 0.0) + 1
    return found


def _turns(reading: Reading) -> Iterator[tuple[str, float]]:
    turns, customer, agents, replies = reading.turns, reading.customer, reading.agents, reading.replies
    yield "turns", math.log1p(len(turns))
    yield "turns:customer", math.log1p(len(customer))
    yield "turns:agent", math.log1p(len(agents))
    yield "replies", min(len(replies), MOST_REPLIES)
    yield "no_reply", not replies
    yield "one_reply", len(replies) == 1
    yield "no_agent", not agents
    yield "agent_writes_more", _length(agents) - _length(customer)
    yield "first_length", _length(customer[:1])
    yield "customer_wrote_last", bool(turns) and turns[-1].author == "customer"
    yield "unanswered", _trailing(turns, by_customer=True)
    yield "unreplied", _trailing(turns, by_customer=False)
    yield "repeated:customer", len(repeated(customer, SAME_MESSAGE))
    yield "repeated:agent", len(repeated(agents, SAME_ANSWER))
    yield "repeated:advice", len(repeated(agents, SAME_ADVICE))
    yield "ai_agent", reading.agent_mix == "ai_only"


def _trailing(turns: tuple[Said, ...], *, by_customer: bool) -> int:
    """How many turns of one side stand at the end."""
    count = 0
    for said in reversed(turns):
        if (said.author == "customer") != by_customer:
            break
        count += 1
    return count


def _length(turns: tuple[Said, ...]) -> float:
    return math.log1p(sum(len(said.turn.text) for said in turns))


def _moods(reading: Reading) -> Iterator[tuple[str, float]]:
    moods = [said.mood for said in reading.customer]
    if not moods:
        return
    yield "mood:first", moods[0]
    yield "mood:last", moods[-1]
    yield "mood:lowest", min(moods)
    yield "mood:highest", max(moods)
    yield "mood:mean", math.fsum(moods) / len(moods)
    yield "mood:change", moods[-1] - moods[0]
    yield "mood:last_reply", reading.replies[-1].mood if reading.replies else 0.0
    yield "objects_last", reading.customer[-1].is_against
