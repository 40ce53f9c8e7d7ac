"""What goes wrong between a question and its answer, scene by scene: asked twice, kept waiting, contradicted.

The script (`script.py`) decides from the facts of a plan which of these happen.
"""

from orchestration.sources.demo.beats import long_wait
from orchestration.sources.demo.chance import happens
from orchestration.sources.demo.odds import Channel
from orchestration.sources.demo.stage import Stage


def ask_again(stage: Stage, channel: Channel) -> None:
    """The agent asks for what the customer has told already."""
    stage.serve("agent.repeat_ask")
    stage.customer("phone.repeat_reply" if channel == "phone" else "agent.repeat_reply")
    stage.begin_next_with("agent.recap")


def keep_waiting(stage: Stage, channel: Channel) -> None:
    """The customer waits long: on the line, or until asking whether anyone is still there."""
    wait = long_wait(stage.rng, channel)
    if channel == "phone":
        stage.serve("agent.moment")
        stage.begin_next_with("phone.wait_reply", after=wait)
    else:
        stage.add("customer", stage.spoken, "customer.chase", wait=wait)
        stage.begin_next_with("agent.wait_reply")


def contradict(stage: Stage) -> None:
    """A promise is taken back, by the same agent or by the next one."""
    stage.serve("agent.promise")
    stage.customer("customer.answer_ok")
    if stage.agent == "human_agent" and happens(stage.rng, 0.5):
        stage.seat = 1
        stage.happen("assignment")
        stage.serve("agent.retract_other")
    else:
        stage.serve("agent.retract")
    stage.customer("agent.retract_reply")
