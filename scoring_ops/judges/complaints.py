"""What may be told of what an endpoint says when it does not answer: known codes, never its own words.

A server that complains may repeat the prompt, so a customer's words, or the key, and what is told here ends up in logs,
tables and Dagster's storage. Whoever wants to read an endpoint's own words asks it about no customer at all
(`cxscore doctor --call`).
"""

import re

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
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{12,64}")
_ESCAPE = re.compile(r"\\\\|\\u00([2-7][0-9a-fA-F])")


def known(*codes: object) -> str:
    """The first code that everybody knows, else nothing."""
    return next((code for code in codes if isinstance(code, str) and code.lower() in _CODES), "")


def known_request(request_id: str) -> str:
    """The id under which the provider can find a request, where it looks like one."""
    return request_id if _REQUEST_ID.fullmatch(request_id) else ""


def without_key(text: str, key: str) -> str:
    """A text that came from an endpoint without the key, be it written plainly or in JSON's escapes."""
    if not key:
        return text
    if key in text:
        text = text.replace(key, "***")
    if "\\u00" in text:
        plain = _ESCAPE.sub(_unescaped, text)
        return plain.replace(key, "***") if key in plain else text
    return text


def _unescaped(escape: re.Match[str]) -> str:
    letter = chr(int(escape[1], 16)) if escape[1] else escape[0]
    return escape[0] if letter in {'"', "\\", "\x7f"} else letter
