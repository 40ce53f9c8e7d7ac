"""Says things for one conversation: never the same line twice while there is another, slots filled the same way.

An order number stays one number for the whole conversation, a weekday is one per side (what the customer was
promised, what the agent promises), and the step-by-step exchanges of very long conversations draw anew each time.
"""

import re
from collections.abc import Mapping
from datetime import date
from random import Random

from orchestration.sources.demo.phrases import fitting
from orchestration.sources.demo.slots import SLOT, Slots

STEPS = "steps.steps"
_OF_BOTH_SIDES = frozenset({"order", "item", "amount", "then", "email", "phone", "card", "rtl", "rival"})
_GIVEN_ONCE = frozenset({"order", "ref"})


class Phrasebook:
    """The voice of both sides of one conversation. `names` are slots with values given from outside."""

    def __init__(self, language: str, workspace: str, rng: Random, today: date, names: Mapping[str, str]) -> None:
        self._place = (language, workspace)
        self._rng = rng
        self._slots = Slots(language, workspace, rng, today)
        self._names = dict(names)
        self._values: dict[tuple[str, str], str] = {}
        self._used: dict[str, set[str]] = {}
        self._answers: dict[str, str] = {}
        self._problems: dict[str, int] = {}

    def name(self, slot: str, value: str) -> None:
        """From now on this slot has this value, such as another agent's name."""
        self._names[slot] = value

    def say(self, part: str, side: str) -> str:
        """The text for a part of a message; empty where nothing fits.

        Args:
            part: "refund.fixed" any fitting line, "refund.problem#2" the second, "refund.ask/1" and "refund.ask/2"
                the two halves of an exchange.
            side: whose values slots take.
        """
        path, _, half = part.partition("/")
        if half == "2":
            return self._filled(self._answers[path], side, path)
        line = self._picked(path, is_exchange=half == "1")
        if half == "1":
            line, _, self._answers[path] = line.partition(" || ")
        return self._filled(line, side, path)

    def _picked(self, part: str, *, is_exchange: bool) -> str:
        path, _, number = part.partition("#")
        group = path.partition(".")[0]
        if number:
            self._problems[group] = int(number)
            return fitting(*self._place, path, None)[int(number) - 1]
        lines = fitting(*self._place, path, self._problems.get(group))
        used = self._used.setdefault(path, set())
        choices = [line for line in lines if line not in used]
        if path == STEPS:
            choices = choices[:1]
        elif is_exchange:
            choices = [line for line in choices if not self._tells_again(line)] or choices
        elif path.endswith("repeat_reply"):
            choices = [line for line in choices if "{ref}" not in line or self._was_given("ref")]
        if not choices and not lines:
            return ""
        line = self._rng.choice(choices or lines)
        used.add(line)
        return line

    def _tells_again(self, exchange: str) -> bool:
        """True where the customer's answer gives a number that the customer has given before."""
        return any(
            slot in _GIVEN_ONCE and self._was_given(slot) for slot in SLOT.findall(exchange.partition(" || ")[2])
        )

    def _was_given(self, slot: str) -> bool:
        return (_owner(slot, "customer"), slot) in self._values

    def _filled(self, line: str, side: str, path: str) -> str:
        def value(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot in self._names:
                return self._names[slot]
            if path == STEPS and slot not in _OF_BOTH_SIDES:
                return self._slots.draw(slot)
            key = (_owner(slot, side), slot)
            if key not in self._values:
                self._values[key] = self._slots.draw(slot)
            return self._values[key]

        return SLOT.sub(value, line)


def _owner(slot: str, side: str) -> str:
    return "" if slot in _OF_BOTH_SIDES else side
