"""The stage on which a script is played: who serves at the moment, and the beats so far.

It knows how a beat is added (its kind by channel, its wait by pace), not what should be said; that is `script.py`.
"""

from orchestration.sources.demo.beats import Beat, pace
from orchestration.sources.demo.chance import stream
from orchestration.sources.demo.odds import Channel
from orchestration.sources.demo.plan import Plan
from scoring_ops.conversation import AuthorType, MessageKind


class Stage:
    """Collects the beats of one conversation."""

    def __init__(self, plan: Plan) -> None:
        self.rng = stream(plan.key, "script")
        self.agent: AuthorType = "human_agent" if plan.service == "human_only" else "ai_agent"
        self.seat = 0
        self.beats: list[Beat] = []
        self.first: tuple[str, ...] = ()
        self._first_after: int | None = None
        self._channel: Channel = plan.channel
        self._is_quick = plan.facts.experience >= 4

    @property
    def voice(self) -> str:
        """The group of phrases of whoever serves."""
        return "agent" if self.agent == "human_agent" else "ai"

    @property
    def spoken(self) -> MessageKind:
        """The kind of a message that is said aloud on this channel."""
        return "call_transcript" if self._channel == "phone" else "comment"

    def customer(self, *parts: str) -> None:
        """The customer says something."""
        self.add("customer", self.spoken, *parts)

    def serve(self, *parts: str) -> None:
        """Whoever serves says something."""
        self.add(self.agent, self.spoken, *self.first, *parts, wait=self._first_after)
        self.first, self._first_after = (), None

    def begin_next_with(self, *parts: str, after: int | None = None) -> None:
        """The next message of whoever serves begins with this, and comes after so many seconds."""
        self.first, self._first_after = parts, after

    def moment(self) -> None:
        """The agent needs a moment. Nobody writes that in a letter, and the AI agent is quick."""
        if self._channel != "email" and self.agent == "human_agent":
            self.serve("agent.moment")
            self.customer("agent.moment_reply")

    def exchange(self, path: str) -> None:
        """The agent asks and the customer answers."""
        self.serve(f"{path}/1")
        self.customer(f"{path}/2")

    def happen(self, kind: MessageKind) -> None:
        """Something that the helpdesk notes down and the customer does not see."""
        self.add("system", kind, is_public=False)

    def close(self) -> None:
        """The conversation is closed, some time after the last word."""
        wait = self.rng.randrange(20, 400) if self._channel != "email" else self.rng.randrange(300, 9000)
        self.add("system", "close", is_public=False, wait=wait)

    def add(
        self, author: AuthorType, kind: MessageKind, *parts: str, is_public: bool = True, wait: int | None = None
    ) -> None:
        """Any beat; without a wait it comes at its author's pace, the first one at once."""
        if wait is None:
            wait = pace(self.rng, self._channel, author, is_quick=self._is_quick) if self.beats else 0
        self.beats.append(Beat(author, kind, parts, wait, is_public, self.seat))
