"""The scripts of conversations in which nobody was served to the end: spam, tests, outbound messages and their like.

Each helpdesk has them, and each must be counted as what it is; the served ones are in `script.py`.
"""

from orchestration.sources.demo.beats import Beat, pace
from orchestration.sources.demo.chance import stream
from orchestration.sources.demo.odds import Kind
from orchestration.sources.demo.plan import SERVED, Plan
from orchestration.sources.demo.script import served_script
from scoring_ops.conversation import AGENTS, SPOKEN_KINDS, AgentMix, AuthorType, MessageKind

_Line = tuple[AuthorType, MessageKind, tuple[str, ...]]


def script_of(plan: Plan) -> list[Beat]:
    """The beats of any conversation, whatever its kind."""
    if plan.kind in SERVED:
        return served_script(plan)
    if plan.kind == "open":
        return _unfinished(plan)
    rng = stream(plan.key, "script")
    lines: list[_Line] = [*_lines(plan, plan.kind), ("system", "close", ())]
    return [
        Beat(author, kind, parts, pace(rng, plan.channel, author) if number else 0, kind in SPOKEN_KINDS)
        for number, (author, kind, parts) in enumerate(lines)
    ]


def agent_mix_of(beats: list[Beat]) -> AgentMix:
    """Who served the customer, by the beats that are said aloud."""
    spoke = {beat.author for beat in beats if beat.kind in SPOKEN_KINDS} & AGENTS
    if len(spoke) != 1:
        return "mixed" if spoke else "none"
    return "ai_only" if "ai_agent" in spoke else "human_only"


def _lines(plan: Plan, kind: Kind) -> list[_Line]:
    problem = ("opening.hello", f"{plan.topics[0].key}.problem", "opening.calm")
    if kind == "spam":
        return [("customer", "comment", ("odd.spam",))]
    if kind == "merged":
        return [("customer", "comment", problem), ("human_agent", "note", ("odd.merged",))]
    if kind == "test":
        return [("customer", "comment", ("odd.test",)), ("human_agent", "comment", ("odd.test_reply",))]
    if kind == "outbound":
        return [("human_agent", "comment", ("automatic.outbound",))]
    if kind == "too_short":
        replier: AuthorType = "human_agent" if plan.service == "human_only" else "ai_agent"
        return [("customer", "comment", ("odd.short",)), (replier, "comment", ("odd.short_reply",))]
    return [("customer", "comment", problem), ("bot", "comment", ("automatic.received",))]


def _unfinished(plan: Plan) -> list[Beat]:
    """The beginning of a served conversation, waiting for either side."""
    beats = [beat for beat in served_script(plan) if beat.kind not in {"close", "reopen"}]
    return beats[: stream(plan.key, "unfinished").randrange(1, len(beats))]
