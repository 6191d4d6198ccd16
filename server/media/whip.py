"""WHIP over HTTP (RFC 9725).

Trickle ICE is supported, ICE restart is not (aiortc cannot): a PATCH that asks for one gets 422 (section 4.3.1), and the
session it speaks of goes on. Every session has a strong ETag; a PATCH must name it. Simulcast is plainly not taken: the answer
has no `a=simulcast`, so one encoding is sent. GET and HEAD say nothing to anybody, with 204 (section 4.1). Any origin may call:
what counts is the bearer token, and no cookie is looked at.
"""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from ..core.errors import AppError, Invalid, NotFound, TooLarge, Unauthenticated, Unsupported
from ..core.http import Routes, Security
from ..core.http.peer import client_address, network_of
from ..core.ids import is_id
from .ice_servers import ice_link
from .ingest.candidates import read_fragment
from .keys import MEDIA
from .limits import MAX_FRAGMENT_BYTES, MAX_OFFER_BYTES

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"

_SESSION_ID = re.compile(r"[A-Za-z0-9_\-]{16,64}\Z")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, Accept-Post, Accept-Patch",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    **_CORS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "86400",
}


class PreconditionNeeded(AppError):
    status = 428
    title = "Precondition required"


class PreconditionFailed(AppError):
    status = 412
    title = "Precondition failed"


Handler = Callable[[web.Request], Awaitable[web.Response]]


def add_whip(routes: Routes) -> None:
    """Declare the WHIP endpoint and its sessions."""
    endpoint, session = "/whip/{stream}", "/whip/{stream}/{session}"
    who = "whoever holds the stream's publish token"
    declared: tuple[tuple[str, str, Handler, str, int], ...] = (
        ("POST", endpoint, _publish, "Begin to publish (WHIP)", 201),
        ("OPTIONS", endpoint, _endpoint_options, "What the WHIP endpoint takes", 200),
        ("GET", endpoint, _nothing, "Nothing (WHIP)", 204),
        ("HEAD", endpoint, _nothing, "Nothing (WHIP)", 204),
        ("PATCH", session, _trickle, "Add ICE candidates (WHIP)", 204),
        ("DELETE", session, _unpublish, "Stop publishing (WHIP)", 200),
        ("OPTIONS", session, _session_options, "What a WHIP session takes", 200),
        ("GET", session, _nothing, "Nothing (WHIP)", 204),
        ("HEAD", session, _nothing, "Nothing (WHIP)", 204),
    )
    for method, path, handler, summary, status in declared:
        caller = who if method in ("POST", "PATCH", "DELETE") else "anyone"
        routes.route(method, path, who=caller, summary=summary, status=status, security=Security.BEARER, content_type=SDP)(
            _readable_elsewhere(handler)
        )


def _readable_elsewhere(handler: Handler) -> Handler:
    """Let pages of other origins read refusals too, and tell them how to authenticate (RFC 6750 section 3)."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except AppError as error:
            error.headers.update(_CORS)
            if isinstance(error, Unauthenticated):
                error.headers.setdefault("WWW-Authenticate", 'Bearer realm="whip"')
            raise

    return handle


async def _publish(request: web.Request) -> web.Response:
    stream_id, token = _stream_id(request), _bearer(request)
    _need_type(request, SDP, "sdp_needed", "请求体须为 application/sdp")
    takeover = request.query.get("takeover", "0")
    if takeover not in ("0", "1"):
        raise Invalid("query_invalid", "takeover 须为 0 或 1")
    media = request.app[MEDIA]
    offer = await _body(request, MAX_OFFER_BYTES, "offer_too_large", "SDP 过大，最多 64 KiB")
    published = await media.publish(
        stream_id, token, offer, takeover=takeover == "1", address=network_of(client_address(request))
    )
    response = web.Response(status=201, body=published.answer.encode(), content_type=SDP, headers=_CORS)
    response.headers["Location"] = f"/whip/{stream_id}/{published.session_id}"
    response.headers["ETag"] = published.etag
    response.headers["Accept-Patch"] = FRAGMENT
    for server in media.settings.ice_servers:
        response.headers.add("Link", ice_link(server))
    return response


async def _trickle(request: web.Request) -> web.Response:
    stream_id, session_id, token = _stream_id(request), _session_id(request), _bearer(request)
    _need_type(request, FRAGMENT, "sdpfrag_needed", "请求体须为 application/trickle-ice-sdpfrag")
    media = request.app[MEDIA]
    current = media.admit(stream_id, session_id, token, network_of(client_address(request)))
    raw = await _body(request, MAX_FRAGMENT_BYTES, "fragment_too_large", "ICE 片段过大，最多 16 KiB")
    fragment = read_fragment(raw)
    wanted = request.headers.get("If-Match")
    if wanted is None:
        raise PreconditionNeeded("if_match_needed", "须带 If-Match，其值为推流时得到的 ETag")
    if wanted.strip() != "*" and current not in [tag.strip() for tag in wanted.split(",")]:
        raise PreconditionFailed("etag_stale", "ICE 会话已更换，请使用最新的 ETag")
    await media.trickle(stream_id, session_id, token, fragment, restart=wanted.strip() == "*")
    return web.Response(status=204, headers=_CORS)


async def _unpublish(request: web.Request) -> web.Response:
    stream_id, session_id, token = _stream_id(request), _session_id(request), _bearer(request)
    media = request.app[MEDIA]
    media.admit(stream_id, session_id, token, network_of(client_address(request)))
    await media.unpublish(stream_id, session_id, token)
    return web.Response(status=200, headers=_CORS)


async def _nothing(request: web.Request) -> web.Response:
    return web.Response(status=204, headers=_CORS)


async def _endpoint_options(request: web.Request) -> web.Response:
    allowed = {"Access-Control-Allow-Methods": "POST, OPTIONS, GET, HEAD", "Accept-Post": SDP}
    return web.Response(status=200, headers=_PREFLIGHT | allowed)


async def _session_options(request: web.Request) -> web.Response:
    allowed = {"Access-Control-Allow-Methods": "PATCH, DELETE, OPTIONS, GET, HEAD", "Accept-Patch": FRAGMENT}
    return web.Response(status=200, headers=_PREFLIGHT | allowed)


def _stream_id(request: web.Request) -> str:
    stream_id = request.match_info["stream"]
    if not is_id(stream_id):
        raise NotFound
    return stream_id


def _session_id(request: web.Request) -> str:
    session_id = request.match_info["session"]
    if not _SESSION_ID.match(session_id):
        raise NotFound("session_not_found", "推流会话不存在或已结束")
    return session_id


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 512:
        raise Unauthenticated("token_needed", "缺少推流凭证")
    return token


def _need_type(request: web.Request, wanted: str, code: str, detail: str) -> None:
    if request.content_type.lower() != wanted:
        raise Unsupported(code, detail)


async def _body(request: web.Request, limit: int, code: str, detail: str) -> bytes:
    """The whole body, of which no more than `limit` bytes are ever held."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(code, detail)
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > limit:
            raise TooLarge(code, detail)
    return bytes(raw)
