"""Resolution: what the customer wanted, and whether it was solved in the end.

The customer's last reply tells most: it confirms, objects, accepts or asks on. Where the customer says nothing
more, the agent's last words decide, and a promise is not yet a solution: what stays open is `unclear`.
"""

from typing import NamedTuple

from scoring_ops.claims import IssueClaim, Resolution
from scoring_ops.judges.local.quotes import cite, clip
from scoring_ops.judges.local.reading import Reading, Said
from scoring_ops.judges.local.signals import Sentence

ISSUE_WORDS = 15
ISSUE_LENGTH = 100  # code points, for scripts without spaces
MAXIMUM_ISSUES = 4
GREETING_WORDS = 3  # "hello there," is not yet the issue
STANDS = -1.5  # mood of a last reply that says the problem stands, whatever its words


class Outcome(NamedTuple):
    """How an issue ended, and the words that show it."""

    status: Resolution
    said: Said
    sentence: Sentence | None


class Episode(NamedTuple):
    """The part of a conversation that is about one issue."""

    opening: Said
    sentence: Sentence | None
    replies: tuple[Said, ...]
    agents: tuple[Said, ...]


def issue_claims(reading: Reading) -> tuple[IssueClaim, ...]:
    """One claim for each issue the customer raised; none where nothing can be quoted for it."""
    claims: list[IssueClaim] = []
    for episode in episodes(reading):
        result = outcome(episode)
        evidence = cite(result.said, result.sentence)
        if evidence:
            claims.append(IssueClaim(issue=issue_text(episode), status=result.status, evidence=evidence))
    return tuple(claims)


def episodes(reading: Reading) -> tuple[Episode, ...]:
    """The issues in order: the first thing asked, then each thing the customer says is another one."""
    if not reading.customer:
        return ()
    starts: list[tuple[Said, Sentence | None]] = [_opening(reading)]
    for said in reading.replies:
        sentence = said.last("another")
        if sentence is not None and said.turn.number > starts[-1][0].turn.number and len(starts) < MAXIMUM_ISSUES:
            starts.append((said, sentence))
    found: list[Episode] = []
    for n, (opening, sentence) in enumerate(starts):
        first = opening.turn.number
        past = starts[n + 1][0].turn.number if n + 1 < len(starts) else len(reading.turns) + 1
        agents = tuple(a for a in reading.agents if first < a.turn.number < past)
        answered_from = agents[0].turn.number if agents else past
        replies = tuple(c for c in reading.customer if answered_from < c.turn.number < past)
        found.append(Episode(opening, sentence, replies, agents))
    return tuple(found)


def outcome(episode: Episode) -> Outcome:
    """How an issue ended, from the customer's last reply, else from the agent's last words."""
    reply = episode.replies[-1] if episode.replies else None
    if reply is None:
        return _unanswered(episode)
    before = next((a for a in reversed(episode.agents) if a.turn.number < reply.turn.number), None)
    after = tuple(a for a in episode.agents if a.turn.number > reply.turn.number)
    return _told(reply) or _delivered(after, reply) or _accepted(episode, reply, before) or _left_open(reply, after)


def issue_text(episode: Episode) -> str:
    """The issue in the customer's own words, at most fifteen of them."""
    text = episode.opening.turn.text
    if episode.sentence is not None:
        text = text[episode.sentence.start : episode.sentence.end]
    words = text.split()
    return clip(" ".join(words[:ISSUE_WORDS]), ISSUE_LENGTH).rstrip(".。!！ ")


def _opening(reading: Reading) -> tuple[Said, Sentence | None]:
    """The first sentence of the customer that is more than a greeting."""
    for said in reading.customer:
        for sentence in said.sentences:
            if not (sentence.has("greeting") and sentence.words <= GREETING_WORDS) and sentence.words > 1:
                return said, sentence
    return reading.customer[0], None


def _told(reply: Said) -> Outcome | None:
    """What the customer says outright: solved, or not solved."""
    confirmed, denied = reply.last("confirm"), reply.last("broken", "reject", "churn")
    if confirmed is not None and (denied is None or denied.start < confirmed.start):
        return Outcome("resolved", reply, confirmed)
    if denied is not None and not denied.is_question:
        return Outcome("unresolved", reply, denied)
    resigned = reply.last("resigned")
    if resigned is not None and confirmed is None:
        return Outcome("unresolved", reply, resigned)
    if reply.mood <= STANDS:
        return Outcome("unresolved", reply, reply.lowest)
    return None


def _delivered(after: tuple[Said, ...], reply: Said) -> Outcome | None:
    """What the agent did after the customer's last word."""
    for agent in reversed(after):
        if agent.has("failed") and not agent.has("done"):
            return Outcome("unresolved", agent, agent.last("failed"))
        if agent.has("done") and not reply.is_against:
            return Outcome("resolved", agent, agent.last("done"))
    return None


def _accepted(episode: Episode, reply: Said, before: Said | None) -> Outcome | None:
    """A customer who thanks, agrees or says goodbye: solved, unless all it got was a promise or a no."""
    content = reply.mood > 0 or reply.has("thanks", "closing", "accept")
    if not content or reply.is_against or reply.ends_asking:
        return None
    answer = _substance(episode.agents, reply) if before is None or before.has("courtesy") else before
    sentence = reply.highest or reply.last("thanks", "closing", "accept")
    if answer is not None and answer.has("failed") and not answer.has("done", "instruct"):
        return Outcome("partly_resolved", reply, sentence)
    if answer is not None and answer.has("done", "instruct"):
        return Outcome("resolved", reply, sentence)
    if answer is not None and answer.has("promise", "ask", "handoff"):
        return Outcome("unclear", reply, sentence)
    return Outcome("resolved" if reply.has("thanks") or reply.mood > 0 else "unclear", reply, sentence)


def _left_open(reply: Said, after: tuple[Said, ...]) -> Outcome:
    if not after and (reply.is_against or reply.ends_asking):
        return Outcome("unresolved", reply, reply.last("chasing", "repeating") or reply.sentences[-1])
    return Outcome("unclear", reply, None)


def _unanswered(episode: Episode) -> Outcome:
    """The customer said nothing more: the agent's last words tell."""
    for agent in reversed(episode.agents):
        if agent.has("done"):
            return Outcome("resolved", agent, agent.last("done"))
        if agent.has("failed") and not agent.has("instruct", "promise"):
            return Outcome("unresolved", agent, agent.last("failed"))
    return Outcome("unclear", episode.opening, episode.sentence)


def _substance(agents: tuple[Said, ...], reply: Said) -> Said | None:
    """The last agent's turn before a reply that does more than be polite."""
    kinds = ("done", "failed", "instruct", "promise", "handoff", "ask")
    return next((a for a in reversed(agents) if a.turn.number < reply.turn.number and a.has(*kinds)), None)
