"""Values for the slots of phrases: order numbers, dates, amounts, names of towns, personal data that harms nobody.

E-mail addresses end in example.com, telephone numbers lie in ranges set aside for drama, card numbers are the ones
that payment companies publish for tests.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from orchestration.sources.demo.phrases import phrases

SLOT = re.compile(r"\{(\w+)\}")
_TEST_CARDS = ("4242 4242 4242 4242", "5555 5555 5555 4444", "4111111111111111", "3782 822463 10005")
_MAILBOXES = ("m.keller", "anna.b", "j.ortiz", "sam_reads", "familie.w", "travelfan", "lin.z", "office")
_REF_LETTERS = "ABCDEFGHKLMNPRTVXZ"
_LISTS = {
    "item": "items",
    "city": "cities",
    "day": "days",
    "rival": "rivals",
    "rtl": "rtl",
    "amount": "amount",
    "phone": "phones",
}
_WHOLE_AMOUNTS = (19, 24, 39, 48, 65, 79, 112, 149, 218, 340)


class Slots:
    """Draws values for one conversation; `today` is about when it takes place."""

    def __init__(self, language: str, workspace: str, rng: Random, today: date) -> None:
        self._lists = phrases(language, workspace)["slots"]
        self._rng = rng
        self._today = today

        self._made: dict[str, Callable[[], str]] = {
            "n": lambda: self._number(3, 9),
            "nn": lambda: self._number(0, 100, 2),
            "nnn": lambda: self._number(0, 1000, 3),
            "whole": lambda: str(rng.choice(_WHOLE_AMOUNTS)),
            "cents": lambda: rng.choice(("00", "50", "90", "95", "99")),
            "date": lambda: self._date(-40, -8),
            "then": lambda: self._date(9, 45),
            "order": lambda: f"R-{self._number(10_000, 99_999)}",
            "ref": lambda: "".join(rng.choice(_REF_LETTERS) for _ in range(3)) + self._number(100, 999),
            "email": lambda: f"{rng.choice(_MAILBOXES)}{self._number(10, 99)}@example.com",
            "card": lambda: rng.choice(_TEST_CARDS),
        }

    def draw(self, slot: str) -> str:
        """A new value for a slot; one that is a list in `slots.toml` gives one of its entries."""
        if slot in self._made:
            return self._made[slot]()
        return SLOT.sub(lambda match: self.draw(match.group(1)), self._rng.choice(self._lists[_LISTS[slot]]))

    def _number(self, low: int, high: int, width: int = 0) -> str:
        return f"{self._rng.randrange(low, high):0{width}d}"

    def _date(self, first: int, last: int) -> str:
        day = self._today + timedelta(days=self._rng.randrange(first, last))
        return (
            self._lists["date"][0].replace("{d}", str(day.day)).replace("{month}", self._lists["months"][day.month - 1])
        )
