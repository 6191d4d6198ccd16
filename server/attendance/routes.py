"""Attendance over HTTP: a broadcast's rules, and one's own standing."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .keys import REPLAYS, ROLL_CALLS, ROSTERS, WATCHING
from .sheets import workbook
from .wire import AttendanceRosterOut, OwnAttendanceOut, RollCallRules

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ORGANISERS = "hosts of the broadcast, moderators, secretaries (of a branch: its members), affairs_staff"
_ONE = "/api/v1/broadcasts/{broadcast}/attendance"


def attendance_routes() -> Routes:
    routes = Routes("attendance")

    @routes.get(_ONE, who="member who may see it", summary="A broadcast's roll-calls, and those the caller answered")
    async def own(request: web.Request) -> OwnAttendanceOut:
        member, broadcast = await require_member(request), request.match_info["broadcast"]
        found = await request.app[ROLL_CALLS].own(member, broadcast)
        replay = await request.app[REPLAYS].own(member, broadcast)
        return OwnAttendanceOut.of(found, replay, await request.app[WATCHING].watched(member, broadcast))

    @routes.get(f"{_ONE}/rules", who="host of the broadcast", summary="How many roll-calls a broadcast is to have")
    async def rules(request: web.Request) -> RollCallRules:
        member = await require_member(request)
        return RollCallRules.of(await request.app[ROLL_CALLS].rules(member, request.match_info["broadcast"]))

    @routes.put(
        f"{_ONE}/rules", who="host of the broadcast", summary="Set them, before it is on air; of the replay at any time"
    )
    async def set_rules(request: web.Request, body: RollCallRules) -> RollCallRules:
        member = await require_member(request)
        set_ = await request.app[ROLL_CALLS].set_rules(member, request.match_info["broadcast"], body.rules())
        return RollCallRules.of(set_)

    @routes.get(f"{_ONE}/people", who=_ORGANISERS, summary="Who was expected, and who is present by roll-call")
    async def people(request: web.Request) -> AttendanceRosterOut:
        member = await require_member(request)
        return AttendanceRosterOut.of(await request.app[ROSTERS].of(member, request.match_info["broadcast"]))

    @routes.get(f"{_ONE}/people.xlsx", who=_ORGANISERS, summary="The same as a file", content_type=XLSX)
    async def exported(request: web.Request) -> web.Response:
        member = await require_member(request)
        roster = await request.app[ROSTERS].of(member, request.match_info["broadcast"])
        content = await asyncio.to_thread(workbook, roster)
        # RFC 6266: an ASCII name for old programs, the real one in UTF-8.
        name = quote(f"到课名单 {roster.broadcast.title}.xlsx", safe="")
        disposition = f"attachment; filename=\"attendance.xlsx\"; filename*=UTF-8''{name}"
        return web.Response(body=content, content_type=XLSX, headers={"Content-Disposition": disposition})

    return routes
