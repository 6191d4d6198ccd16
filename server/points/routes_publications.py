"""Publications and objections over HTTP."""

from aiohttp import web

from ..core.errors import Invalid
from ..core.http import Routes
from ..identity import IDENTITY, require_member
from .publication import Objection, ObjectionState
from .publication_wire import (
    AnswerIn,
    ObjectionIn,
    ObjectionOut,
    ObjectionsOut,
    PublicationHeadOut,
    PublicationIn,
    PublicationOut,
    PublicationsOut,
    PublishedOut,
    PublishedPage,
    PublishedQuery,
)
from .publishing import Publishing
from .routes import party_member

PUBLISHING: web.AppKey[Publishing] = web.AppKey("PUBLISHING")
_ALL = "/api/v1/publications"
_ONE = f"{_ALL}/{{publication}}"
_MEMBERS, _COMMITTEE = "Party members", "secretaries of the committee, affairs_staff"


def publication_routes() -> Routes:
    routes = Routes("publications")
    _add_publications(routes)
    _add_objections(routes)
    return routes


def _add_publications(routes: Routes) -> None:
    @routes.get(_ALL, who=_MEMBERS, summary="Publications of points, the newest first")
    async def publications(request: web.Request) -> PublicationsOut:
        found = await request.app[PUBLISHING].seen(await party_member(request))
        return PublicationsOut(items=[PublicationOut.of(each) for each in found])

    @routes.post(_ALL, status=201, who=_COMMITTEE, summary="Publish the year so far after a quarter", idempotent=True)
    async def publish(request: web.Request, body: PublicationIn) -> PublicationOut:
        return PublicationOut.of(await request.app[PUBLISHING].make(await require_member(request), body.year, body.quarter))

    @routes.get(_ONE, who=_MEMBERS, summary="A publication, its branches, and how far it is prepared")
    async def heading(request: web.Request) -> PublicationHeadOut:
        member = await party_member(request)
        return PublicationHeadOut.headed(await request.app[PUBLISHING].heading(member, request.match_info["publication"]))

    @routes.get(f"{_ONE}/members", who=_MEMBERS, summary="A branch's members as they are published, by name")
    async def members(request: web.Request, query: PublishedQuery) -> PublishedPage:
        member, publishing, one = await party_member(request), request.app[PUBLISHING], request.match_info["publication"]
        after = _place(query.after)
        publication, found = await publishing.members(member, one, query.branch, after=after, limit=query.limit + 1)
        following = str(after + query.limit) if len(found) > query.limit else None
        return PublishedPage(items=[PublishedOut.of(each, publication) for each in found[: query.limit]], next=following)


def _add_objections(routes: Routes) -> None:
    path = f"{_ONE}/objections"

    @routes.get(path, who=_MEMBERS, summary="One's own objections and those about oneself; all of a branch for who answers")
    async def objections(request: web.Request) -> ObjectionsOut:
        member = await party_member(request)
        found = await request.app[PUBLISHING].objections(member, request.match_info["publication"])
        return ObjectionsOut(items=await _named(request, found))

    @routes.post(path, status=201, who=_MEMBERS, summary="Object to a published row", idempotent=True)
    async def object_to(request: web.Request, body: ObjectionIn) -> ObjectionOut:
        member, one = await party_member(request), request.match_info["publication"]
        made = await request.app[PUBLISHING].object(member, one, body.about, body.text, entry_id=body.entry)
        return (await _named(request, [made]))[0]

    who = "secretaries of the branch or the committee, affairs_staff; never about themselves"

    @routes.post("/api/v1/objections/{objection}/answer", who=who, summary="Uphold or reject an objection", idempotent=True)
    async def answer(request: web.Request, body: AnswerIn) -> ObjectionOut:
        member, one = await party_member(request), request.match_info["objection"]
        state = ObjectionState(body.state)
        answered = await request.app[PUBLISHING].answer(member, one, state, body.text, reverse=body.reverse)
        return (await _named(request, [answered]))[0]


async def _named(request: web.Request, found: list[Objection]) -> list[ObjectionOut]:
    ids = {each for one in found for each in (one.about_id, one.by_id, one.answered_by) if each is not None}
    people = await request.app[IDENTITY].people(ids)
    names = {each: person.name for each, person in people.items()}
    return [ObjectionOut.of(each, names) for each in found]


def _place(after: str | None) -> int:
    """How many of a branch were given before. Raise Invalid `cursor_invalid`."""
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 9):
        raise Invalid("cursor_invalid", "翻页参数不对，请从头打开")
    return int(after)
