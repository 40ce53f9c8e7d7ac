"""Secrets of every kind that masking knows, made from a seed, each unique and remembered with where it was planted.

Nothing here is anybody's: reserved ranges, computed check digits, random letters.
"""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

LETTERS_AND_DIGITS = string.ascii_letters + string.digits


class Planted(NamedTuple):
    """What was planted where, and how it would look if it leaked."""

    place: str
    kind: str
    needles: tuple[str, ...]


@dataclass
class Planter:
    """Makes unique things from a seed and remembers each."""

    chance: random.Random
    secrets: list[Planted] = field(default_factory=list[Planted])
    words: list[Planted] = field(default_factory=list[Planted])

    def text(self, length: int, alphabet: str = LETTERS_AND_DIGITS) -> str:
        """Random characters, at least one of them a digit where the alphabet has any."""
        made = "".join(self.chance.choice(alphabet) for _ in range(length - 1))
        return made + ("7" if "7" in alphabet else self.chance.choice(alphabet))

    def digits(self, length: int) -> str:
        """Random digits, the first of them not 0."""
        return self.chance.choice("123456789") + "".join(self.chance.choice(string.digits) for _ in range(length - 1))

    def so_far(self, kind: str) -> int:
        """How many secrets of a kind there are."""
        return sum(secret.kind == kind for secret in self.secrets)

    def word(self, place: str) -> str:
        """A harmless word that occurs nowhere else: nothing masks it, so it can be followed."""
        made = "zq" + self.text(12, "bcdfghjklmnprstvwx")
        self.words.append(Planted(place, "word", (made,)))
        return made

    def secret(self, place: str, kind: str) -> str:
        """A sentence with a new secret of a kind."""
        sentence, *needles = KINDS[kind](self)
        self.secrets.append(Planted(place, kind, tuple(needles)))
        return sentence


def _email(p: Planter) -> tuple[str, ...]:
    user = p.text(10, string.ascii_lowercase)
    return f"Write to {user}.{p.text(4)}@mail-{user}.example.org please.", f"@mail-{user}"


def _phone(p: Planter) -> tuple[str, ...]:
    number = f"7946 0{p.so_far('phone'):03}"
    return f"Call +44 20 {number} please.", number, number.replace(" ", "")


def _card(p: Planter) -> tuple[str, ...]:
    start = "4" + p.digits(14)
    total = sum(sum(divmod(int(d) * (2 - n % 2), 10)) for n, d in enumerate(start))
    number = f"{start}{-total % 10}"
    spaced = " ".join(number[n : n + 4] for n in range(0, 16, 4))
    return f"The card is {spaced} now.", number, spaced


def _iban(p: Planter) -> tuple[str, ...]:
    account = p.digits(18)
    number = f"DE{98 - int(f'{account}131400') % 97:02}{account}"
    return f"The account is {number} now.", number


def _ip(p: Planter) -> tuple[str, ...]:
    address = f"203.0.113.{100 + p.so_far('ip')}"
    return f"It came from {address} today.", address


def _ipv6(p: Planter) -> tuple[str, ...]:
    address = f"2001:db8::{p.text(3, 'abcdef')}{p.digits(1)}:{p.text(3, 'abcdef')}{p.digits(1)}"
    return f"It came from {address} today.", address


def _ssn(p: Planter) -> tuple[str, ...]:
    number = f"5{p.digits(2)}-{p.digits(2)}-{p.digits(4)}"
    return f"My number is {number} there.", number, number.replace("-", "")


def _cpf(p: Planter) -> tuple[str, ...]:
    d = p.digits(9)
    for _ in range(2):
        d += str(sum(int(c) * (len(d) + 1 - n) for n, c in enumerate(d)) * 10 % 11 % 10)
    number = f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"
    return f"My number is {number} there.", number, d


def _chinese_id(p: Planter) -> tuple[str, ...]:
    start = f"110105{1950 + p.chance.randrange(50)}0{p.digits(1)}1{p.digits(1)}{p.digits(3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    number = start + "10X98765432"[sum(int(c) * w for c, w in zip(start, weights, strict=True)) % 11]
    return f"My number is {number} there.", number


def _token(before: str, length: int, after: str = "") -> Callable[[Planter], tuple[str, ...]]:
    def make(p: Planter) -> tuple[str, ...]:
        token = p.text(length)
        return f"It says {before}{token}{after} there.", token

    return make


def _aws(p: Planter) -> tuple[str, ...]:
    token = p.text(16, string.ascii_uppercase + string.digits)
    return f"It says AKIA{token} there.", token


def _private_key(p: Planter) -> tuple[str, ...]:
    token = p.text(40)
    return f"-----BEGIN RSA PRIVATE KEY-----\n{token}\n-----END RSA PRIVATE KEY-----", token


KINDS: dict[str, Callable[[Planter], tuple[str, ...]]] = {
    "email": _email,
    "phone": _phone,
    "card": _card,
    "iban": _iban,
    "ip": _ip,
    "ipv6": _ipv6,
    "ssn": _ssn,
    "cpf": _cpf,
    "chinese_id": _chinese_id,
    "openai_key": _token("sk-proj-", 32),
    "github_key": _token("ghp_", 36),
    "aws_key": _aws,
    "google_key": _token("AIza", 35),
    "slack_key": _token("xoxb-", 30),
    "sendgrid_key": _token("SG.aaaaaaaaaaaaaaaa1.", 32),
    "gitlab_key": _token("glpat-", 24),
    "stripe_key": _token("sk_live_", 28),
    "jwt": _token("eyJhbGciOiJIUzI1NiJ9.", 30, ".c2ln"),
    "bearer": _token("Authorization: Bearer ", 28),
    "password": _token("my password is ", 14),
    "api_key": _token("api_key=", 24),
    "url_password": _token("https://jo:", 14, "@shop.example.org/x"),
    "private_key": _private_key,
}
