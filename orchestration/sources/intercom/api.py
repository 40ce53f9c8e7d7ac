"""Intercom's API as this connector speaks to it: hosts by region, the version of the API, the token."""

from typing import Literal

from pydantic import SecretStr

from orchestration.sources.http import Api
from orchestration.sources.raw_pages import RawPages

VERSION = "2.14"
HOSTS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}


def intercom_api(
    token: SecretStr, region: Literal["us", "eu", "au"], base_url: str | None = None, raw: RawPages | None = None
) -> Api:
    """A client of the region's host, or of the given one.

    Args:
        token: an access token of the workspace.
        region: where the workspace lies.
        base_url: goes before the region's host; a proxy, or a server of a test.
        raw: keeps the pages that come.
    """
    headers = {
        "Authorization": f"Bearer {token.get_secret_value()}",
        "Intercom-Version": VERSION,
        "Accept": "application/json",
    }
    return Api("intercom", base_url or HOSTS[region], headers=headers, raw=raw)


def greeting(api: Api) -> str:
    """Whose token it is, in a few words.

    Raises:
        SourceError: the token is not accepted, or there is no answer.
    """
    me = api.get("/me")
    app = me.get("app")
    name = app.get("name") if isinstance(app, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return f"intercom, workspace {name or 'without a name'}"
