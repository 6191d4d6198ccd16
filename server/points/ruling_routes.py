"""The rules over HTTP."""

from datetime import timedelta

from aiohttp import web

from ..core.http import Routes
from ..identity import IDENTITY, Member, require_member
from .keys import RULING
from .ruling import RULERS
from .ruling_wire import RulesIn, RulesOut, RulesPreviewIn, RulesPreviewOut

_RULES = "/api/v1/points/rules"
_WHO = "secretaries of the committee"


def add_ruling(routes: Routes) -> None:
    @routes.get(_RULES, who="everybody signed in", summary="The rules as they count today, and how they came to be")
    async def rules(request: web.Request) -> RulesOut:
        return await _rules(request, await require_member(request))

    @routes.post(f"{_RULES}/preview", who=_WHO, summary="What a change would have done to the last quarter; writes nothing")
    async def preview(request: web.Request, body: RulesPreviewIn) -> RulesPreviewOut:
        member = await require_member(request)
        scale = None if body.scale is None else body.scale.read()
        return RulesPreviewOut.of(await request.app[RULING].preview(member, [each.read() for each in body.indicators], scale))

    @routes.post(_RULES, who=_WHO, summary="Change the rules from a day to come on", idempotent=True)
    async def write(request: web.Request, body: RulesIn) -> RulesOut:
        member = await require_member(request)
        scale = None if body.scale is None else body.scale.read()
        edits = [each.read() for each in body.indicators]
        await request.app[RULING].write(member, edits, scale, body.since, body.reason)
        return await _rules(request, member)


async def _rules(request: web.Request, member: Member) -> RulesOut:
    ruling = request.app[RULING]
    found, today = await ruling.versions(), ruling.today()
    people = await request.app[IDENTITY].people({each.by for each in found if each.by is not None})
    names = {each: person.name for each, person in people.items()}
    return RulesOut.of(found, names, today, today + timedelta(days=1), edits=member.has(*RULERS))
