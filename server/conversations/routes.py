"""Conversations over HTTP: older messages, and sealed files."""

from aiohttp import web

from ..core.fanout import EntryOut
from ..core.http import Routes
from ..core.http.uploads import body_within
from ..identity import require_member
from .files import too_large
from .model import BLOBS
from .service import Conversations
from .wire import BlobOut, BlobQuery, MessagesOut, MessagesQuery

CONVERSATIONS: web.AppKey[Conversations] = web.AppKey("CONVERSATIONS")

_ONE = "/api/v1/conversations/{conversation}"
_PARTIES = "the two it is between"
_SEALED = "application/octet-stream"


def conversation_routes() -> Routes:
    routes = Routes("conversations")

    @routes.get(f"{_ONE}/messages", who=_PARTIES, summary="Sealed messages below an offset")
    async def messages(request: web.Request, query: MessagesQuery) -> MessagesOut:
        member, service = await require_member(request), request.app[CONVERSATIONS]
        found, following = await service.page(member, _id(request), before=query.before, limit=query.limit)
        items = [EntryOut.model_validate(entry.wire()) for entry in found]
        return MessagesOut(items=items, next=None if following is None else str(following))

    @routes.post(
        f"{_ONE}/blobs",
        status=201,
        who=_PARTIES,
        summary="Hand in a sealed picture or voice of 2 MB at most, as the body",
        answer=BlobOut,
    )
    async def hand_in(request: web.Request, query: BlobQuery) -> web.Response:
        member, files = await require_member(request), request.app[CONVERSATIONS].files
        await files.require_room(member, _id(request), query.sort)
        content = await body_within(request, BLOBS[query.sort].size, lambda: too_large(query.sort))
        made = BlobOut.of(await files.keep(member, _id(request), query.sort, content))
        return web.json_response(made.model_dump(), status=201)

    @routes.get(f"{_ONE}/blobs/{{blob}}", who=_PARTIES, summary="A sealed file", content_type=_SEALED)
    async def blob(request: web.Request) -> web.Response:
        member, files = await require_member(request), request.app[CONVERSATIONS].files
        content = await files.content(member, _id(request), request.match_info["blob"])
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=content, content_type=_SEALED, headers=headers)

    return routes


def _id(request: web.Request) -> str:
    return request.match_info["conversation"]
