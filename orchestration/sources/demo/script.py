"""The script of a conversation in which a customer is served: who says what kind of thing, in which order.

It acts out the facts of a plan: the opening, who serves, questions asked twice, handoffs, waits, answers that
contradict each other, the outcome of each issue and the last words. No words here; those are in the phrases.
"""

from orchestration.sources.demo.beats import Beat
from orchestration.sources.demo.chance import happens
from orchestration.sources.demo.facts import SENTIMENT
from orchestration.sources.demo.phrases import fitting
from orchestration.sources.demo.plan import SATISFIED_FROM, Plan
from orchestration.sources.demo.stage import Stage
from orchestration.sources.demo.trouble import ask_again, contradict, keep_waiting
from scoring_ops.claims import EffortLevel, Resolution

_ANSWER: dict[Resolution, str] = {
    "resolved": "fixed",
    "partly_resolved": "partial",
    "unresolved": "failed",
}
_ROUNDS: dict[EffortLevel, int] = {"low": 0, "moderate": 1, "high": 2}  # of questions beyond the first
_STEPS, _STEPS_UNTIL_PAUSE = 34, 4
_PAUSE = (2_000, 60_000)  # seconds: very long conversations go on for days


def served_script(plan: Plan) -> list[Beat]:
    """The beats of a conversation with service, from its first message to its last close."""
    script = _Script(plan)
    script.open()
    if plan.is_short:
        script.answer(0, greets=True)
    else:
        script.serve()
    if plan.reopened_after is not None:
        script.end_for_now()
        script.come_back()
    script.end()
    return script.stage.beats


