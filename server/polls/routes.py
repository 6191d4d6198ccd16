"""Polls over HTTP: what the caller may see of them, and the drafts."""

from aiohttp import web

from ..core.http import Routes
from ..identity import caller, require_member
from .service import PollService, Seen
from .wire import PollIn, PollOut, PollsOut

POLLS: web.AppKey[PollService] = web.AppKey("POLLS")
_ALL = "/api/v1/broadcasts/{broadcast}/polls"
_ONE = f"{_ALL}/{{poll}}"
_KEEPERS = "hosts of the broadcast, moderators"


def poll_routes() -> Routes:
    routes = Routes("polls")

    @routes.get(_ALL, who="viewer", summary="A broadcast's polls, their results, and what the caller chose")
    async def polls(request: web.Request) -> PollsOut:
        seen = await request.app[POLLS].seen(await caller(request), request.match_info["broadcast"])
        return PollsOut(items=[PollOut.of(each) for each in seen])

    @routes.post(_ALL, status=201, who=_KEEPERS, summary="Prepare a poll", idempotent=True)
    async def prepare(request: web.Request, body: PollIn) -> PollOut:
        member, broadcast = await require_member(request), request.match_info["broadcast"]
        return PollOut.of(Seen(await request.app[POLLS].prepare(member, broadcast, body.plan())))

    @routes.put(_ONE, who=_KEEPERS, summary="Write a draft anew")
    async def rewrite(request: web.Request, body: PollIn) -> PollOut:
        member, broadcast, poll = await require_member(request), request.match_info["broadcast"], request.match_info["poll"]
        return PollOut.of(Seen(await request.app[POLLS].rewrite(member, broadcast, poll, body.plan())))

    @routes.delete(_ONE, who=_KEEPERS, summary="Throw a draft away")
    async def discard(request: web.Request) -> None:
        member, broadcast, poll = await require_member(request), request.match_info["broadcast"], request.match_info["poll"]
        await request.app[POLLS].discard(member, broadcast, poll)

    return routes
