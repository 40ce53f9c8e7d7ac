"""What may be told of what an endpoint says when it does not answer: known codes, never its own words.

A server that complains may repeat the prompt, so a customer's words, or the key, and what is told here ends up in logs,
tables and Dagster's storage. Whoever wants to read an endpoint's own words asks it about no customer at all
(`cxscore doctor --call`).
"""

import re
from functools import lru_cache

OWN_WORDS = "`cxscore doctor --call` shows its own words"
"""Where a detail sends its reader, who is told no more than a code."""

# OpenAI's error codes and types, and those of the gateways and servers that speak its API.
_CODES = frozenset(
    """
    access_terminated account_deactivated api_error api_timeout_error authentication_error bad_request
    batch_cancelled batch_expired billing_hard_limit_reached billing_not_active content_filter
    content_policy_violation context_length_exceeded deploymentnotfound duplicate_custom_id empty_file
    engine_overloaded expired_api_key failed flagged_input forbidden incorrect_api_key insufficient_quota
    internal_error internal_server_error invalid_api_key invalid_batch invalid_file_format invalid_json
    invalid_json_line invalid_json_schema invalid_line invalid_method invalid_organization invalid_prompt
    invalid_request invalid_request_error invalid_type invalid_url invalid_value json_validate_failed
    mismatched_model missing_required_parameter model_not_available model_not_found model_overloaded
    moderation_blocked not_found not_found_error not_implemented organization_deactivated overloaded
    overloaded_error payment_required permission_denied permission_error quota_exceeded rate_limit_error
    rate_limit_exceeded request_too_large responsibleaipolicyviolation server_error server_overloaded
    service_unavailable slow_down string_above_max_length timeout timeout_error token_limit_exceeded
    tokens_limit_exceeded too_many_requests unauthorized unknown_parameter unknown_url unprocessable_entity
    unsupported_country_region_territory unsupported_model unsupported_parameter unsupported_value
    """.split()  # noqa: SIM905  a list of words is read as words
)
# Of what is sent; a complaint may name one of them.
_PARAMETERS = frozenset(
    {"model", "messages", "response_format", "temperature", "seed", "max_tokens", "max_completion_tokens"}
)
_SETTINGS = {
    401: "OPENAI_API_KEY",
    402: "the credit of the account",
    403: "OPENAI_API_KEY and CX_MODEL",
    404: "CX_MODEL and OPENAI_BASE_URL",
}
# As OpenAI, Anthropic, Groq and Azure or vLLM name requests: a word or a number of a customer has none of these forms.
_REQUEST_ID = re.compile(r"req_[A-Za-z0-9]{12,60}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ASCII_ESCAPED = re.compile(r"\\u00[2-7]")
_SHORTEST_SECRET, _SHORTEST_OF_LETTERS = 8, 16


def known(*codes: object) -> str:
    """The first code that everybody knows, else nothing."""
    return next((code for code in codes if isinstance(code, str) and code.lower() in _CODES), "")


def known_parameter(parameter: object) -> str:
    """The parameter that a complaint names, where we send one of that name."""
    return parameter if isinstance(parameter, str) and parameter in _PARAMETERS else ""


def known_request(request_id: str) -> str:
    """The id under which the provider can find a request, where it looks like one."""
    return request_id if _REQUEST_ID.fullmatch(request_id) else ""


def told(*codes: object, parameter: object = None, request_id: str = "") -> str:
    """Of a complaint what may be told, to be put behind its status: code, parameter, id of the request."""
    said = " of ".join(part for part in (known(*codes), known_parameter(parameter)) if part)
    request = known_request(request_id)
    return f"{said and f': {said}'}{request and f' (request {request})'}"


def where_to_look(status: int) -> str:
    """What to look at after a complaint that other calls will meet too, to be put behind it."""
    setting = _SETTINGS.get(status)
    return f"; look at {setting}; {OWN_WORDS}" if setting else f"; {OWN_WORDS}"


def without_key(text: str, key: str) -> str:
    """A text that came from an endpoint without the key, be it written plainly or in JSON's escapes, JSON in JSON too.

    What stands in for a key at servers that ask for none ("x", "ollama", "EMPTY") is no secret but a word, and stays.
    """
    if not _is_secret(key):
        return text
    if key in text:
        text = text.replace(key, "***")
    if ("\\u00" in text and _ASCII_ESCAPED.search(text)) or ("/" in key and "\\/" in text):
        text = _spellings(key).sub("***", text)
    return text


def _is_secret(key: str) -> bool:
    return len(key) >= (_SHORTEST_OF_LETTERS if key.isalpha() else _SHORTEST_SECRET)


@lru_cache(maxsize=4)
def _spellings(key: str) -> re.Pattern[str]:
    """A key as JSON may write it; the backslashes before an escape double with each JSON around it."""

    def spelt(letter: str) -> str:
        plain = r"\\*/" if letter == "/" else re.escape(letter)
        return rf"(?:{plain}|\\+u(?i:{ord(letter):04x}))"

    return re.compile("".join(map(spelt, key)))