class _Script:
    def __init__(self, plan: Plan) -> None:
        self.stage = Stage(plan)
        self._plan = plan
        self._facts = plan.facts
        self._topics = [topic.key for topic in plan.topics]
        self._asides = _asides(plan)
        place = (plan.customer.language, plan.workspace)
        self._problems = {
            key: 1 + self.stage.rng.randrange(len(fitting(*place, f"{key}.problem", None))) for key in self._topics
        }
        self._unused = {
            f"{key}.{kind}": len(fitting(*place, f"{key}.{kind}", self._problems[key]))
            for key in self._topics
            for kind in ("ask", "follow")
        }
        self._brings_more = plan.reopened_after is not None and plan.facts.experience >= SATISFIED_FROM
        self._returns_unsolved = plan.reopened_after is not None and not self._brings_more

    def open(self) -> None:
        """The customer says what it is about, after a bot's greeting in some chats, the agent's on the phone."""
        stage, channel = self.stage, self._plan.channel
        if channel == "phone":
            stage.serve("agent.call")
        elif channel == "chat" and self._happens(0.45):
            stage.add("bot", "comment", "automatic.bot_greeting")
        says = [self._problem(0)]
        if self._happens(0.6):
            says.append(f"{self._topics[0]}.context")
        says.append(f"opening.{self._facts.mood}")
        if self._facts.ending == "silent":
            says.extend(self._asides)
            self._asides = []
        if channel == "chat" and self._happens(0.15):
            stage.customer("opening.hello")
            stage.customer(*says)
        else:
            stage.customer(*(["opening.hello"] if self._happens(0.75) else []), *says)
        if channel == "email" and self._happens(0.6):
            stage.add("bot", "comment", "automatic.received")
        if stage.agent == "human_agent" and channel != "phone":
            stage.happen("assignment")

    def serve(self) -> None:
        """From the first reply to the answer of every issue."""
        if self._plan.service == "mixed":
            self._try_ai_first()
            self._hand_off()
            self._ask(greets=False)
        else:
            self._ask(greets=True)
            if self.stage.agent == "ai_agent" and self._facts.experience <= 3:
                for _ in range(_ROUNDS[self._facts.effort]):
                    self._miss_the_point()
        self._work()
        if self._plan.is_long:
            self._go_step_by_step()
        self.answer(0, claims="resolved" if self._returns_unsolved else None)
        for issue in range(1, len(self._topics) - self._brings_more):
            self._raise_issue(issue)

    def answer(self, issue: int, *, greets: bool = False, claims: Resolution | None = None) -> None:
        """The agent's answer to an issue, and the customer's protest where it is none.

        `claims` is an answer that pretends: what is said before a conversation has to be reopened.
        """
        resolution = claims or self._facts.resolutions[issue]
        says = [f"{self.stage.voice}.hello"] if greets and self._plan.channel != "phone" else []
        says.append(f"{self._topics[issue]}.{_ANSWER[resolution]}" if resolution in _ANSWER else "agent.pending")
        if self._facts.ending == "silent" and self._happens(0.6):
            says.append(f"{self.stage.voice}.anything_else")
        self.stage.serve(*says)
        if resolution == "unresolved" and not self._plan.is_short and self._happens(0.55):
            self.stage.customer("customer.pushback")
            self.stage.serve("agent.hold")

    def end_for_now(self) -> None:
        """A first close that does not last."""
        self.stage.customer("end.thanks" if self._brings_more else "customer.first_end")
        self.stage.close()

    def come_back(self) -> None:
        """The customer reopens the conversation: the problem is back, or there is another one."""
        stage = self.stage
        stage.happen("reopen")
        last = len(self._topics) - 1
        if self._brings_more:
            stage.customer("customer.back_more", self._problem(last))
        else:
            stage.customer("customer.back_again")
        if stage.agent == "ai_agent" and self._plan.reopened_to_person:
            stage.agent = "human_agent"
            stage.happen("assignment")
            stage.begin_next_with("agent.took_over")
        else:
            stage.begin_next_with(f"{stage.voice}.feel")
        stage.moment()
        self.answer(last if self._brings_more else 0)

    def end(self) -> None:
        """The last words of the customer, which show what they feel unless they say nothing."""
        ending = self._facts.ending
        if ending != "silent":
            if self._asides and self._happens(0.5):
                self.stage.customer(*self._asides)
                self._asides = []
            self.stage.customer(*self._asides, f"end.{ending}")
            if ending != "unanswered" and self._happens(0.6):
                self.stage.serve(self._goodbye())
        self.stage.close()

    def _problem(self, issue: int) -> str:
        topic = self._topics[issue]
        return f"{topic}.problem#{self._problems[topic]}"

    def _happens(self, chance: float) -> bool:
        return happens(self.stage.rng, chance)

    def _try_ai_first(self) -> None:
        if self._happens(0.5):
            self._ask(greets=True)
            self.stage.serve(f"{self._topics[0]}.selfhelp")
        else:
            self.stage.serve("ai.hello", f"{self._topics[0]}.selfhelp")
        self.stage.customer("ai.want_human")

    def _hand_off(self) -> None:
        stage = self.stage
        stage.serve("ai.handoff")
        stage.happen("handoff")
        stage.agent = "human_agent"
        stage.happen("assignment")
        if "lost_context" in self._facts.faults:
            stage.serve("agent.took_over_lost")
            stage.customer("agent.lost_reply")
            stage.begin_next_with("agent.recap")
        else:
            stage.begin_next_with("agent.took_over")

    def _ask(self, *, greets: bool) -> None:
        voice = self.stage.voice
        hello = [f"{voice}.hello"] if greets and self._plan.channel != "phone" else []
        feel = [f"{voice}.feel"] if greets else []
        path = f"{self._topics[0]}.ask"
        if greets or self._unused[path]:
            self.stage.begin_next_with(*self.stage.first, *hello, *feel)
            self._exchange(path)

    def _exchange(self, path: str) -> None:
        """A question and its answer, where there is one left that has not been had."""
        if self._unused[path]:
            self._unused[path] -= 1
            self.stage.exchange(path)

    def _miss_the_point(self) -> None:
        self.stage.serve(f"{self._topics[0]}.selfhelp")
        self.stage.customer("ai.again")

    def _work(self) -> None:
        """What lies between the details and the answer: more questions, waits and faults, as the effort demands."""
        faults, effort, stage = self._facts.faults, self._facts.effort, self.stage
        is_person = stage.agent == "human_agent"
        if is_person and self._happens(0.35):
            stage.moment()
        if is_person and self._happens(0.25):
            stage.add("human_agent", "note", "note.internal", is_public=False)
        if "repeated_explanation" in faults:
            ask_again(stage, self._plan.channel)
        for number in range(_ROUNDS[effort] + self._happens(0.4)):
            self._exchange(f"{self._topics[0]}.{'ask' if number == 1 else 'follow'}")
        if effort == "high" and is_person:
            keep_waiting(stage, self._plan.channel)
        if "contradiction" in faults:
            contradict(stage)

    def _go_step_by_step(self) -> None:
        for step in range(1, _STEPS + 1):
            self.stage.exchange("steps.steps")
            if step % _STEPS_UNTIL_PAUSE == 0:
                self.stage.moment()
                self.stage.begin_next_with("agent.wait_reply", after=self.stage.rng.randrange(*_PAUSE))

    def _raise_issue(self, issue: int) -> None:
        topic = self._topics[issue]
        self.stage.customer("customer.second", self._problem(issue))
        if self._plan.is_long:
            self.stage.serve("agent.second_reply", f"{topic}.ask/1")
            self.stage.customer(f"{topic}.ask/2")
        self.answer(issue)

    def _goodbye(self) -> str:
        sentiment = SENTIMENT[self._facts.ending]
        if sentiment in {"positive", "very_positive"}:
            return f"{self.stage.voice}.{'bye_warm' if self.stage.voice == 'agent' else 'bye'}"
        return "agent.bye_sorry" if "negative" in sentiment else "agent.bye_plain"


def _asides(plan: Plan) -> list[str]:
    """What the customer says beside the matter: feedback on product and policy, and threats."""
    facts, topic = plan.facts, plan.topics[0]
    said: list[str] = []
    if facts.product:
        said.append(f"{topic.key}.{'praise' if facts.product == 'positive' else 'gripe'}")
    if facts.policy and topic.policy:
        said.append(f"policy_{facts.policy}.{topic.policy}")
    return [*said, *(f"risk.{risk}" for risk in facts.risks)]
