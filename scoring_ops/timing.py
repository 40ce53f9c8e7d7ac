"""What no quote can show: long waits and silence, computed from the messages themselves.

These findings come from code, not from a judge; they quote the message concerned. Where a source gives no times,
waits are unknown and nothing is claimed; that a customer was left without an answer needs no clock.
"""

from collections.abc import Mapping

from scoring_ops.claims import Finding
from scoring_ops.conversation import AGENTS
from scoring_ops.evidence import ProvenFinding, whole_turn
from scoring_ops.transcript import Transcript, Turn

Waits = Mapping[str, tuple[float, float]]


def timing_findings(transcript: Transcript, channel: str | None, waits: Waits) -> tuple[ProvenFinding, ...]:
    """The slow answer and the missing answer of a conversation, where there are such.

    Args:
        transcript: the turns, with times where the source has them.
        channel: the channel, which decides what counts as slow.
        waits: minutes by channel past which an answer is slow and very slow; "default" for all others.
    """
    return (*_slow_answer(transcript, channel, waits), *_no_answer(transcript))


def _slow_answer(transcript: Transcript, channel: str | None, waits: Waits) -> tuple[ProvenFinding, ...]:
    longest, waiting = _longest_wait(transcript)
    slow, very_slow = waits.get(channel or "default", waits["default"])
    if waiting is None or longest <= slow:
        return ()
    rating = 1 if longest > very_slow else 2
    finding = Finding("timing.wait", "service_quality", f"timeliness:{rating}", ())
    return (ProvenFinding(finding, (whole_turn(waiting, "timing"),)),)


def _longest_wait(transcript: Transcript) -> tuple[float, Turn | None]:
    """The longest time in minutes between a customer's first unanswered turn and the next answer, and that turn."""
    longest, longest_turn = 0.0, None
    waiting: Turn | None = None
    for turn in transcript.turns:
        if turn.author_type == "customer":
            waiting = waiting or turn
        elif turn.author_type in AGENTS and waiting is not None:
            if turn.sent_at is not None and waiting.sent_at is not None:
                minutes = (turn.sent_at - waiting.sent_at).total_seconds() / 60
                if minutes > longest:
                    longest, longest_turn = minutes, waiting
            waiting = None
    return longest, longest_turn


def _no_answer(transcript: Transcript) -> tuple[ProvenFinding, ...]:
    """A question with which the conversation ends: the customer asked last and nobody answered."""
    if not transcript.turns:
        return ()
    last = transcript.turns[-1]
    if last.author_type != "customer" or not last.text.rstrip().endswith(("?", "？", "؟")):
        return ()
    finding = Finding("timing.silence", "process_fault", "unanswered", ())
    return (ProvenFinding(finding, (whole_turn(last, "absence"),)),)
