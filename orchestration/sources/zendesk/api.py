"""Zendesk's API as this connector speaks to it: the token, and a limit of its own for incremental exports."""

import re
from typing import cast

import httpx
from pydantic import SecretStr

from orchestration.sources.http import Api, Json, Refused
from orchestration.sources.pace import Allowance, allowance
from orchestration.sources.raw_pages import RawPages

EXPORT_LIMIT = "zendesk-ratelimit-incremental-exports"
_NUMBERS = re.compile(r"(remaining|resets)=(\d+)")


def zendesk_api(base_url: str, email: str, token: SecretStr, raw: RawPages | None = None) -> Api:
    """A client of an account.

    Args:
        base_url: such as "https://acme.zendesk.com".
        email: of the owner of the token, who must be an administrator to export.
        token: an API token.
        raw: keeps the pages that come.
    """
    return Api(
        "zendesk",
        base_url,
        headers={"Accept": "application/json"},
        auth=httpx.BasicAuth(f"{email}/token", token.get_secret_value()),
        raw=raw,
        limit=limit_of,
    )


def limit_of(headers: httpx.Headers) -> Allowance | None:
    """What is left of the export's own limit where the answer tells it, else of the account's."""
    told = dict(_NUMBERS.findall(headers.get(EXPORT_LIMIT, "")))
    if {"remaining", "resets"} <= told.keys():
        return Allowance(int(told["remaining"]), float(told["resets"]))
    return allowance(headers)


def greeting(api: Api) -> str:
    """Whose token it is, in a few words.

    Raises:
        Refused: the account took us for nobody, which it does without an error.
        SourceError: the token is not accepted, or there is no answer.
    """
    answer = api.get("/api/v2/users/me.json")
    user = answer.get("user")
    known = cast("Json", user) if isinstance(user, dict) else {}
    if not known.get("id"):
        raise Refused("zendesk: the token is not accepted (the account took us for an anonymous user)", 401)
    return f"zendesk, as {known.get('role') or 'a user'}"
