"""Where a webhook may go. What a name resolves to is checked, all of it, and only what was checked is dialled.

Refused is everything that is not public: private, shared (100.64/10, where clouds keep their metadata too), loopback,
link-local, unique local, multicast, reserved and unspecified addresses, and every form of IPv6 that carries an IPv4 address
(mapped, NAT64, 6to4, Teredo), since what it leads to is decided elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ..core.errors import Invalid
from .model import MOST_ENDPOINTS, URL_MOST
from .settings import WebhookSettings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a name, as texts. Raise OSError."""

# Of IPv6 only what is handed out to networks (RFC 4291), without Teredo and its neighbours, and 6to4.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOT_PLAIN = (ipaddress.IPv6Network("2001::/23"), ipaddress.IPv6Network("2002::/16"))
# For protocols, one cloud's metadata among them; and that of another, which is public by its number alone.
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))


class Refused(OSError):
    """An address that is not for us to dial."""


def is_allowed(text: str, settings: WebhookSettings) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # with a zone, for instance
        return False
    if any(address in network for network in settings.networks):
        return True
    if settings.loopback and address.is_loopback:
        return True
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        plain = address in _UNICAST and not any(address in each for each in _NOT_PLAIN)
    else:
        plain = not any(address in each for each in _SPECIAL)
    return plain and address.is_global and not address.is_multicast and not address.is_reserved


def checked_url(text: str, settings: WebhookSettings) -> str:
    """As it is kept. Raise Invalid `url_unfit`."""
    words = "地址要以 https:// 开头，写全域名，不带用户名和 # 后缀"
    try:
        url = URL(text.strip())
        port = url.port
    except ValueError as error:
        raise Invalid("url_unfit", words) from error
    host = url.host or ""
    if len(str(url)) > URL_MOST or not host or port is None or url.user is not None or url.password is not None or url.fragment:
        raise Invalid("url_unfit", words)
    literal = _literal(host)
    loopback = settings.loopback and (host == "localhost" or (literal is not None and literal.is_loopback))
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise Invalid("url_unfit", words)
    if literal is not None and not is_allowed(host, settings):
        raise Invalid("url_unfit", "这个地址在内部网络中，不能推送到那里")
    return str(url)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


class SystemLookup:
    """getaddrinfo in threads of its own: a name server that keeps silent must not hold those that others need."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST_ENDPOINTS, "webhook-names")

    async def __call__(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(address[0]) for *_, address in found]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedResolver(AbstractResolver):
    """Gives aiohttp's connector addresses that were checked, and it dials those and no others. Raise Refused unless all of a
    name's addresses may be dialled: one that answers with a public and a private one is up to no good."""

    def __init__(self, lookup: Lookup, settings: WebhookSettings) -> None:
        self._lookup, self._settings = lookup, settings
        self._one = asyncio.Lock()  # a slow name server costs this endpoint one thread, not all

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        async with self._one:
            found = await self._lookup(host, port)
        if not found or not all(is_allowed(each, self._settings) for each in found):
            raise Refused(f"{host} resolves to addresses that may not be dialled")
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in dict.fromkeys(found)
        ]

    async def close(self) -> None:
        """Nothing of its own."""
