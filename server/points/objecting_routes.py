"""Objections over HTTP."""

from collections.abc import Sequence

from aiohttp import web

from ..core.http import Routes
from ..identity import IDENTITY, Member, require_role
from .keys import LEDGER, OBJECTING
from .objecting import Objected
from .objecting_model import Objection, ObjectionState
from .objecting_wire import AnswerIn, ObjectionIn, ObjectionOut, ObjectionsOut, ObjectionsQuery
from .proposing_wire import QueueQuery
from .publication import BRANCH, COMMITTEE
from .routes import party_member

_OF_PUBLICATION = "/api/v1/publications/{publication}/objections"
_ALL = "/api/v1/objections"
_MEMBERS = "Party members"
_ANSWERERS = "secretaries of the branch or the committee, affairs_staff"


def add_objecting(routes: Routes) -> None:
    _add_saying(routes)
    _add_answering(routes)


def _add_saying(routes: Routes) -> None:
    @routes.get(
        _OF_PUBLICATION, who=_MEMBERS, summary="One's own objections and those about oneself; all of a branch for who answers"
    )
    async def objections(request: web.Request, query: ObjectionsQuery) -> ObjectionsOut:
        member, one = await party_member(request), request.match_info["publication"]
        found, following = await request.app[OBJECTING].of_publication(
            member, one, own=query.own, after=query.after, limit=query.limit
        )
        return ObjectionsOut(items=await _named(request, member, found), next=following)

    @routes.post(_OF_PUBLICATION, status=201, who=_MEMBERS, summary="Object to a published row", idempotent=True)
    async def object_to(request: web.Request, body: ObjectionIn) -> ObjectionOut:
        member, one = await party_member(request), request.match_info["publication"]
        made = await request.app[OBJECTING].object(
            member, one, body.about, body.text, evidence=body.evidence, entry_id=body.entry
        )
        return await _one(request, member, made)

    @routes.post(f"{_ALL}/{{objection}}/withdraw", who="whoever said it", summary="Take an objection back", idempotent=True)
    async def withdraw(request: web.Request) -> ObjectionOut:
        member = await party_member(request)
        return await _one(request, member, await request.app[OBJECTING].withdraw(member, request.match_info["objection"]))


def _add_answering(routes: Routes) -> None:
    @routes.get(_ALL, who=_ANSWERERS, summary="Objections the caller answers for: what waits, or what was answered")
    async def desk(request: web.Request, query: QueueQuery) -> ObjectionsOut:
        member = await require_role(request, *COMMITTEE, *BRANCH)
        open_only = query.state == "open"
        found, following = await request.app[OBJECTING].desk(member, open_only=open_only, after=query.after, limit=query.limit)
        return ObjectionsOut(items=await _named(request, member, found), next=following)

    who = f"{_ANSWERERS}; never about themselves"

    @routes.post(f"{_ALL}/{{objection}}/answer", who=who, summary="Uphold or reject an objection", idempotent=True)
    async def answer(request: web.Request, body: AnswerIn) -> ObjectionOut:
        member, one = await party_member(request), request.match_info["objection"]
        missing = [each.read() for each in body.award]
        answered = await request.app[OBJECTING].answer(
            member, one, ObjectionState(body.state), body.text, reverse=body.reverse, missing=missing
        )
        return await _one(request, member, answered)


async def _one(request: web.Request, member: Member, objection: Objection) -> ObjectionOut:
    return (await _named(request, member, [await request.app[OBJECTING].shown(objection)]))[0]


async def _named(request: web.Request, member: Member, found: Sequence[Objected]) -> list[ObjectionOut]:
    said = [each.objection for each in found]
    ids = {each for one in said for each in (one.about_id, one.by_id, one.answered_by) if each is not None}
    people = {each: person.name for each, person in (await request.app[IDENTITY].people(ids)).items()}
    names = await request.app[LEDGER].names()
    return [ObjectionOut.of(each, member, people, names) for each in found]
