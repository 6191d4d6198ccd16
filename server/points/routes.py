"""Points over HTTP: one's own."""

from aiohttp import web

from ..core.errors import Forbidden
from ..core.http import Routes
from ..identity import Member, Status, require_member
from .crediting import own_credits
from .exempting_routes import add_exempting
from .keys import LEDGER
from .model import Aspect
from .overview_routes import add_overview
from .proposing_routes import add_proposing
from .ruling_routes import add_ruling
from .wire import IndicatorOut, IndicatorsOut, PointsOut, PointsQuery

_MEMBERS = "Party members"


def points_routes() -> Routes:
    routes = Routes("points")

    @routes.get("/api/v1/me/points", who=_MEMBERS, summary="One's own year: how it stands, and its rows, the newest first")
    async def own(request: web.Request, query: PointsQuery) -> PointsOut:
        member, ledger = await party_member(request), request.app[LEDGER]
        year = query.year or ledger.this_year()
        statement = await ledger.statement(member.id, year)
        aspect = None if query.aspect is None else Aspect(query.aspect)
        rows, following = await ledger.rows(member.id, year, aspect=aspect, before=query.after, limit=query.limit)
        return PointsOut.of(statement, await own_credits(request, rows), following)

    @routes.get("/api/v1/me/points/indicators", who=_MEMBERS, summary="What counts today, and what still may for the caller")
    async def indicators(request: web.Request) -> IndicatorsOut:
        member = await party_member(request)
        return IndicatorsOut(items=[IndicatorOut.of(each) for each in await request.app[LEDGER].standing(member.id)])

    add_proposing(routes)
    add_overview(routes)
    add_exempting(routes)
    add_ruling(routes)
    return routes


async def party_member(request: web.Request) -> Member:
    """Raise Unauthenticated, Forbidden `member_needed`."""
    member = await require_member(request)
    if member.status is Status.EMPLOYEE:
        raise Forbidden("member_needed", "积分只对党员开放")
    return member
