"""Who is really calling. Forwarded headers count only when the direct peer is in `TRUSTED_PROXIES`; others may forge them."""

import functools
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web
from yarl import URL

from .patience import ConnectionLimits

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What the HTTP layer needs to know of its surroundings."""

    public_url: URL = field(default_factory=lambda: URL("http://localhost:8080"))
    trusted_proxies: tuple[Network, ...] = ()
    extra_origins: frozenset[str] = frozenset()
    metrics_token: str | None = None
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    uncounted: tuple[Network, ...] = LOOPBACK
    """May hold any number of connections."""

    @property
    def origins(self) -> frozenset[str]:
        """The origins allowed to change state: the public one, and its loopback twins where it is local."""
        url = self.public_url
        own = {str(url.origin())}
        if url.host in LOOPBACK_NAMES:
            own |= {str(url.with_host(host).origin()) for host in ("localhost", "127.0.0.1")}
        return frozenset(own) | self.extra_origins


HTTP_SETTINGS = web.AppKey("HTTP_SETTINGS", HttpSettings)


def client_address(request: web.Request) -> str:
    """The caller's IP address as text; `local` on a Unix socket."""
    trusted = request.app[HTTP_SETTINGS].trusted_proxies
    address = request.remote or "local"
    if not trusted or not within(address, trusted):
        return address
    hops = [hop.strip() for value in request.headers.getall("X-Forwarded-For", []) for hop in value.split(",")]
    for hop in reversed(hops):
        if _address(hop) is None:
            break
        address = hop
        if not within(hop, trusted):
            break
    return address


def is_secure(request: web.Request) -> bool:
    """Whether the browser reached us over TLS, as far as a trusted peer says."""
    if request.secure:
        return True
    forwarded = request.headers.get("X-Forwarded-Proto")
    return forwarded is not None and secure_by_proxy(request.app[HTTP_SETTINGS], request.remote, forwarded)


def secure_by_proxy(settings: HttpSettings, remote: str | None, forwarded: str) -> bool:
    """Whether `X-Forwarded-Proto` says TLS and comes from somebody who is believed."""
    return forwarded == "https" and within(remote or "local", settings.trusted_proxies)


def is_loopback_host(request: web.Request) -> bool:
    """Whether the browser addressed us as localhost, where secure-context features work without TLS."""
    return _is_loopback_name(request.host)


@functools.lru_cache(256)
def _is_loopback_name(host: str) -> bool:
    try:
        return URL(f"http://{host}").host in LOOPBACK_NAMES
    except ValueError:  # whatever the client wrote there
        return False


@functools.lru_cache(4096)
def _address(text: str) -> Address | None:
    """None for what is no address; an IPv4 address for one that is mapped into IPv6."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


@functools.lru_cache(4096)
def network_of(address: str) -> str:
    """What counts as one address: a whole IPv4 address, the /64 of an IPv6 one, since a subscriber owns at least that."""
    parsed = _address(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def within(text: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of the networks; what is no address is in none."""
    address = _address(text)
    return address is not None and any(address in network for network in networks)
