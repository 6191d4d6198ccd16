"""Comments over HTTP: what fell out of the ring, and what replays show."""

from aiohttp import web

from ..core.clock import rfc3339
from ..core.fanout import EntryOut
from ..core.http import Routes
from ..identity import caller
from .service import CommentService
from .timeline import moment_of
from .wire import CommentsOut, CommentsQuery, HeatOut, MomentsQuery

COMMENTS: web.AppKey[CommentService] = web.AppKey("COMMENTS")


def comment_routes() -> Routes:
    routes = Routes("comments")

    @routes.get(
        "/api/v1/broadcasts/{broadcast}/comments", who="viewer", summary="The journal's comments on either side of an offset"
    )
    async def comments(request: web.Request, query: CommentsQuery) -> CommentsOut:
        service, member, broadcast = request.app[COMMENTS], await caller(request), request.match_info["broadcast"]
        if query.before is None:
            entries, following = await service.page(member, broadcast, after=query.after, limit=query.limit)
        else:
            entries, following = await service.page_before(member, broadcast, before=query.before, limit=query.limit)
        items = [EntryOut.model_validate(entry.wire()) for entry in entries]
        return CommentsOut(items=items, next=None if following is None else str(following))

    @routes.get(
        "/api/v1/broadcasts/{broadcast}/comments/by-moment",
        who="viewer",
        summary="The comments that stand, in the order of the moments they belong to",
    )
    async def by_moment(request: web.Request, query: MomentsQuery) -> CommentsOut:
        service, member, broadcast = request.app[COMMENTS], await caller(request), request.match_info["broadcast"]
        if query.before is None:
            place = moment_of(query.after, last=True)
            entries, following = await service.said_after(member, broadcast, place, limit=query.limit)
        else:
            place = moment_of(query.before, last=False)
            entries, following = await service.said_before(member, broadcast, place, limit=query.limit)
        items = [EntryOut.model_validate(entry.wire()) for entry in entries]
        return CommentsOut(items=items, next=None if following is None else f"{following[0]}.{following[1]:.0f}")

    @routes.get(
        "/api/v1/broadcasts/{broadcast}/comments/heat", who="viewer", summary="When how much was said, in at most 200 spans"
    )
    async def heat(request: web.Request) -> HeatOut:
        start, seconds, counts = await request.app[COMMENTS].heat(await caller(request), request.match_info["broadcast"])
        return HeatOut(starts_at=None if start is None else rfc3339(start), seconds=seconds, counts=counts)

    return routes
