"""How a chat completions request is put to one endpoint: what it takes of structured outputs and sampling.

Servers that call themselves OpenAI-compatible differ in the form of the answer they can enforce and in the parameters
they accept. A judge starts with the full request and, on each 400 or 422 that names a feature, concedes that one for
good. Nothing here sends a request, and no concession changes what is asked.
"""

import re
from typing import Literal, NamedTuple

from scoring_ops.judges.strict_schema import SCHEMA_NAME, claims_schema
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


def request_body(
    model: str, messages: tuple[ChatMessage, ...], sampling: Sampling, dialect: Dialect
) -> dict[str, object]:
    """The body of a chat completions request in a dialect; without an enforced schema the prompt carries it."""
    system, *rest = messages
    if dialect.form != "json_schema":
        system = ChatMessage(system.role, system.content + schema_note(claims_schema()))
    body: dict[str, object] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in (system, *rest)],
        **_parameters(sampling, dialect),
    }
    if dialect.form == "json_schema":
        schema = {"name": SCHEMA_NAME, "strict": True, "schema": claims_schema()}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif dialect.form == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


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
