"""All addresses, by the part of the house that answers for them, and the document that describes them."""

import asyncio
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from server import __version__
from server.core.errors import NotFound
from server.core.http import Endpoint, Routes
from server.core.http.health import Check, health_routes
from server.core.http.openapi import openapi

from . import broadcasting, ground, meetings, points, rooms, shaking, talks, telling
from .parts import Part
from .sockets import EVENTS

ENDPOINTS = web.AppKey("ENDPOINTS", list[Endpoint])
DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
DESCRIPTION = (
    "The live-stream companion behind 立白党建. JSON throughout; refusals are RFC 9457 problem details with a stable `code`. "
    "Sign in with `POST /api/v1/session`; state-changing requests need the `Origin` of the site."
)


def routes(part: Part, checks: Mapping[str, Check], helpers: Mapping[str, Check]) -> list[Routes]:
    tables = [health_routes(__version__, checks, helpers)]
    if Part.WEB in part:
        for area in (ground, points, telling, rooms, meetings, talks, shaking):
            tables += area.routes()
    if part & (Part.WEB | Part.MEDIA):
        tables += broadcasting.routes(part)
    return tables


def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    endpoints = [endpoint for table in routes(Part.ALL, {}, {}) for endpoint in table.endpoints]
    events = [event for table in EVENTS for event in table.both_ways()]
    return openapi(endpoints, events, title="Hongbo", version=__version__, description=DESCRIPTION)


def document_routes() -> Routes:
    """The same in every process: callers see one API, whoever answers for which part of it."""
    table = Routes("documentation")

    @table.get("/api/openapi.json", who="anyone", summary="This document")
    async def openapi_document(request: web.Request) -> web.Response:
        rendered = await asyncio.to_thread(_rendered_document)
        return web.Response(body=rendered, content_type="application/json", headers={"Cache-Control": "no-cache"})

    @table.get("/api/docs", who="anyone", summary="This document as a page")
    async def openapi_page(request: web.Request) -> web.StreamResponse:
        page = DIST / "api-docs.html"
        if not page.is_file():
            raise NotFound("not_built", "前端尚未构建，请先运行 make build")
        return web.FileResponse(page, headers={"Cache-Control": "no-cache"})

    return table


@functools.cache
def _rendered_document() -> bytes:
    """Made when somebody first asks: it takes a tenth of a second, and hardly anybody does."""
    return json.dumps(document(), ensure_ascii=False).encode()
