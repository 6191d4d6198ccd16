"""The branches' ledgers over HTTP, for those who answer for a branch."""

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .crediting import credits_of_others
from .keys import LEDGER, OVERVIEW
from .model import Aspect
from .overview_wire import (
    BranchLedgerOut,
    BranchLedgersOut,
    LineOut,
    LinesOut,
    LinesQuery,
    MemberRowsOut,
    MemberRowsQuery,
)
from .paging import place

_LEDGER = "/api/v1/points/ledger"
_WHO = "secretaries of the branch or the committee, affairs_staff, appraisal_clerk"


def add_overview(routes: Routes) -> None:
    @routes.get(
        f"{_LEDGER}/branches", who=_WHO, summary="The branches whose ledger the caller may read, and how far each is sealed"
    )
    async def branches(request: web.Request) -> BranchLedgersOut:
        member = await require_member(request)
        found = await request.app[OVERVIEW].branches(member)
        own = next((each.id for each in found if each.id == member.branch_id), None)
        return BranchLedgersOut(items=[BranchLedgerOut.of(each) for each in found], own=own)

    @routes.get(f"{_LEDGER}/members", who=_WHO, summary="A branch's members by name, and what each has in a year")
    async def lines(request: web.Request, query: LinesQuery) -> LinesOut:
        member, after = await require_member(request), place(query.after)
        year = query.year or request.app[LEDGER].this_year()
        scale, found = await request.app[OVERVIEW].lines(member, query.branch, year, after=after, limit=query.limit + 1)
        return LinesOut(
            items=[LineOut.of(each, scale) for each in found[: query.limit]],
            next=str(after + query.limit) if len(found) > query.limit else None,
            year=year,
            base=scale.base,
            most=dict(scale.most),
        )

    @routes.get(f"{_LEDGER}/members/{{member}}", who=_WHO, summary="A member's rows of a year, the newest first")
    async def rows(request: web.Request, query: MemberRowsQuery) -> MemberRowsOut:
        member, year = await require_member(request), query.year or request.app[LEDGER].this_year()
        aspect = None if query.aspect is None else Aspect(query.aspect)
        about, found, following = await request.app[OVERVIEW].rows(
            member,
            request.match_info["member"],
            year,
            aspect=aspect,
            month=query.month,
            before=query.after,
            limit=query.limit,
        )
        return MemberRowsOut(
            items=await credits_of_others(request, found), next=following, member=about.id, name=about.name, year=year
        )
