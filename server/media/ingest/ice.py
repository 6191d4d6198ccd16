"""Which addresses and ports a session uses, and which it tells the publisher.

The server is found by its host candidates alone: it sits on a known address (or behind one-to-one NAT, `MEDIA_ADVERTISE`) and
learns the publisher's address from its checks, so it needs no STUN or TURN of its own.
"""

import asyncio
import functools
import ipaddress
import random
import socket

from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import Connection, get_host_addresses

from ...core.errors import Unavailable
from ..limits import MediaSettings
from .guard import GuardedSocket
from .hooks import adopt_sockets, replace_gathering

_RECEIVE_BUFFER = 1 << 20  # bytes; a key frame of several hundred packets arrives in one burst
_COMPONENT = 1


def gather_with(connection: Connection, settings: MediaSettings) -> None:
    """Make `connection` open its sockets as the settings say when it is asked to gather."""
    replace_gathering(connection, functools.partial(_gather, connection, settings))


def choose_addresses(advertised: tuple[str, ...], owned: list[str]) -> tuple[list[str], list[str]]:
    """(addresses to bind, addresses to announce for them all); see `MediaSettings.advertise`.

    An advertised address that is ours is bound and announced as itself; the second list is empty then, or holds those that are
    not ours.
    """
    foreign = [address for address in advertised if not _is_ours(address, owned)]
    ours = [address for address in advertised if _is_ours(address, owned)]
    return ours or owned or ["127.0.0.1"], foreign


def _is_ours(address: str, owned: list[str]) -> bool:
    return address in owned or ipaddress.ip_address(address).is_loopback


async def _gather(connection: Connection, settings: MediaSettings) -> None:
    owned = get_host_addresses(use_ipv4=True, use_ipv6=True)
    bind, announce = choose_addresses(settings.advertise, owned)
    protocols: list[GuardedSocket] = []
    for address in bind:
        protocol = await _open(connection, address, settings.ports)
        if protocol is not None:
            protocols.append(protocol)
    if not protocols:
        raise Unavailable("media_ports_exhausted", "媒体端口已用尽，请稍后再试", retry_after=10)
    only_announced = announce and not any(address in bind for address in settings.advertise)
    candidates = [] if only_announced else [protocol.local_candidate for protocol in protocols]
    for address in announce:
        family = ipaddress.ip_address(address).version
        twins = [p.local_candidate for p in protocols if ipaddress.ip_address(p.local_candidate.host).version == family]
        candidates += [_candidate(address, twin.port) for twin in twins[:1]]
    adopt_sockets(connection, list(protocols), candidates)


async def _open(connection: Connection, address: str, ports: tuple[int, int] | None) -> GuardedSocket | None:
    """A guarded socket on `address`, on a random free port of the range; None if there is none."""
    loop = asyncio.get_running_loop()
    for port in _port_order(ports):
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: GuardedSocket(connection), local_addr=(address, port)
            )
        except OSError:
            continue
        handle = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        bound = transport.get_extra_info("sockname")
        protocol.local_candidate = _candidate(bound[0], bound[1])
        return protocol
    return None


def _port_order(ports: tuple[int, int] | None) -> list[int]:
    if ports is None:
        return [0]
    order = list(range(ports[0], ports[1] + 1))
    start = random.randrange(len(order))
    return order[start:] + order[:start]


def _candidate(host: str, port: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=_COMPONENT,
        transport="udp",
        priority=candidate_priority(_COMPONENT, "host"),
        host=host,
        port=port,
        type="host",
    )
