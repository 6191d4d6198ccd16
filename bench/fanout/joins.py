"""A storm of joins: everybody comes at once, is recognised by the session cookie, and wants the room with its last hundred
comments. Hongbo checks the session and the csrf value as always; Node checks a signed cookie and remembers everything else."""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.report import Row

from . import rooms

CLIENTS = 2000
_FIRST = 200  # who come before, so that nothing is done for the first time


def storm(scratch: Path, name: str) -> Row:
    """One storm; joins per second of the server's processor time."""
    with _hongbo(scratch) if name == "hongbo" else _node(scratch) as (server, cookies, auths, hello):
        with rooms.load(scratch, server.port, _FIRST, cookies=cookies, auths=auths, hello=hello):
            pass
        began = server.cpu_seconds()
        with rooms.load(scratch, server.port, CLIENTS, cookies=cookies, auths=auths, hello=hello) as listeners:
            spent = server.cpu_seconds() - began
            joined = listeners.joined
    return {
        "server": name,
        "what": "join storm",
        "clients": CLIENTS,
        "per_cpu_s": CLIENTS / spent,
        "p50_ms": joined["p50_ms"],
        "p99_ms": joined["p99_ms"],
    }


Town = tuple[rooms.Server, Path, Path | None, str]


@contextmanager
def _hongbo(scratch: Path) -> Iterator[Town]:
    with rooms.hongbo(scratch) as server:
        yield server, *_tickets(scratch, server.ask("/bench/town", people=CLIENTS, broadcasts=1))


@contextmanager
def listening(scratch: Path, server: rooms.Server, town: Mapping[str, Any], clients: int) -> Iterator[None]:
    """The people of a town in the room of its first broadcast."""
    cookies, auths, hello = _tickets(scratch, town)
    with rooms.load(scratch, server.port, clients, cookies=cookies, auths=auths, hello=hello):
        yield


def _tickets(scratch: Path, town: Mapping[str, Any]) -> tuple[Path, Path, str]:
    """For `rooms.load`: everybody's cookie and CONNECT, and the request for the room."""
    cookies, auths = scratch / "cookies", scratch / "auths"
    cookies.write_text("".join(f"{each['cookie']}\n" for each in town["people"]))
    auths.write_text("".join(json.dumps({"csrf": each["csrf"]}) + "\n" for each in town["people"]))
    return cookies, auths, "420" + json.dumps(["subscribe", {"channel": f"broadcast:{town['broadcasts'][0]}"}])


@contextmanager
def _node(scratch: Path) -> Iterator[Town]:
    key = secrets.token_hex(32)
    cookies = scratch / "node-cookies"
    names = [secrets.token_hex(16) for _ in range(CLIENTS)]
    signed = [f"session={name}.{hmac.digest(key.encode(), name.encode(), 'sha256').hex()}\n" for name in names]
    cookies.write_text("".join(signed))
    with rooms.node(scratch, key=key) as server:
        yield server, cookies, None, rooms.HELLO
