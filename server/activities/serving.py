"""What every handler of the feature needs of its request."""

from aiohttp import web

from ..core.http.peer import HTTP_SETTINGS
from .service import ActivityService, Listed
from .wire import ActivityOut

ACTIVITIES: web.AppKey[ActivityService] = web.AppKey("ACTIVITIES")


def id_of(request: web.Request) -> str:
    return request.match_info["activity"]


def base_of(request: web.Request) -> str:
    """Where people reach this deployment."""
    return str(request.app[HTTP_SETTINGS].public_url).rstrip("/")


async def show(request: web.Request, listed: Listed) -> ActivityOut:
    return ActivityOut.of(listed, await request.app[ACTIVITIES].branch_names())
