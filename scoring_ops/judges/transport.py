"""What carries the requests of the OpenAI SDK: its client interface, with nothing but aiohttp below.

The SDK's own aiohttp transport sits below all of httpx2's client, whose URL parsing, cookie jar and redirect handling
cost as much again as the request (measured: 1.25 ms of CPU a call, 0.7 with this; a Set-Cookie alone costs 0.3). A chat
endpoint needs none of that. Proxies of the environment (HTTPS_PROXY, NO_PROXY) are heeded, looked up once: aiohttp's
`trust_env` asks two threads at each call (measured: another 1.1 ms), one of them for a password in ~/.netrc.
"""

from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2

CONNECT_SECONDS = 10.0


class LeanClient(httpx2.AsyncClient):
    """Sends a request by aiohttp and reads the whole answer: no cookies, no redirects, no streams."""

    def __init__(self) -> None:
        """Nothing is opened before the first request. How long an answer may take is the caller's to say."""
        super().__init__(transport=httpx2.AsyncBaseTransport())  # never used, and saves loading certificates
        self._session: aiohttp.ClientSession | None = None
        self._proxy_headers: dict[str, str] = {}
        self._urls: dict[str, httpx2.URL] = {}

    def build_request(self, method: str, url: Any, *, headers: Any = None, content: Any = None, **_: Any) -> Any:
        """The request as it is: the SDK has merged headers and parameters already."""
        name = str(url)
        parsed = self._urls.get(name) or self._urls.setdefault(name, httpx2.URL(name))
        return httpx2.Request(method, parsed, headers=headers, content=content)

    async def send(self, request: Any, **_: Any) -> Any:
        """The answer, read to its end.

        Raises:
            httpx2.ReadError: no connection, a lost one, or an answer that breaks off.
        """
        try:
            async with self._open(request.url).request(
                request.method,
                str(request.url),
                data=request.content,
                headers=[(name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw],
                proxy_headers=self._proxy_headers,
                allow_redirects=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Other errors repeat what the server sent.
            said = f": {error}" if isinstance(error, aiohttp.ClientConnectorError) else ""
            raise httpx2.ReadError(f"{type(error).__name__}{said}", request=request) from error
        # aiohttp has unpacked the body: httpx2 must not be told to do so again.
        headers = [pair for pair in response.raw_headers if pair[0].lower() != b"content-encoding"]
        return httpx2.Response(response.status, headers=headers, content=body, request=request)

    async def aclose(self) -> None:
        """Closes the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await super().aclose()

    def _open(self, url: httpx2.URL) -> aiohttp.ClientSession:
        if self._session is None:
            proxy, self._proxy_headers = _proxy_for(url)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # how many may be open is the gate's to say
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=proxy,
            )
        return self._session


def _proxy_for(url: httpx2.URL) -> tuple[str | None, dict[str, str]]:
    """The proxy that the environment names for an address, and the headers it asks for."""
    named = None if proxy_bypass(url.host) else getproxies().get(url.scheme)
    if not named:
        return None, {}
    parts = urlsplit(named)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if not parts.username:
        return address, {}
    password = aiohttp.encode_basic_auth(unquote(parts.username), unquote(parts.password or ""))
    return address, {"Authorization": password}  # aiohttp sends it as Proxy-Authorization, to the proxy alone
