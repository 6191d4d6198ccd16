"""Attendance over HTTP: a broadcast's rules, and one's own standing."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .keys import QUIZZES, REPLAYS, ROLL_CALLS, ROSTERS, WATCHING
from .model import ReplayCheck, Rules
from .sheets import workbook
from .wire import (
    AttendanceRosterOut,
    OwnAttendanceOut,
    OwnReplayOut,
    QuizAnswersIn,
    QuizOut,
    QuizResultOut,
    RollCallRules,
    RollCallRulesOut,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ORGANISERS = "hosts of the broadcast, moderators, secretaries (of a branch: its members), affairs_staff"
_ONE = "/api/v1/broadcasts/{broadcast}/attendance"


def attendance_routes() -> Routes:
    routes = Routes("attendance")

    @routes.get(_ONE, who="member who may see it", summary="A broadcast's roll-calls, and those the caller answered")
    async def own(request: web.Request) -> OwnAttendanceOut:
        member, broadcast = await require_member(request), request.match_info["broadcast"]
        found = await request.app[ROLL_CALLS].own(member, broadcast)
        watched = await request.app[WATCHING].watched(member, broadcast)
        replay = await request.app[REPLAYS].own(member, broadcast)
        if replay is None:
            return OwnAttendanceOut.of(found, None, watched)
        asks = replay.check is ReplayCheck.QUIZ
        quiz = await request.app[QUIZZES].own(member, broadcast) if asks else None
        return OwnAttendanceOut.of(found, OwnReplayOut.of(replay, quiz), watched)

    @routes.get("/api/v1/attendance/rules", who="members", summary="What a new broadcast has, and what may be chosen for it")
    async def usual(request: web.Request) -> RollCallRulesOut:
        await require_member(request)
        return RollCallRulesOut.offering(Rules(), request.app[QUIZZES].checks)

    @routes.get(f"{_ONE}/rules", who="host of the broadcast", summary="How many roll-calls a broadcast is to have")
    async def rules(request: web.Request) -> RollCallRulesOut:
        member = await require_member(request)
        found = await request.app[ROLL_CALLS].rules(member, request.match_info["broadcast"])
        return RollCallRulesOut.offering(found, request.app[QUIZZES].checks)

    @routes.put(
        f"{_ONE}/rules", who="host of the broadcast", summary="Set them, before it is on air; of the replay at any time"
    )
    async def set_rules(request: web.Request, body: RollCallRules) -> RollCallRulesOut:
        member = await require_member(request)
        set_ = await request.app[ROLL_CALLS].set_rules(member, request.match_info["broadcast"], body.rules())
        return RollCallRulesOut.offering(set_, request.app[QUIZZES].checks)

    @routes.post(f"{_ONE}/quiz", who="member who may see it", summary="Draw the short quiz of its replay, or see the open one")
    async def begin(request: web.Request) -> QuizOut:
        member = await require_member(request)
        return QuizOut.of(await request.app[QUIZZES].begin(member, request.match_info["broadcast"]))

    @routes.put(f"{_ONE}/quiz/{{quiz}}", who="the member it was drawn for", summary="Answer it, once")
    async def answer(request: web.Request, body: QuizAnswersIn) -> QuizResultOut:
        member, names = await require_member(request), request.match_info
        answered = await request.app[QUIZZES].answer(member, names["broadcast"], names["quiz"], body.answers)
        return QuizResultOut.of(answered)

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
