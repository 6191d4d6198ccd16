"""Where an application holds the services of this feature."""

from aiohttp import web

from .service import RollCalls

ROLL_CALLS: web.AppKey[RollCalls] = web.AppKey("ROLL_CALLS")
