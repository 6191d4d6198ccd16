"""Who is at the other end of a socket: the same session as for HTTP, proven once more by the csrf value of `/me`."""

import hmac
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from ..core.errors import Unauthenticated
from ..core.sockets import Connection, Who
from .access import caller, visitor_of
from .model import Member, Speaker, Visitor
from .service import Identity


class Callers:
    """What the socket layer asks of identity (`core.sockets.Recognise`)."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def caller(self, request: web.Request) -> Who | None:
        return await caller(request) or await visitor_of(request)

    def proves(self, who: Who, auth: Mapping[str, Any]) -> bool:
        shown = auth.get("csrf")
        return isinstance(shown, str) and hmac.compare_digest(
            shown.encode("utf-8", "replace"), self._identity.csrf(who.session_id).encode()
        )

    async def still(self, callers: Collection[Who]) -> Mapping[str, Who]:
        members = await self._identity.sessions.find_many([who.session_id for who in callers if who.is_member])
        visitors = await self._identity.visitors.find_many([who.session_id for who in callers if not who.is_member])
        return {**members, **visitors}


def member_of(who: Who | None) -> Member | None:
    """The member, as features know him or her; None for a visitor."""
    return who if isinstance(who, Member) else None


def visitor_known(who: Who | None) -> Visitor | None:
    """The visitor, where a mobile number was proven; None for members and for whoever is unknown."""
    return who if isinstance(who, Visitor) else None


def require_socket_speaker(connection: Connection) -> Speaker:
    """A member, or a visitor who has proven a mobile number. Raise Unauthenticated `sign_in_needed`."""
    return visitor_known(connection.who) or require_socket_member(connection)


def require_socket_member(connection: Connection) -> Member:
    """Raise Unauthenticated `sign_in_needed` for a visitor."""
    if (member := member_of(connection.who)) is None:
        raise Unauthenticated("sign_in_needed", "请先登录")
    return member
