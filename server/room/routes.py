"""Notices over HTTP: what replays show."""

from aiohttp import web

from ..core.http import Routes
from ..identity import caller
from .notices import Said
from .sockets import NOTICES
from .wire import NoticeOut, NoticesOut


def room_routes() -> Routes:
    routes = Routes("room")

    @routes.get("/api/v1/broadcasts/{broadcast}/notices", who="viewer", summary="What was pinned and announced, in order")
    async def notices(request: web.Request) -> NoticesOut:
        said = await request.app[NOTICES].all_of(await caller(request), request.match_info["broadcast"])
        return NoticesOut(items=[_shown(each) for each in said])

    return routes


def _shown(said: Said) -> NoticeOut:
    notice, entry = said.notice, said.entry
    return NoticeOut(
        id=notice.id,
        kind=notice.kind.value,
        text=notice.text,
        name=entry.by.name if entry.by is not None else "",
        at=entry.media_at or entry.at,
        until=said.until,
    )
