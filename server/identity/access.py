"""Who calls, and whether they may. The only way other features learn either.

One convention: a missing sign-in is 401, a missing role is 403 (roles are no secret), and a thing that is none of the caller's
business is NotFound, exactly like one that does not exist. The last is for each feature to keep.
"""

from aiohttp import web

from ..core.errors import Forbidden, Unauthenticated
from .cookies import SESSION, VISITOR, read_cookie
from .model import Member, Role, Visitor
from .service import Identity

IDENTITY = web.AppKey("IDENTITY", Identity)
_CALLER = web.RequestKey("identity.caller", tuple[Member | None])


async def caller(request: web.Request) -> Member | None:
    """The signed-in member, or None for a visitor; looked up once per request."""
    if _CALLER not in request:
        token = read_cookie(request, SESSION)
        found = None if token is None else await request.app[IDENTITY].sessions.find(token)
        request[_CALLER] = (found,)
    return request[_CALLER][0]


async def visitor_of(request: web.Request) -> Visitor | None:
    """The visitor who has proven a mobile number in this browser, if there is one."""
    token = read_cookie(request, VISITOR)
    return None if token is None else await request.app[IDENTITY].visitors.find(token)


async def require_member(request: web.Request) -> Member:
    """Raise Unauthenticated `sign_in_needed` for visitors."""
    member = await caller(request)
    if member is None:
        raise Unauthenticated("sign_in_needed", "请先登录")
    return member


async def require_role(request: web.Request, *roles: Role) -> Member:
    """A member who holds at least one of `roles`. Raise Forbidden `role_needed` otherwise."""
    member = await require_member(request)
    if not member.has(*roles):
        needed = "、".join(role.label for role in roles)
        raise Forbidden("role_needed", f"此操作需要以下角色之一：{needed}")
    return member
