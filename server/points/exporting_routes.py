"""Files over HTTP."""

from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from pydantic import Field

from ..core.http import Routes
from ..core.wire import In
from .keys import EXPORTING, LEDGER, PRINTING
from .routes import party_member
from .sheets import Form
from .wire import Year

_ANSWERERS = "secretaries of the committee, affairs_staff; of the branch for its rows"


class ExportQuery(In):
    """Without `year`: this one."""

    year: Year | None = None


class PrintQuery(In):
    """`branch`: one of those the publication names, "" for members without one; all of them if it is not given."""

    branch: Annotated[str, Field(max_length=36)] | None = None


def add_exporting(routes: Routes) -> None:
    for form in Form:
        _add(routes, form)
    _add_printing(routes)


def _add(routes: Routes, form: Form) -> None:
    @routes.get(
        f"/api/v1/publications/{{publication}}/members.{form}",
        who=_ANSWERERS,
        summary=f"A publication as {form.upper()}",
        content_type=form.content_type,
    )
    async def publication(request: web.Request) -> web.Response:
        member = await party_member(request)
        found, content = await request.app[EXPORTING].publication(member, request.match_info["publication"], form)
        return file_answer(found.title, content, form.value, form.content_type)

    @routes.get(
        f"/api/v1/me/points.{form}",
        who="Party members",
        summary=f"One's own rows of a year as {form.upper()}",
        content_type=form.content_type,
    )
    async def own(request: web.Request, query: ExportQuery) -> web.Response:
        member, year = await party_member(request), query.year or request.app[LEDGER].this_year()
        content = await request.app[EXPORTING].own(member, year, form)
        return file_answer(f"我的积分 {year}", content, form.value, form.content_type)


def _add_printing(routes: Routes) -> None:
    @routes.get(
        "/api/v1/publications/{publication}/pdf",
        who="Party members",
        summary="A publication as a signed PDF; beyond 5000 members one branch of it",
        content_type="application/pdf",
    )
    async def printed(request: web.Request, query: PrintQuery) -> web.Response:
        member = await party_member(request)
        title, content = await request.app[PRINTING].publication(member, request.match_info["publication"], query.branch)
        return file_answer(title, content, "pdf", "application/pdf")


def file_answer(title: str, content: bytes, ending: str, content_type: str) -> web.Response:
    # RFC 6266: an ASCII name for old programs, the real one in UTF-8.
    name = quote(f"{title}.{ending}", safe="")
    disposition = f"attachment; filename=\"points.{ending}\"; filename*=UTF-8''{name}"
    charset = "utf-8" if content_type.startswith("text/") else None
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return web.Response(body=content, content_type=content_type, charset=charset, headers=headers)
