"""Attendance over HTTP: a broadcast's rules, and one's own standing."""

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .keys import ROLL_CALLS, WATCHING
from .wire import OwnAttendanceOut, RollCallRules

_ONE = "/api/v1/broadcasts/{broadcast}/attendance"


def attendance_routes() -> Routes:
    routes = Routes("attendance")

    @routes.get(_ONE, who="member who may see it", summary="A broadcast's roll-calls, and those the caller answered")
    async def own(request: web.Request) -> OwnAttendanceOut:
        member, broadcast = await require_member(request), request.match_info["broadcast"]
        found = await request.app[ROLL_CALLS].own(member, broadcast)
        return OwnAttendanceOut.of(found, await request.app[WATCHING].watched(member, broadcast))

    @routes.get(f"{_ONE}/rules", who="host of the broadcast", summary="How many roll-calls a broadcast is to have")
    async def rules(request: web.Request) -> RollCallRules:
        member = await require_member(request)
        return RollCallRules.of(await request.app[ROLL_CALLS].rules(member, request.match_info["broadcast"]))

    @routes.put(f"{_ONE}/rules", who="host of the broadcast", summary="Set them, before it is on air")
    async def set_rules(request: web.Request, body: RollCallRules) -> RollCallRules:
        member = await require_member(request)
        set_ = await request.app[ROLL_CALLS].set_rules(member, request.match_info["broadcast"], body.rules())
        return RollCallRules.of(set_)

    return routes
