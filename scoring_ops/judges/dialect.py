"""How a chat completions request is put to one endpoint: what it takes of structured outputs and sampling.

Servers that call themselves OpenAI-compatible differ in the form of the answer they can enforce and in the parameters
they accept. A judge starts with the full request and, on each 400 or 422 that names a feature, concedes that one for
good. Nothing here sends a request, and no concession changes what is asked.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import BaseModel
from pydantic_core import to_json

from scoring_ops.judges.strict_schema import strict_schema
from scoring_ops.prompt import ChatMessage, schema_note

AnswerForm = Literal["json_schema", "json_object", "text"]
LimitName = Literal["max_completion_tokens", "max_tokens"]

_SAMPLED = ("temperature", "seed")
_OPTIONAL = ("max_completion_tokens", "max_tokens", *_SAMPLED)
_NEXT_FORM: dict[AnswerForm, AnswerForm] = {"json_schema": "json_object", "json_object": "text"}
_ABOUT_FORM = re.compile(
    r"response[_ ]format|json[_ ]?(?:schema|object|mode)|structured[_ ]output|schema|grammar|guided"
)
_REJECTED = re.compile(
    r"unsupported|n[o']t support|unknown|unrecogni[sz]ed|unavailable|unexpected|invalid|must be|deserialize|extra"
    r"|not (?:available|permitted|allowed|implemented|enabled|valid)"
)
_TOO_LONG = re.compile(r"context[_ ](?:length|window)|maximum context|too many tokens")


class Sampling(NamedTuple):
    """What of a request besides its words can change the answer; None leaves a parameter to the server."""

    temperature: float | None
    seed: int | None
    max_output_tokens: int


class Dialect(NamedTuple):
    """What an endpoint takes: the form of the answer, the name of the token limit, and the parameters left out."""

    form: AnswerForm
    limit_name: LimitName
    omitted: frozenset[str] = frozenset()


def first_dialect(*, hosted: bool) -> Dialect:
    """The full request, as OpenAI's own hosts take it or as the others do."""
    return Dialect("json_schema", "max_completion_tokens" if hosted else "max_tokens")


def request_body(
    model: str, messages: tuple[ChatMessage, ...], answer: type[BaseModel], sampling: Sampling, dialect: Dialect
) -> bytes:
    """The JSON body of a chat completions request in a dialect; without an enforced schema the prompt carries it.

    Args:
        model: the model's name.
        messages: the system message, then the others.
        answer: what the answer must be valid against.
        sampling: what else can change the answer.
        dialect: what the endpoint takes.
    """
    system, *rest = messages
    head, tail = _envelope(model, system, answer, sampling, dialect)
    return b"".join((head, *(b"," + to_json({"role": m.role, "content": m.content}) for m in rest), tail))


@lru_cache(maxsize=32)
def _envelope(
    model: str, system: ChatMessage, answer: type[BaseModel], sampling: Sampling, dialect: Dialect
) -> tuple[bytes, bytes]:
    """What is equal in all requests, written once: 28 KB of rules and schema cost 0.1 ms to write each time."""
    schema = strict_schema(answer)
    if dialect.form != "json_schema":
        system = ChatMessage(system.role, system.content + schema_note(schema))
    more: dict[str, object] = _parameters(sampling, dialect)
    if dialect.form == "json_schema":
        named = {"name": answer.__name__.lower(), "strict": True, "schema": schema}
        more["response_format"] = {"type": "json_schema", "json_schema": named}
    elif dialect.form == "json_object":
        more["response_format"] = {"type": "json_object"}
    first = to_json({"role": system.role, "content": system.content})
    head = b'{"model":' + to_json(model) + b',"messages":[' + first
    return head, b"]" + (b"," + to_json(more)[1:] if more else b"}")


def concession(dialect: Dialect, parameter: str | None, complaint: str) -> Dialect | None:
    """The dialect without the feature that a 400 or 422 complains of; None where it complains of something else.

    Args:
        dialect: the dialect of the rejected request.
        parameter: the parameter that the error names, where it names one.
        complaint: the error's message.
    """
    text = f"{parameter or ''} {complaint}".lower()
    if _TOO_LONG.search(text) or not _REJECTED.search(text):
        return None
    named = [name for name in (parameter or "", *_OPTIONAL) if name in _OPTIONAL and name in text]
    for name in named:
        if name in dialect.omitted:
            continue
        if name == dialect.limit_name == "max_tokens" and "max_completion_tokens" in text:
            return dialect._replace(limit_name="max_completion_tokens")
        if name == dialect.limit_name or name in _SAMPLED:
            return dialect._replace(omitted=dialect.omitted | {name})
    if dialect.form in _NEXT_FORM and _ABOUT_FORM.search(text):
        return dialect._replace(form=_NEXT_FORM[dialect.form])
    return None


def _parameters(sampling: Sampling, dialect: Dialect) -> dict[str, object]:
    wanted = {
        "temperature": sampling.temperature,
        "seed": sampling.seed,
        dialect.limit_name: sampling.max_output_tokens,
    }
    return {name: value for name, value in wanted.items() if value is not None and name not in dialect.omitted}
