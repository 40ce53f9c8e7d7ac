"""Money: what a call costs, and when to stop.

Prices are data (`prices.toml`). A budget reserves the most a call may cost and settles what it did cost, so that calls
in flight cannot overrun it together; reaching it stops judging, and the rest is `budget_stopped` until a next run.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scoring_ops.judges.protocol import JudgeIdentity, Usage


class BudgetError(ValueError):
    """A budget or price table that cannot be used; the message names the setting or the file."""


class Price(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def cost(self, usage: Usage) -> float:
        """US dollars for a usage."""
        return ((usage.input_tokens or 0) * self.input + (usage.output_tokens or 0) * self.output) / 1e6


_PRICES = TypeAdapter(dict[str, Price])


def load_prices(own: Path | None = None) -> Mapping[str, Price]:
    """The price table that ships with the project, overridden by the entries of `own` where it exists.

    Raises:
        BudgetError: `own` is not a price table.
    """
    shipped = (files("scoring_ops") / "prices.toml").read_text(encoding="utf-8")
    prices = _PRICES.validate_python(tomllib.loads(shipped))
    if own is None or not own.exists():
        return prices
    try:
        return prices | _PRICES.validate_python(tomllib.loads(own.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise BudgetError(f"{own}: not a price table ({str(error).splitlines()[0]})") from error


def price_of(identity: JudgeIdentity, prices: Mapping[str, Price]) -> Price | None:
    """The price of a judge's model, None where it is unknown."""
    return prices.get(f"{identity.family}/{identity.model}")


class Limits(NamedTuple):
    """The most that may be spent, in US dollars; None is no limit."""

    per_run: float | None = None
    per_day: float | None = None


class Budget:
    """What is left of a run's and a day's money."""

    def __init__(self, price: Price | None, limits: Limits, *, spent_in_run: float, spent_today: float) -> None:
        if price is None and limits != Limits():
            raise BudgetError(
                "CX_BUDGET_USD_PER_RUN / CX_BUDGET_USD_PER_DAY: the model's price is unknown; "
                "add it to prices.toml in CX_HOME or remove the budget"
            )
        self.price = price
        caps = [
            limit - spent
            for limit, spent in ((limits.per_run, spent_in_run), (limits.per_day, spent_today))
            if limit is not None
        ]
        self._left = min(caps) if caps else None
        self._reserved = 0.0

    @property
    def is_waiting(self) -> bool:
        """True while calls in flight hold money that may come back."""
        return self._reserved > 0

    def reserve(self, most: Usage) -> float | None:
        """Sets the most that a call may cost aside; None where what is left does not suffice now."""
        if self.price is None or self._left is None:
            return 0.0
        cost = self.price.cost(most)
        if cost + self._reserved > self._left:
            return None
        self._reserved += cost
        return cost

    def settle(self, reserved: float, usage: Usage) -> float | None:
        """Replaces a reservation by what the call really cost, and returns that; None where prices are unknown."""
        self._reserved = max(0.0, self._reserved - reserved)
        if self.price is None:
            return None
        cost = self.price.cost(usage)
        if self._left is not None:
            self._left -= cost
        return cost
