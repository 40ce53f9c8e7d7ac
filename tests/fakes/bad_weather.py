"""What a server does on its bad days, as behaviours of the fake endpoint: storms, cuts, delays, and chance."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from time import monotonic

from tests.fakes import openai_server as fake
from tests.fakes.openai_server import Behaviour, Received, Reply


def said_first(request: Received) -> str:
    """What the customer said first: the name of a conversation in these tests."""
    return request.turns[0].text


def after(seconds: float, behaviour: Behaviour = fake.good_claims) -> Behaviour:
    """An answer that takes its time."""
    return lambda request: replace(behaviour(request), delay=seconds)


def for_seconds(seconds: float, behaviour: Behaviour, then: Behaviour = fake.good_claims) -> Behaviour:
    """One behaviour from the first request on for so long, then another."""
    began: list[float] = []

    def answer(request: Received) -> Reply:
        began.append(monotonic())
        return (behaviour if monotonic() - began[0] < seconds else then)(request)

    return answer


def every(nth: int, behaviour: Behaviour, otherwise: Behaviour = fake.good_claims) -> Behaviour:
    """One behaviour for each nth request, another for the rest."""
    number = count(1)

    def answer(request: Received) -> Reply:
        return (behaviour if next(number) % nth == 0 else otherwise)(request)

    return answer


def by_conversation(
    behaviours: Mapping[int, Behaviour], number_of: Callable[[Received], int], otherwise: Behaviour = fake.good_claims
) -> Behaviour:
    """A behaviour for each of some conversations, by its number; what it does for the rest."""
    return lambda request: behaviours.get(number_of(request), otherwise)(request)


def once_each(behaviour: Behaviour, then: Behaviour = fake.good_claims) -> Behaviour:
    """One behaviour for the first request about each conversation, another from then on."""
    seen: set[str] = set()

    def answer(request: Received) -> Reply:
        name = said_first(request)
        first = name not in seen
        seen.add(name)
        return (behaviour if first else then)(request)

    return answer


def refusing(**headers: str) -> Behaviour:
    """429 with these headers."""
    return lambda _: fake.error(429, "Rate limit reached", "rate_limit_exceeded", **headers)


def telling(behaviour: Behaviour = fake.good_claims, **headers: str) -> Behaviour:
    """An answer with more headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(request: Received) -> Reply:
        reply = behaviour(request)
        return replace(reply, headers={**reply.headers, **named})

    return answer


def cut_in_the_headers(_: Received) -> Reply:
    """The connection breaks while the headers are being sent."""
    return Reply(cut=b"HTTP/1.1 200 OK\r\nContent-Type: applica")


def cut_in_the_body(request: Received) -> Reply:
    """The connection breaks in the middle of a good answer."""
    body = json.dumps(fake.good_claims(request).body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return Reply(cut=head.encode() + body[: len(body) // 2])


def not_http(_: Received) -> Reply:
    """Bytes that are no HTTP at all."""
    return Reply(cut=b"\x00\xff\xfe nonsense\r\n\r\n")


def not_json(_: Received) -> Reply:
    """200 with a page of HTML, as a captive portal or a proxy sends it."""
    return Reply("<html><body>Please log in</body></html>")


def not_a_completion(_: Received) -> Reply:
    """200 with JSON of another form."""
    return Reply({"object": "list", "choices": [{"message": "hello"}]})


def no_choices(_: Received) -> Reply:
    """200 with an error in it and no answer, as some gateways send it."""
    return Reply({"error": {"message": "upstream timed out", "code": 502}, "choices": []})
