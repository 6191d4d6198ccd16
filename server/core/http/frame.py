"""What happens around every request, in one middleware so that the hot paths pay for it once.

A request gets an id, which its log lines, its answer and its problem details carry. State-changing requests must come from
our own pages: browsers send `Origin` (and `Sec-Fetch-Site`) and cannot be made to lie about them, which is the whole CSRF
defence. Routes with a bearer token are exempt: no browser adds such a token unasked.
"""

import errno
import random
import re
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from multidict import istr
from prometheus_client import CollectorRegistry

from ..errors import AppError, Forbidden, Invalid, NotFound
from .peer import HTTP_SETTINGS, is_secure
from .problems import problem, problem_from_aiohttp, problem_from_crash
from .routing import Security, endpoint_of
from .statistics import RequestStatistics

log = structlog.get_logger(__name__)

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
REQUEST_ID = web.RequestKey("request_id", str)
METRICS = web.AppKey("METRICS", CollectorRegistry)
STATISTICS = web.AppKey("STATISTICS", RequestStatistics)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")

# style-src: Vue and Vant set inline styles for measured sizes. Scripts are ours alone. media and workers: hls.js uses blobs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
}
STRICT_TRANSPORT = "max-age=31536000"
SERVER_NAME = "hongbo"  # not whose parser we use, nor its version (ASVS 13.4.6)

# Names prepared once: every answer sets them all.
_HEADERS = tuple((istr(name), value) for name, value in SECURITY_HEADERS.items())
_SERVER, _REQUEST_ID, _CACHE_CONTROL = istr("Server"), istr("X-Request-Id"), istr("Cache-Control")
_random = random.Random()  # request ids name log lines, they are no secrets


def install_frame(app: web.Application, registry: CollectorRegistry) -> None:
    """Put the frame around every route of `app`; HTTP_SETTINGS must be set on it."""
    statistics = RequestStatistics()
    registry.register(statistics)
    app[METRICS] = registry
    app[STATISTICS] = statistics
    app.on_response_prepare.append(_add_headers)

    @web.middleware
    async def frame(request: web.Request, handler: Next) -> web.StreamResponse:
        started = time.perf_counter()
        request_id = _request_id(request)
        request[REQUEST_ID] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)  # ends with the request: each runs in its own task
        response = await _answer(request, handler, request_id)
        resource = request.match_info.route.resource
        path = resource.canonical if resource is not None else "unknown"
        elapsed = time.perf_counter() - started
        statistics.note(request.method, path, response.status, elapsed)
        if response.status >= 400 or (request.method not in _SAFE and not _guards_itself(request)):
            milliseconds = round(elapsed * 1000, 1)
            log.info(
                "request",
                request_id=request_id,
                method=request.method,
                path=path,
                status=response.status,
                ms=milliseconds,
            )
        return response

    app.middlewares.append(frame)


async def _answer(request: web.Request, following: Next, request_id: str) -> web.StreamResponse:
    try:
        if request.method not in _SAFE:
            _require_own_page(request)
        return await following(request)
    except AppError as error:
        return problem(error, request_id)
    except web.HTTPException as error:
        return problem_from_aiohttp(error, request_id)
    except web.RequestPayloadError:
        return problem(Invalid("body_unreadable", "请求内容不完整或编码有误"), request_id)
    except OSError as error:
        if isinstance(error, ConnectionResetError) and request.transport is None:
            return problem(Invalid("body_unreadable", "请求内容不完整或编码有误"), request_id)  # left in the middle of the body
        if error.errno != errno.ENAMETOOLONG:
            return problem_from_crash(error, request_id)
        return problem(NotFound("not_found", "没有找到这个地址"), request_id)  # files are looked for by a part of the address
    except Exception as error:  # noqa: BLE001  # the boundary: everything unforeseen becomes a 500 with an id
        return problem_from_crash(error, request_id)


def _require_own_page(request: web.Request) -> None:
    endpoint = endpoint_of(request)
    if (endpoint is not None and endpoint.security is Security.BEARER) or _guards_itself(request):
        return
    origin = request.headers.get("Origin")
    if origin not in request.app[HTTP_SETTINGS].origins:
        raise Forbidden("origin_refused", "请求来源不被允许，请从本站页面操作")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("origin_refused", "请求来源不被允许，请从本站页面操作")


def _guards_itself(request: web.Request) -> bool:
    """Whether the handler has a defence of its own: sockets are opened with a csrf value and know their origins."""
    return getattr(request.match_info.handler, "guards_itself", False)


def _request_id(request: web.Request) -> str:
    """A proxy's id is kept if it looks like one, so that its log and ours can be joined."""
    given = request.headers.get(_REQUEST_ID)
    return given if given is not None and is_request_id(given) else new_request_id()


def is_request_id(text: str) -> bool:
    return _GIVEN_ID.match(text) is not None


def new_request_id() -> str:
    """96 random bits in hex; from the operating system they would cost as much as the rest of a small answer."""
    return f"{_random.getrandbits(96):024x}"


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    if response.status != 101:  # what follows is no document, and there may be a storm of it
        for name, value in _HEADERS:
            headers.setdefault(name, value)
    headers[_SERVER] = SERVER_NAME
    if (request_id := request.get(REQUEST_ID)) is not None:
        headers.setdefault(_REQUEST_ID, request_id)
    headers.setdefault(_CACHE_CONTROL, "no-store")
    if is_secure(request):
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
