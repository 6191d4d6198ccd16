"""The session cookie and the device mark.

`__Host-` names (Secure, HttpOnly, SameSite=Lax, Path=/, no Domain) on https and on loopback names, which browsers treat as
secure; a plain name without Secure on any other plain-http address, where nothing better can work. Only the name that fits the
request is read, so a plain-http neighbour cannot plant a session for the https site.
"""

from datetime import timedelta

from aiohttp import web
from multidict import istr

from ..core.http.peer import is_loopback_host, is_secure

SESSION = "hongbo"
DEVICE = "hongbo-device"
VISITOR = "hongbo-visitor"
_COOKIE = istr("Cookie")
DEVICE_LIFETIME = timedelta(days=400)  # browsers keep none longer (RFC 6265bis section 5.5)


def read_cookie(request: web.Request, name: str) -> str | None:
    """Ours alone is looked for (RFC 6265, section 5.4): making objects of all cookies costs more than all the rest here."""
    wanted = _full_name(request, name)
    for header in request.headers.getall(_COOKIE, ()):
        for pair in header.split(";"):
            key, _, value = pair.strip(" ").partition("=")
            if key == wanted:
                return value if value and value.isascii() else None  # ours are; others come as lone surrogates
    return None


def set_cookie(request: web.Request, response: web.StreamResponse, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=_strict(request),
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """A `__Host-` cookie is only replaced by one that keeps its rules, so not by a bare deletion."""
    response.set_cookie(
        _full_name(request, name), "", max_age=0, path="/", secure=_strict(request), httponly=True, samesite="Lax"
    )


def _full_name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if _strict(request) else name


def _strict(request: web.Request) -> bool:
    return is_secure(request) or is_loopback_host(request)
