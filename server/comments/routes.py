"""Comments over HTTP: what fell out of the ring, and what replays show."""

from aiohttp import web

from ..core.fanout import EntryOut
from ..core.http import Routes
from ..identity import caller
from .service import CommentService
from .wire import CommentsOut, CommentsQuery

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

    return routes
