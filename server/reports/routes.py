"""The report over HTTP, as figures and as a file."""

from urllib.parse import quote

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .service import ReportService
from .wire import ReportOut

REPORTS: web.AppKey[ReportService] = web.AppKey("REPORTS")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_READERS = "hosts of the broadcast, moderators, affairs_staff"


def report_routes() -> Routes:
    routes = Routes("reports")

    @routes.get(
        "/api/v1/broadcasts/{broadcast}/report", who=_READERS, summary="What happened in a broadcast's room, in figures"
    )
    async def report(request: web.Request) -> ReportOut:
        member = await require_member(request)
        return ReportOut.of(await request.app[REPORTS].of(member, request.match_info["broadcast"]))

    @routes.get("/api/v1/broadcasts/{broadcast}/report.xlsx", who=_READERS, summary="The same as a file", content_type=XLSX)
    async def export(request: web.Request) -> web.Response:
        member = await require_member(request)
        drawn, content = await request.app[REPORTS].exported(member, request.match_info["broadcast"])
        # RFC 6266: an ASCII name for old programs, the real one in UTF-8.
        name = quote(f"直播数据 {drawn.broadcast.title}.xlsx", safe="")
        disposition = f"attachment; filename=\"report.xlsx\"; filename*=UTF-8''{name}"
        return web.Response(body=content, content_type=XLSX, headers={"Content-Disposition": disposition})

    return routes
