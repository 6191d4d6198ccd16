"""The person in charge over HTTP: the wall, the list, what is marked on it, and the claims."""

from collections.abc import Iterable

import segno
from aiohttp import web

from ..core.http import Routes
from ..identity import require_member
from .model import Part
from .serving import ACTIVITIES, base_of, id_of
from .wire import (
    ClaimedOut,
    DecisionIn,
    ExpectedIn,
    MarkedOut,
    OnListOut,
    PeopleOut,
    PersonIn,
    PresencesIn,
    WallOut,
)

_ONE = "/api/v1/activities/{activity}"
_IN_CHARGE = "those who run it"


def add_roll(routes: Routes) -> None:
    @routes.get(f"{_ONE}/wall", who=_IN_CHARGE, summary="The code of now, and how many have come")
    async def wall(request: web.Request) -> WallOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        shown = await service.roll.wall(member, id_of(request))
        people = await service.names({part.member_id for part in shown.latest})
        # In the fragment: it stays in the browser, and out of the logs of whoever is in between.
        link = f"{base_of(request)}/activities/{shown.activity.id}#code={shown.code.scanned}"
        picture = segno.make(link, error="m", micro=False).svg_data_uri(scale=8, border=4, dark="#221c18", light="#ffffff")
        return WallOut(
            code=shown.code.typed,
            link=link,
            qr=picture,
            until=shown.code.until,
            expected=shown.counts.expected,
            present=shown.counts.present,
            latest=[people[part.member_id].name for part in shown.latest if part.member_id in people],
        )

    @routes.get(f"{_ONE}/people", who=_IN_CHARGE, summary="Who is expected, who came, who is absent and why; and claims")
    async def people(request: web.Request) -> PeopleOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        parts, claims = await service.roll.people(member, id_of(request))
        named = await service.names(_ids(parts) | {claim.member_id for claim in claims})
        items = [OnListOut.of(part, named) for part in parts]
        return PeopleOut(items=items, claims=[ClaimedOut.of(claim, named) for claim in claims])

    @routes.post(f"{_ONE}/presences", who=_IN_CHARGE, summary="Mark people present: late, by proxy, or ticked on a list")
    async def mark(request: web.Request, body: PresencesIn) -> MarkedOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        new = await service.roll.mark(member, id_of(request), set(body.members), body.way, body.reason)
        return MarkedOut(marked=len(new))

    @routes.post(f"{_ONE}/withdrawals", who=_IN_CHARGE, summary="Take a presence back; what it earned is reversed")
    async def withdraw(request: web.Request, body: PersonIn) -> None:
        member, service = await require_member(request), request.app[ACTIVITIES]
        await service.roll.withdraw(member, id_of(request), body.member, body.reason)

    @routes.post(f"{_ONE}/absences", who=_IN_CHARGE, summary="Somebody is absent, and why")
    async def excuse(request: web.Request, body: PersonIn) -> None:
        member, service = await require_member(request), request.app[ACTIVITIES]
        await service.roll.excuse(member, id_of(request), body.member, body.reason)

    @routes.post(f"{_ONE}/expected", who=_IN_CHARGE, summary="Change who is expected")
    async def expect(request: web.Request, body: ExpectedIn) -> None:
        member, service = await require_member(request), request.app[ACTIVITIES]
        await service.roll.expect(member, id_of(request), add=body.add, remove=body.remove, branches=body.branches)

    @routes.post(f"{_ONE}/claims", who=_IN_CHARGE, summary="Confirm or decline a claim of a phone that was offline")
    async def decide(request: web.Request, body: DecisionIn) -> ClaimedOut:
        member, service = await require_member(request), request.app[ACTIVITIES]
        decided = await service.checkin.decide(member, id_of(request), body.member, confirm=body.confirm, reason=body.reason)
        return ClaimedOut.of(decided, await service.names({decided.member_id}))


def _ids(parts: Iterable[Part]) -> set[str]:
    return {each for part in parts for each in (part.member_id, part.by) if each is not None}
