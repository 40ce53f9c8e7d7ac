"""Customer effort and faults of the process: who had to say, send or ask the same thing again.

Repetition is found by words ("as I said") and by likeness of the customer's own messages; chasing, handoffs and long
waits by words. Waits measured in minutes are computed elsewhere, from the clock.
"""

from typing import Literal

from rapidfuzz import fuzz

from scoring_ops.claims import EffortClaim, EffortDriver, EffortLevel, FaultClaim, FaultKind
from scoring_ops.judges.local.lexicon import Kind
from scoring_ops.judges.local.quotes import cite, cite_all
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.judges.local.signals import Sentence

SAME_MESSAGE = 82.0  # rapidfuzz ratio, 0 to 100
SAME_ANSWER = 96.0  # higher: answers share their template
SHORTEST_COMPARED = 14  # code points: "yes please" twice is no repetition
COMPARED_LENGTH = 300
COMPARED_TURNS = 12  # a message is compared with so many before it
REPEATED_OFTEN = 2  # more repeated or chasing messages than this are high effort alone
EASY_REPLIES = 3  # a resolved matter with at most so many replies was no effort

Place = tuple[Said, Sentence | None]
_DRIVERS: tuple[tuple[EffortDriver, Kind], ...] = (
    ("repeating", "repeating"),
    ("chasing", "chasing"),
    ("handoffs", "handoff"),
    ("channel_switch", "channel_switch"),
    ("long_wait", "long_wait"),
)
_TOLD_FAULTS: tuple[Literal["lost_context", "contradiction"], ...] = ("lost_context", "contradiction")


def repeated(turns: tuple[Said, ...], threshold: float, back: int = COMPARED_TURNS) -> tuple[Said, ...]:
    """The turns that say nearly what one of the `back` turns before said; polite and very short ones do not count."""
    found: list[Said] = []
    for n, said in enumerate(turns):
        text = said.turn.text[:COMPARED_LENGTH].strip().casefold()
        if len(text) < SHORTEST_COMPARED or said.has("courtesy", "closing", "thanks"):
            continue
        for other in turns[max(0, n - back) : n]:
            earlier = other.turn.text[:COMPARED_LENGTH].strip().casefold()
            if fuzz.ratio(text, earlier, score_cutoff=threshold):
                found.append(said)
                break
    return tuple(found)


def drivers(reading: Reading) -> dict[EffortDriver, list[Place]]:
    """What made it hard, with the customer's words that show it."""
    found: dict[EffortDriver, list[Place]] = {}
    for said in reading.customer:
        for driver, kind in _DRIVERS:
            sentence = said.last(kind)
            if sentence is not None and _counts(driver, said, sentence):
                found.setdefault(driver, []).append((said, sentence))
    for said in repeated(reading.customer, SAME_MESSAGE):
        found.setdefault("repeating", []).append((said, None))
    return found


def _counts(driver: EffortDriver, said: Said, sentence: Sentence) -> bool:
    """Chasing and switching channels tell of effort only where something was tried before."""
    if driver == "chasing":
        return said.answered or sentence.has("still", "long_wait", "broken")
    if driver == "channel_switch":
        return sentence.has("still", "broken", "cannot", "reject") or sentence.mood < 0
    return True


def effort_claim(reading: Reading, *, resolved: bool) -> EffortClaim | None:
    """How hard the customer had to work; None where its words do not tell."""
    found = drivers(reading)
    places = [place for driver in found for place in found[driver]]
    if not places:
        return _low(reading) if resolved else None
    repeated_often = len(found.get("repeating", ())) + len(found.get("chasing", ())) > REPEATED_OFTEN
    level: EffortLevel = "high" if len(found) > 1 or repeated_often else "moderate"
    evidence = cite_all(places)
    return EffortClaim(level=level, drivers=tuple(sorted(found)), evidence=evidence) if evidence else None


def _low(reading: Reading) -> EffortClaim | None:
    if not reading.replies or len(reading.replies) > EASY_REPLIES:
        return None
    evidence = cite(reading.replies[-1])
    return EffortClaim(level="low", drivers=(), evidence=evidence) if evidence else None


def fault_claims(reading: Reading) -> tuple[FaultClaim, ...]:
    """Lost context, explanations asked for twice and contradictions, each once."""
    places: dict[FaultKind, list[Place]] = {}
    for said in reading.replies:
        for kind in _TOLD_FAULTS:
            sentence = said.last(kind)
            if sentence is not None and (said.mood < 0 or said.is_against or sentence.is_question):
                places.setdefault(kind, []).append((said, sentence))
        sentence = said.last("repeating")
        if sentence is not None and (asked := reading.before(said)) is not None and asked.has("ask"):
            places.setdefault("repeated_explanation", []).append((said, sentence))
    for said in reading.agents:
        sentence = said.last("lost_context")
        if sentence is not None and said.answered:
            places.setdefault("repeated_explanation", []).append((said, sentence))
    for said in asked_again(reading):
        places.setdefault("repeated_explanation", []).append((said, None))
    claims = (FaultClaim(kind=kind, evidence=cite_all(found)) for kind, found in places.items())
    return tuple(claim for claim in claims if claim.evidence)


def asked_again(reading: Reading) -> tuple[Said, ...]:
    """The agents' questions that were asked before, in nearly the same words."""
    return repeated(tuple(a for a in reading.agents if a.has("ask")), SAME_ANSWER)
