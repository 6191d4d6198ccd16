"""Publications over HTTP."""

from aiohttp import web

from ..core.http import Routes
from ..core.http.paging import PageQuery
from ..identity import Member, require_member
from .crediting import credits_of_others, own_credits
from .exporting_routes import add_exporting
from .keys import OBJECTING, PRINTING, PUBLISHING
from .objecting_routes import add_objecting
from .paging import place
from .publication import BRANCH, COMMITTEE
from .publication_wire import (
    PublicationHeadOut,
    PublicationIn,
    PublicationOut,
    PublicationsOut,
    PublishedDetailOut,
    PublishedOut,
    PublishedPage,
    PublishedQuery,
)
from .routes import party_member

_ALL = "/api/v1/publications"
_ONE = f"{_ALL}/{{publication}}"
_MEMBERS, _COMMITTEE = "Party members", "secretaries of the committee, affairs_staff"


def publication_routes() -> Routes:
    routes = Routes("publications")
    _add_publications(routes)
    _add_members(routes)
    add_objecting(routes)
    add_exporting(routes)
    return routes


def _add_publications(routes: Routes) -> None:
    @routes.get(_ALL, who=_MEMBERS, summary="Publications of points, the newest first")
    async def publications(request: web.Request) -> PublicationsOut:
        member = await party_member(request)
        found = await request.app[PUBLISHING].seen(member)
        waiting = await _waiting(request, member)
        return PublicationsOut(
            items=[PublicationOut.of(each) for each in found],
            publishes=member.has(*COMMITTEE),
            waiting=None if waiting is None else waiting[0],
            late=None if waiting is None else waiting[1],
        )

    @routes.post(_ALL, status=201, who=_COMMITTEE, summary="Publish the year so far after a quarter", idempotent=True)
    async def publish(request: web.Request, body: PublicationIn) -> PublicationOut:
        return PublicationOut.of(await request.app[PUBLISHING].make(await require_member(request), body.year, body.quarter))

    @routes.get(_ONE, who=_MEMBERS, summary="A publication, its branches, and how far it is prepared")
    async def heading(request: web.Request) -> PublicationHeadOut:
        member = await party_member(request)
        found = await request.app[PUBLISHING].heading(member, request.match_info["publication"])
        waiting = await _waiting(request, member, found.publication.id)
        return PublicationHeadOut.headed(found, waiting, await request.app[PRINTING].certificate())


def _add_members(routes: Routes) -> None:
    @routes.get(f"{_ONE}/members", who=_MEMBERS, summary="Members as they are published, by name: a branch's, or with a name")
    async def members(request: web.Request, query: PublishedQuery) -> PublishedPage:
        member, publishing, one = await party_member(request), request.app[PUBLISHING], request.match_info["publication"]
        after = place(query.after)
        if query.q:
            publication, found = await publishing.named(member, one, query.q, after=after, limit=query.limit + 1)
        else:
            publication, found = await publishing.members(member, one, query.branch, after=after, limit=query.limit + 1)
        following = str(after + query.limit) if len(found) > query.limit else None
        return PublishedPage(items=[PublishedOut.of(each, publication) for each in found[: query.limit]], next=following)

    @routes.get(f"{_ONE}/members/{{member}}", who=_MEMBERS, summary="One published member; the rows for who may see them")
    async def detail(request: web.Request, query: PageQuery) -> PublishedDetailOut:
        member, one, about = await party_member(request), request.match_info["publication"], request.match_info["member"]
        found = await request.app[PUBLISHING].detail(member, one, about, before=query.after, limit=query.limit)
        credits_ = own_credits if member.id == about else credits_of_others
        return PublishedDetailOut(
            row=PublishedOut.of(found.row, found.publication),
            shown=found.rows is not None,
            items=await credits_(request, found.rows or []),
            next=found.following,
        )


async def _waiting(request: web.Request, member: Member, publication_id: str | None = None) -> tuple[int, int] | None:
    """Of the objections the caller answers for; None for who answers none."""
    if not member.has(*COMMITTEE, *BRANCH):
        return None
    return await request.app[OBJECTING].waiting(member, publication_id)
