"""Servers that say back all they were told: the prompt, the transcript and the API key, in every form an answer has."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.fakes.openai_server import Behaviour, Received, Reply, claims_about, completion


def _key(request: Received) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def _echo(request: Received) -> str:
    """The key, what was said and the key again: neither a cut from the front nor one from the back loses it."""
    said = " ".join(turn.text for turn in request.turns)
    return f"{_key(request)} {said} {request.raw} {_key(request)}"


def _error(status: int, **more: Any) -> Callable[[Received], Reply]:
    def answer(request: Received) -> Reply:
        fields = {"type": _echo(request), "param": _echo(request), "code": _echo(request), **more}
        return Reply({"error": {"message": _echo(request), **fields}}, status, _headers(request))

    return answer


def _headers(request: Received) -> dict[str, str]:
    return {"x-request-id": _key(request), "retry-after-ms": "1", "x-ratelimit-remaining-tokens": _key(request)}


def _plain(request: Received) -> Reply:
    return Reply(_echo(request), 500, _headers(request))


def _no_choices(request: Received) -> Reply:
    return Reply({"error": {"message": _echo(request)}, "id": _key(request)})


def _not_json(request: Received) -> Reply:
    return Reply(_echo(request), 200, _headers(request))


def _refusal(request: Received) -> Reply:
    return completion(None, refusal=_echo(request))


def _prose(request: Received) -> Reply:
    return completion(_echo(request))


def _cut_off(request: Received) -> Reply:
    return completion('{"summary": ' + json.dumps(_echo(request)), finish_reason="length")


def _strange_fields(request: Received) -> Reply:
    claims = {**claims_about(request.turns), _key(request): _echo(request), "language": [_echo(request)]}
    return completion(json.dumps(claims))


def _valid(request: Received) -> Reply:
    """Valid claims, free texts and quotes of which hold the key."""
    claims = claims_about(request.turns)
    key = _key(request)
    claims["summary"] = f"The customer wrote {key}. It was done."
    claims["issues"][0]["issue"] = f"a request {key}"
    claims["issues"].append({"issue": "b", "status": "unclear", "evidence": [{"turn": 1, "quote": f"it is {key}"}]})
    return completion(json.dumps(claims))


def _valid_in_escapes(request: Received) -> Reply:
    """The same, with the key in JSON's escapes: whoever reads the claims finds it there."""
    content, key = _valid(request).body["choices"][0]["message"]["content"], _key(request)
    return completion(content.replace(key, "".join(f"\\u{ord(letter):04x}" for letter in key)))


INDISCREET = (
    *(_error(400), _error(422), _error(409), _error(503), _error(403, code="flagged_input")),
    *(_plain, _no_choices, _not_json, _refusal, _prose, _cut_off, _strange_fields, _valid, _valid_in_escapes),
)


def indiscreet(markers: tuple[str, ...]) -> Behaviour:
    """Each conversation, known by its marker, is first refused for load and then said back in a way of its own.

    So are the third, the fifth and all odd calls about it: an endpoint that only fails would rest, and a judge would
    wait for it for two minutes, in place of giving up that conversation.
    """
    calls: Counter[int] = Counter()

    def answer(request: Received) -> Reply:
        number = next((n for n, marker in enumerate(markers) if marker in request.raw), 0)
        calls[number] += 1
        if calls[number] % 2:
            return _error(429)(request)
        return INDISCREET[number % len(INDISCREET)](request)

    return answer


def rejecting(request: Received) -> Reply:
    """Refuses the key, and repeats it."""
    return _error(401, code="invalid_api_key")(request)
