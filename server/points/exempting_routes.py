"""Exemptions over HTTP."""

from collections.abc import Sequence

from aiohttp import web

from ..core.http import Routes
from ..identity import IDENTITY, require_member
from .exempting_model import Exempting
from .exempting_wire import ExemptionIn, ExemptionOut, ExemptionsOut
from .keys import EXEMPTIONS
from .proposing_wire import QueueQuery, ReviewIn

_ALL = "/api/v1/points/exemptions"
_WHO = "secretaries of the branch or the committee, affairs_staff, appraisal_clerk"


def add_exempting(routes: Routes) -> None:
    @routes.get(_ALL, who=_WHO, summary="Exemptions that wait for a second person, or no longer do; the newest first")
    async def exemptions(request: web.Request, query: QueueQuery) -> ExemptionsOut:
        member = await require_member(request)
        found, following = await request.app[EXEMPTIONS].listed(
            member, open_only=query.state == "open", after=query.after, limit=query.limit
        )
        return ExemptionsOut(items=await _named(request, found), next=following)

    @routes.post(_ALL, who=_WHO, status=201, summary="Propose that somebody is not compared in a year", idempotent=True)
    async def propose(request: web.Request, body: ExemptionIn) -> ExemptionOut:
        member = await require_member(request)
        made = await request.app[EXEMPTIONS].propose(member, body.member, body.year, body.reason, lift=body.lift)
        return (await _named(request, [made]))[0]

    @routes.post(f"{_ALL}/{{proposal}}/confirm", who=_WHO, summary="Let it be so; never by who proposed it")
    async def confirm(request: web.Request, body: ReviewIn) -> ExemptionOut:
        return await _reviewed(request, body, confirm=True)

    @routes.post(f"{_ALL}/{{proposal}}/decline", who=_WHO, summary="Let it not be so, and say why")
    async def decline(request: web.Request, body: ReviewIn) -> ExemptionOut:
        return await _reviewed(request, body, confirm=False)


async def _reviewed(request: web.Request, body: ReviewIn, *, confirm: bool) -> ExemptionOut:
    member = await require_member(request)
    decided = await request.app[EXEMPTIONS].review(member, request.match_info["proposal"], confirm=confirm, words=body.words)
    return (await _named(request, [decided]))[0]


async def _named(request: web.Request, found: Sequence[Exempting]) -> list[ExemptionOut]:
    ids = {who for each in found for who in (each.member_id, each.by, each.reviewer) if who is not None}
    people = await request.app[IDENTITY].people(ids)
    return [ExemptionOut.of(each, people) for each in found]
