"""Reading an answer of the chat completions API: the envelope, the JSON in it, and what is wrong with that.

Only the fields that decide an outcome are read; all else a server adds is ignored. No request is made here.
"""

import re
from functools import cache
from itertools import chain

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from scoring_ops.judges.protocol import Usage

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL | re.IGNORECASE)
_ERRORS_SHOWN = 5


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AnswerMessage(_Part):
    """What the model said, or why it declined to."""

    content: str | None = None
    refusal: str | None = None


class Choice(_Part):
    """One answer and why it ended."""

    message: AnswerMessage
    finish_reason: str | None = None

    @property
    def refused(self) -> str | None:
        """Who refused, or None. The model's own words are left out: they may repeat the customer's."""
        if self.message.refusal:
            return "the model declined to answer"
        return "stopped by the content filter" if self.finish_reason == "content_filter" else None


class PromptTokens(_Part):
    """What of the prompt the provider had cached, and bills less for."""

    cached_tokens: int | None = None


class TokenCounts(_Part):
    """Tokens as the server counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptTokens | None = None

    @property
    def usage(self) -> Usage:
        """The same in our terms."""
        details = self.prompt_tokens_details
        return Usage(self.prompt_tokens, self.completion_tokens, details.cached_tokens if details else None)


class Completion(_Part):
    """A chat completion; some gateways answer 200 with an `error` and no choices."""

    choices: tuple[Choice, ...] = ()
    usage: TokenCounts | None = None
    error: JsonValue = None


@cache
def _field_names(answer: type[BaseModel]) -> frozenset[str]:
    """All names that a schema itself uses; an answer may name its fields with words of a customer."""
    schema = answer.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(chain.from_iterable(part.get("properties", {}) for part in parts))


def answer_text(content: str | None) -> str:
    """The JSON text of an answer, without the thoughts or the Markdown fence that unenforced models put around it."""
    text = _THOUGHT.sub("", content or "").strip()
    fenced = None if text.startswith("{") else _FENCED.search(text)
    return fenced.group(1) if fenced else text


def answer_error(text: str, answer: type[BaseModel], *, to_its_author: bool = False) -> str | None:
    """What makes a text no valid answer, naming the fields; None for a valid one. Values are never repeated.

    Args:
        text: the answer.
        answer: what it must be valid against.
        to_its_author: also names the fields that the answer invented; nobody else is told those words.
    """
    if not text:
        return "the answer is empty"
    try:
        answer.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        ours = _field_names(answer)
        shown: list[str] = []
        for detail in details[:_ERRORS_SHOWN]:
            place = (str(p) if to_its_author or isinstance(p, int) or p in ours else "?" for p in detail["loc"])
            shown.append(f"{'.'.join(place) or 'answer'}: {detail['msg']}")
        more = len(details) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more else "")
    return None
