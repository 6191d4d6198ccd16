"""Activities over HTTP. What somebody may not see is not found; what they see and may not do is refused in words."""

from aiohttp import web

from ..core.http import Routes
from ..identity import COMMITTEE, home_of, manages, require_member, require_role
from .minutes.routes import add_minutes
from .model import ActivityState, Part
from .plans.routes import add_plans
from .routes_roll import add_roll
from .serving import ACTIVITIES, base_of, id_of, show
from .wire import (
    ActivitiesOut,
    ActivityIn,
    ActivityLinkOut,
    ActivityLinksOut,
    ActivityOut,
    BurdenOut,
    BurdensOut,
    CalendarOut,
    ChangesIn,
    CheckInIn,
    ClaimIn,
    ClaimOut,
    LeaveIn,
    PartOut,
    WindowQuery,
)

__all__ = ["ACTIVITIES", "activity_routes"]
_ALL = "/api/v1/activities"
_ONE = "/api/v1/activities/{activity}"
_VIEWER = "whoever may see it"
_IN_CHARGE = "those who run it"


def activity_routes() -> Routes:
    routes = Routes("activities")
    _add_lists(routes)
    _add_one(routes)
    _add_moves(routes)
    _add_own(routes)
    add_roll(routes)
    add_minutes(routes)
    add_plans(routes)
    return routes


def _add_lists(routes: Routes) -> None:
    @routes.get(_ALL, who="members", summary="Activities in a time")
    async def listed(request: web.Request, query: WindowQuery) -> ActivitiesOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        found, branches = await service.listed(member, query.since, query.until), await service.branch_names()
        creates = manages(member, home_of(member))
        return ActivitiesOut(items=[ActivityOut.of(each, branches) for each in found], creates=creates)

    @routes.get("/api/v1/broadcasts/{broadcast}/activities", who="members", summary="What a broadcast belongs to")
    async def of_broadcast(request: web.Request) -> ActivityLinksOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        found = await service.of_broadcast(member, request.match_info["broadcast"])
        return ActivityLinksOut(items=[ActivityLinkOut.of(each) for each in found])

    @routes.post(_ALL, status=201, idempotent=True, who="organisers, secretaries and their deputies", summary="Create one")
    async def create(request: web.Request, body: ActivityIn) -> ActivityOut:
        member = await require_member(request)
        made = await request.app[ACTIVITIES].create(member, body.plan(member), draft=body.draft)
        return await show(request, made)

    @routes.get("/api/v1/activity-burdens", who="the committee and its staff", summary="What members found too much")
    async def burdens(request: web.Request) -> BurdensOut:
        await require_role(request, *COMMITTEE)
        service = request.app[ACTIVITIES]
        found, branches = await service.checkin.burdens(), await service.branch_names()
        return BurdensOut(items=[BurdenOut.of(activity, people, day, branches) for activity, people, day in found])

    @routes.get("/api/v1/me/calendar", who="members", summary="The address of one's own calendar of activities")
    async def own_calendar(request: web.Request) -> CalendarOut:
        member = await require_member(request)
        token = await request.app[ACTIVITIES].feed.token(member.id)
        return CalendarOut(url=f"{base_of(request)}/api/v1/calendars/{token}.ics")

    @routes.post("/api/v1/me/calendar/renew", who="members", summary="Another address; the one before is no more")
    async def renew_calendar(request: web.Request) -> CalendarOut:
        member = await require_member(request)
        token = await request.app[ACTIVITIES].feed.renew(member.id)
        return CalendarOut(url=f"{base_of(request)}/api/v1/calendars/{token}.ics")

    @routes.get(
        "/api/v1/calendars/{token}.ics", who="whoever has the address", summary="The calendar", content_type="text/calendar"
    )
    async def calendar(request: web.Request) -> web.Response:
        body = await request.app[ACTIVITIES].feed.calendar(request.match_info["token"], base_of(request))
        headers = {"Cache-Control": "private, no-cache"}
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def _add_one(routes: Routes) -> None:
    @routes.get(_ONE, who=_VIEWER, summary="One activity")
    async def one(request: web.Request) -> ActivityOut:
        member = await require_member(request)
        return await show(request, await request.app[ACTIVITIES].show(member, id_of(request)))

    @routes.patch(_ONE, who=_IN_CHARGE, summary="Change its plan")
    async def change(request: web.Request, body: ChangesIn) -> ActivityOut:
        member = await require_member(request)
        return await show(request, await request.app[ACTIVITIES].change(member, id_of(request), body.applied))


def _add_moves(routes: Routes) -> None:
    for name, to, summary in (
        ("announce", ActivityState.ANNOUNCED, "Show a draft to those it is for"),
        ("open", ActivityState.OPEN, "Begin check-in"),
        ("close", ActivityState.CLOSED, "End check-in"),
        ("cancel", ActivityState.CANCELLED, "Cancel it before check-in has begun"),
    ):
        _add_move(routes, name, to, summary)


def _add_move(routes: Routes, name: str, to: ActivityState, summary: str) -> None:
    async def handle(request: web.Request) -> ActivityOut:
        member = await require_member(request)
        return await show(request, await request.app[ACTIVITIES].move(member, id_of(request), to))

    handle.__name__ = name
    routes.post(f"{_ONE}/{name}", who=_IN_CHARGE, summary=summary)(handle)


def _add_own(routes: Routes) -> None:
    @routes.post(f"{_ONE}/signup", who=_VIEWER, summary="Take a seat, or a turn on the waiting list")
    async def sign_up(request: web.Request) -> PartOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        return PartOut.of(await service.seats.sign_up(member, id_of(request)))

    @routes.delete(f"{_ONE}/signup", who=_VIEWER, summary="Give the seat back; the next who waits gets it")
    async def give_back(request: web.Request) -> PartOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        return PartOut.of(await service.seats.give_back(member, id_of(request)))

    @routes.post(f"{_ONE}/checkin", who=_VIEWER, summary="Check in with the code on the wall")
    async def check_in(request: web.Request, body: CheckInIn) -> PartOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        part: Part = await service.checkin.check_in(member, id_of(request), body.code)
        return PartOut.of(part)

    @routes.post(f"{_ONE}/claim", who=_VIEWER, summary="A code that was scanned without a network, for a person to decide on")
    async def claim(request: web.Request, body: ClaimIn) -> ClaimOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        return ClaimOut.of(await service.checkin.claim(member, id_of(request), body.code, body.scanned_at))

    @routes.post(f"{_ONE}/leave", who=_VIEWER, summary="Say that one cannot come, and why")
    async def leave(request: web.Request, body: LeaveIn) -> PartOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        return PartOut.of(await service.roll.ask_leave(member, id_of(request), body.reason))

    @routes.post(f"{_ONE}/burden", who=_VIEWER, summary="Tell the committee that this is too much, without a name")
    async def burden(request: web.Request) -> None:
        member, service = await require_member(request), request.app[ACTIVITIES]
        await service.checkin.complain(member, id_of(request))
