"""Service quality (tone and knowledge) and the quality of answers, of AI agents and of people by the same standard.

An answer is judged by what it does (solves, explains, only promises, repeats itself) and by how the customer takes it.
Timeliness is left to the clock. A rating of 3 means: nothing worth saying.
"""

from scoring_ops.claims import AnswerFault, AnswerQualityClaim, Citation, ServiceClaim
from scoring_ops.conversation import AuthorType
from scoring_ops.judges.local.effort import SAME_ANSWER, Place, repeated
from scoring_ops.judges.local.lexicon import Kind
from scoring_ops.judges.local.quotes import cite_all
from scoring_ops.judges.local.reading import Reading, Said

COURTEOUS = 2  # courteous or sorry turns that make a good tone
OFTEN_UNKNOWING = 2  # answers without knowledge, past which nothing was known
HIGHEST, LOWEST = 5, 1


def service_claims(reading: Reading) -> tuple[ServiceClaim, ...]:
    """Tone and knowledge of those who served: people, or the AI agent where it alone did."""
    author: AuthorType = "ai_agent" if reading.agent_mix == "ai_only" else "human_agent"
    agents = tuple(a for a in reading.agents if a.author == author)
    tone, knowledge = _tone(agents), _knowledge(agents)
    return tuple(claim for claim in (tone, knowledge) if claim is not None and claim.evidence)


def _tone(agents: tuple[Said, ...]) -> ServiceClaim | None:
    rude = _places(agents, "rude")
    if rude:
        return ServiceClaim(aspect="tone", rating=1 if len(rude) > 1 else 2, evidence=cite_all(rude))
    kind = [place for place in _places(agents, "courtesy", "apology") if not place[0].has("stock")]
    if len(kind) >= COURTEOUS:
        return ServiceClaim(aspect="tone", rating=4, evidence=cite_all(kind))
    return None


def _knowledge(agents: tuple[Said, ...]) -> ServiceClaim | None:
    unknowing = _places(agents, "ignorance")
    if unknowing:
        rating = LOWEST if len(unknowing) > OFTEN_UNKNOWING else LOWEST + 1
        return ServiceClaim(aspect="knowledge", rating=rating, evidence=cite_all(unknowing))
    informed = [place for place in _places(agents, "instruct", "done") if not place[0].has("failed", "stock")]
    return ServiceClaim(aspect="knowledge", rating=4, evidence=cite_all(informed)) if informed else None


def answer_claim(reading: Reading, author: AuthorType) -> AnswerQualityClaim | None:
    """The quality of the answers of one kind of agent; None where there was none of that kind."""
    agents = tuple(a for a in reading.agents if a.author == author)
    faults = _faults(reading, agents)
    if faults:
        evidence = cite_all(place for places in faults.values() for place in places)
        return _claim(LOWEST if len(faults) > 1 else LOWEST + 1, tuple(sorted(faults)), evidence)
    good = [place for place in _places(agents, "done", "instruct") if not place[0].has("failed")]
    welcomed = [place for place in good if _is_welcomed(reading, place[0])]
    if welcomed:
        return _claim(HIGHEST if len(welcomed) > 1 else HIGHEST - 1, (), cite_all(welcomed))
    return _claim(3, (), cite_all(good or [(a, None) for a in agents]))


def _claim(rating: int, faults: tuple[AnswerFault, ...], evidence: tuple[Citation, ...]) -> AnswerQualityClaim | None:
    return AnswerQualityClaim(rating=rating, faults=faults, evidence=evidence) if evidence else None


def _faults(reading: Reading, agents: tuple[Said, ...]) -> dict[AnswerFault, list[Place]]:
    """What was wrong with the answers, with the answers that show it."""
    found: dict[AnswerFault, list[Place]] = {}
    for said in repeated(agents, SAME_ANSWER, back=1):
        found.setdefault("incomplete", []).append((said, None))
    for place in _places(agents, "ignorance"):
        found.setdefault("needs_clarification", []).append(place)
    for reply in reading.replies:
        answer = reading.before(reply)
        if answer is None or answer not in agents:
            continue
        if reply.has("reject"):
            found.setdefault("inaccurate", []).append((answer, None))
        elif reply.has("clarify"):
            found.setdefault("unclear", []).append((answer, None))
        elif reply.has("contradiction") and reply.mood < 0:
            found.setdefault("contradictory", []).append((answer, None))
    return found


def _is_welcomed(reading: Reading, agent: Said) -> bool:
    """True where the customer's next words are content."""
    reply = next((c for c in reading.customer if c.turn.number > agent.turn.number), None)
    return reply is not None and not reply.is_against and (reply.mood > 0 or reply.has("confirm", "thanks"))


def _places(agents: tuple[Said, ...], *kinds: Kind) -> list[Place]:
    return [(a, a.last(*kinds)) for a in agents if a.has(*kinds)]
