"""How the mock server is to behave: latency, an enforced rate, and a seeded share of each fault.

A behaviour is plain data, given on the command line of the server's process; what each fault looks like on the wire
stands in `answers.py`.
"""

import argparse
import math
import random
import zlib
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

Fault = Literal[
    "too_many_requests",
    "server_error",
    "truncated",
    "dropped",
    "hang",
    "invalid_json",
    "schema_breaking",
    "wrong_quotes",
    "empty",
    "refusal",
    "content_filter",
    "unformatted",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
_EVEN = 2**32


@dataclass(frozen=True)
class Behaviour:
    """Everything that decides an answer but the request itself."""

    latency: float = field(default=0.0, metadata={"help": "seconds until an answer; the median where sigma is given"})
    sigma: float = field(default=0.0, metadata={"help": "of the lognormal latency; 0 is constant"})
    rate: float = field(default=0.0, metadata={"help": "calls a second that are accepted; 0 is no limit"})
    burst: float = field(default=20.0, metadata={"help": "calls that the bucket holds when full"})
    retry_after: bool = field(default=True, metadata={"help": "429s say when to try again"})
    rate_headers: bool = field(default=True, metadata={"help": "answers carry the x-ratelimit-* headers"})
    cookie: bool = field(default=False, metadata={"help": "answers set the cookie that the real API's front sets"})
    count_rejected: bool = field(default=False, metadata={"help": "rejected calls use the rate up too"})
    sticky: bool = field(default=False, metadata={"help": "a transcript's fault is the same at every attempt"})
    seed: int = field(default=1, metadata={"help": "of faults and latency"})
    max_request: int = field(default=4 * 2**20, metadata={"help": "bytes of a body; a longer one is answered 413"})
    min_answer: int = field(default=0, metadata={"help": "bytes of the claims; shorter ones get a longer summary"})
    faults: dict[Fault, float] = field(default_factory=dict)

    def fault(self, key: bytes, attempt: int) -> Fault | None:
        """What goes wrong at this attempt (from 1) at a transcript: the same in every run, in whatever order."""
        if not self.faults:
            return None
        drawn = zlib.crc32(b"%d:%s:%d" % (self.seed, key, 0 if self.sticky else attempt)) / _EVEN
        for fault, share in self.faults.items():
            drawn -= share
            if drawn < 0:
                return fault
        return None

    def delay(self, chance: random.Random) -> float:
        """Seconds until the next answer."""
        return self.latency * math.exp(chance.gauss(0, self.sigma)) if self.sigma else self.latency

    def arguments(self) -> list[str]:
        """The command line that `parsed` reads back."""
        words: list[str] = []
        for option in _OPTIONS:
            value = getattr(self, option.name)
            flag = option.name.replace("_", "-")
            words += [f"--{flag}" if value else f"--no-{flag}"] if option.type is bool else [f"--{flag}", str(value)]
        return words + [f"--fault={fault}={share}" for fault, share in self.faults.items()]


_OPTIONS = [option for option in fields(Behaviour) if option.name != "faults"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds an option for every field of a behaviour."""
    for option in _OPTIONS:
        name, said = "--" + option.name.replace("_", "-"), f"{option.metadata['help']} (%(default)s)"
        if option.type is bool:
            parser.add_argument(name, action=argparse.BooleanOptionalAction, default=option.default, help=said)
        else:
            parser.add_argument(name, type=option.type, default=option.default, metavar="N", help=said)
    known = ", ".join(FAULTS)
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=SHARE", help=f"one or more of: {known}")


def parsed(options: argparse.Namespace) -> Behaviour:
    """The behaviour that a command line asks for."""
    shares = dict(word.split("=") for word in options.fault)
    unknown = shares.keys() - set(FAULTS)
    if unknown:
        raise SystemExit(f"no such fault: {', '.join(sorted(unknown))}")
    plain = {option.name: getattr(options, option.name) for option in _OPTIONS}
    return Behaviour(**plain, faults={name: float(share) for name, share in shares.items()})


class Bucket:
    """What an endpoint's rate limit looks like from outside: an allowance that refills evenly.

    A real limit is told by the minute and enforced over a shorter time. So the allowance that is enforced holds
    `burst` calls, and the one that the headers tell of holds a minute's.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self.a_minute = rate * 60
        self._left, self._told, self._at = burst, self.a_minute, now

    def take(self, now: float, *, count_rejected: bool = False) -> float:
        """0 where a call is accepted, else seconds until one would be."""
        refill = (now - self._at) * self.rate
        self._left, self._told = min(self.burst, self._left + refill), min(self.a_minute, self._told + refill)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            self._told -= 1
            return 0.0
        wait = (1 - self._left) / self.rate
        if count_rejected:
            self._left = max(self._left - 1, -self.burst)
        return wait

    @property
    def told(self) -> tuple[int, float]:
        """Calls left of the minute's allowance, and seconds until it is whole again."""
        left = max(int(self._told), 0)
        return left, (self.a_minute - left) / self.rate
