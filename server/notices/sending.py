"""One attempt: resolved, checked, dialled, signed, answered.

TLS is verified for the name; redirects are not followed, the environment's proxies not used, and nothing that was answered is
decompressed or read beyond 4 KiB. Each attempt has a connection of its own, so that each is checked.
"""

import asyncio
import time
from collections.abc import Mapping

import aiohttp
from yarl import URL

from .addresses import CheckedResolver, Lookup, Refused, is_allowed
from .model import Outcome
from .settings import WebhookSettings

_ANSWER_MOST = 4096  # bytes
_ANSWER_KEPT = 1000  # characters


class Sender:
    """For one endpoint."""

    def __init__(self, lookup: Lookup, settings: WebhookSettings) -> None:
        self._resolver, self._settings = CheckedResolver(lookup, settings), settings

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Never raises but where it is cancelled."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout):  # the name server's time too
                return await self._exchange(URL(url, encoded=True), body, headers, began)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return Outcome(None, _code(error), _since(began))

    async def _exchange(self, url: URL, body: bytes, headers: Mapping[str, str], began: float) -> Outcome:
        # A literal address never comes to the resolver.
        if _is_literal(url.host or "") and not is_allowed(url.host or "", self._settings):
            raise Refused("a literal address that may not be dialled")
        connector = aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True, limit=1)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("Accept-Encoding", "Accept"),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
        ) as http:
            answer = await http.post(url, data=body, headers=headers, allow_redirects=False)
            try:
                said = await _beginning(answer.content)
            finally:
                answer.close()  # whatever more it has to say
        text = said.decode("utf-8", "replace").replace("\x00", "\ufffd")[:_ANSWER_KEPT]
        return Outcome(answer.status, "", _since(began), text, _seconds(answer.headers.get("Retry-After")))


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    said = b""
    while len(said) < _ANSWER_MOST and (more := await content.read(_ANSWER_MOST - len(said))):
        said += more
    return said


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else None


def _code(error: Exception) -> str:
    """In one word, for the log and for people; the exceptions' own words name addresses."""
    if isinstance(error, TimeoutError):
        return "timeout"
    causes = [error, getattr(error, "os_error", None), error.__cause__, error.__context__]
    if any(isinstance(each, Refused) for each in causes):
        return "address_refused"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name_unknown"
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls_failed"
    if isinstance(error, (aiohttp.ClientConnectorError, ConnectionRefusedError)):
        return "not_connected"
    return "broken_off"
