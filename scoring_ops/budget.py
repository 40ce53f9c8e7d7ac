"""Money: what a call costs, what it may cost at most, and how much may be spent.

Prices are data (`prices.toml`). What has been spent, and what is set aside for calls in flight, lies in the cache
(`leases.py`), where every process sees it. Amounts that are added up are whole billionths of a dollar.
"""

import math
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scoring_ops.judges.protocol import JudgeIdentity, Usage

_NANO = 1_000_000_000


class BudgetError(ValueError):
    """A budget or price table that cannot be used; the message names the setting or the file."""


class Price(BaseModel):
    """US dollars per million tokens; input that the provider had cached costs `cached_input` where that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    batch: float = Field(default=0.5, ge=0, le=1, description="share of the price that the Batch API asks")

    def cost(self, usage: Usage) -> float:
        """US dollars for a usage."""
        cached = usage.cached_input_tokens or 0 if self.cached_input is not None else 0
        fresh = (usage.input_tokens or 0) - cached
        return (fresh * self.input + cached * (self.cached_input or 0) + (usage.output_tokens or 0) * self.output) / 1e6

    def of_batches(self) -> "Price":
        """What the same tokens cost in a batch."""
        cached = None if self.cached_input is None else self.cached_input * self.batch
        return Price(input=self.input * self.batch, output=self.output * self.batch, cached_input=cached, batch=1)


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
    """The price of a judge, and the most that a run and a UTC day may cost.

    Raises:
        BudgetError: there is a limit and the price is unknown.
    """

    def __init__(self, price: Price | None, limits: Limits) -> None:
        if price is None and limits != Limits():
            raise BudgetError(
                "CX_BUDGET_USD_PER_RUN / CX_BUDGET_USD_PER_DAY: the model's price is unknown; "
                "add it to prices.toml in CX_HOME or remove the budget"
            )
        self.price = price
        self.limits = limits

    def cost(self, usage: Usage) -> float | None:
        """What a usage costs in US dollars; None where prices are unknown."""
        return None if self.price is None else self.price.cost(usage)

    def of_batches(self) -> "Budget":
        """The same limits at the price of batches."""
        return Budget(self.price and self.price.of_batches(), self.limits)

    @property
    def is_limited(self) -> bool:
        """True where there is a limit to keep."""
        return self.limits != Limits()

    def reserve(self, most: Usage) -> int:
        """The money to set aside before a call that uses this much at most, in billionths of a dollar."""
        return 0 if self.price is None else nano_usd(self.price.cost(most))

    def caps(self, run_id: str, day: datetime) -> dict[str, int]:
        """The limits by scope, in billionths of a dollar; scopes without a limit are absent."""
        given = {run_scope(run_id): self.limits.per_run, day_scope(day): self.limits.per_day}
        return {scope: math.floor(usd * _NANO) for scope, usd in given.items() if usd is not None}


def nano_usd(usd: float) -> int:
    """US dollars in whole billionths, rounded up."""
    return math.ceil(round(usd * _NANO, 3))


def day_scope(moment: datetime) -> str:
    """The UTC day under which spending at a moment is counted."""
    return f"day/{moment.astimezone(UTC).date().isoformat()}"


def run_scope(run_id: str) -> str:
    """The name under which a run's spending is counted."""
    return f"run/{run_id}"
