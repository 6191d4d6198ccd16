"""摇一摇 over HTTP. What somebody may not see is not found; what they see and may not do is refused in words."""

from urllib.parse import quote

from aiohttp import web

from ..broadcasts import calendar_of
from ..core.errors import Invalid, NotFound
from ..core.http import Routes
from ..core.http.paging import Page
from ..core.http.peer import HTTP_SETTINGS
from ..identity import Role, require_member, require_role
from . import model
from .calendar import event_of
from .keys import DESKS, DRAWING, PROOFS, ROUNDS, SHAKES
from .model import Shake, ShakeState
from .wire import ShakeChoicesOut, ShakeIn, ShakeOut, ShakePatch, ShakesQuery
from .wire_desk import OwnShakeOut, ShakeDeskOut
from .wire_draws import DrawIn, DrawOut, DrawWithdrawQuery, OfferAnswerAck
from .wire_proof import ProofOut
from .wire_rounds import RoundIn, RoundRevealIn, ShakeRoundOut

_ALL = "/api/v1/shakes"
_ONE = f"{_ALL}/{{shake}}"
_ROUND = f"{_ONE}/rounds/{{round}}"
_DRAW = "/api/v1/draws/{draw}"
_SEE = "who may take part, its secretaries, who runs it"
_RUN = "who announced it, the committee's secretary"
_TALK = "secretaries of the session"


def shake_routes() -> Routes:
    routes = Routes("shakes")
    _add_looking(routes)
    _add_running(routes)
    _add_rounds(routes)
    _add_answers(routes)
    _add_proof(routes)
    return routes


def _id(request: web.Request) -> str:
    return request.match_info["shake"]


def _states(text: str) -> list[ShakeState]:
    try:
        return [ShakeState(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise Invalid("state_unknown", "没有这种状态") from error


def _number(request: web.Request) -> int:
    text = request.match_info["round"]
    if not text.isdecimal() or len(text) > 6:
        raise NotFound("round_not_found", "没有这一轮")
    return int(text)


async def _out(request: web.Request, shake: Shake) -> ShakeOut:
    member = await require_member(request)
    shakes = request.app[SHAKES]
    return ShakeOut.of(await shakes.seen(member, shake.id), member, shakes.now())


def _add_looking(routes: Routes) -> None:
    @routes.get(_ALL, who="members", summary="Sessions the caller may see, the newest first")
    async def listed(request: web.Request, query: ShakesQuery) -> Page[ShakeOut]:
        member, shakes = await require_member(request), request.app[SHAKES]
        found, after = await shakes.listed(member, _states(query.state), before=query.after, limit=query.limit)
        return Page(items=[ShakeOut.of(each, member, shakes.now()) for each in found], next=after)

    @routes.get("/api/v1/shake-choices", who="who may announce one", summary="Whom a new session may name, and invite")
    async def choices(request: web.Request) -> ShakeChoicesOut:
        member = await require_role(request, *model.OWNERS)
        people, branches = await request.app[SHAKES].choices(member)
        return ShakeChoicesOut.of(people, branches, everybody=member.has(Role.COMMITTEE_SECRETARY))

    @routes.get(_ONE, who=_SEE, summary="One session")
    async def one(request: web.Request) -> ShakeOut:
        member, shakes = await require_member(request), request.app[SHAKES]
        return ShakeOut.of(await shakes.seen(member, _id(request)), member, shakes.now())

    @routes.get(f"{_ONE}/calendar.ics", who=_SEE, summary="Calendar entry (RFC 5545)", content_type="text/calendar")
    async def calendar(request: web.Request) -> web.Response:
        shakes, url = request.app[SHAKES], request.app[HTTP_SETTINGS].public_url
        shake = await shakes.find(await require_member(request), _id(request))
        event = event_of(shake, str(url).rstrip("/"))
        body = calendar_of([event], domain=url.host or "", now=shakes.now(), product="Shakes")
        name = quote(f"摇一摇 {shake.plan.title}.ics", safe="")
        disposition = f"attachment; filename=\"shake.ics\"; filename*=UTF-8''{name}"
        headers = {"Content-Type": "text/calendar; charset=utf-8", "Content-Disposition": disposition}
        return web.Response(body=body, headers=headers)

    @routes.get(f"{_ONE}/mine", who=_SEE, summary="The caller's own tickets, and what waits for them")
    async def mine(request: web.Request) -> OwnShakeOut:
        return OwnShakeOut.of(await request.app[DESKS].own(await require_member(request), _id(request)))

    @routes.get(f"{_ONE}/desk", who=f"{_TALK}, who runs it", summary="A secretary's desk: rounds, offer, talks, figures")
    async def desk(request: web.Request) -> ShakeDeskOut:
        return ShakeDeskOut.of(await request.app[DESKS].desk(await require_member(request), _id(request)))


def _add_running(routes: Routes) -> None:
    @routes.post(
        _ALL, status=201, who="secretaries of the committee and of branches", summary="Announce a session", idempotent=True
    )
    async def announce(request: web.Request, body: ShakeIn) -> ShakeOut:
        member = await require_role(request, *model.OWNERS)
        return await _out(request, await request.app[SHAKES].announce(member, body.plan()))

    @routes.patch(_ONE, who=_RUN, summary="Change it before it opens")
    async def change(request: web.Request, body: ShakePatch) -> ShakeOut:
        member = await require_member(request)
        return await _out(request, await request.app[SHAKES].change(member, _id(request), body.changes()))

    @routes.post(f"{_ONE}/cancel", who=_RUN, summary="Cancel it, as long as no round was opened")
    async def cancel(request: web.Request) -> ShakeOut:
        return await _out(request, await request.app[SHAKES].cancel(await require_member(request), _id(request)))

    @routes.post(f"{_ONE}/close", who=f"{_RUN}; {_TALK}", summary="Close it and tell its seed")
    async def close(request: web.Request) -> ShakeOut:
        return await _out(request, await request.app[SHAKES].close(await require_member(request), _id(request)))


def _add_rounds(routes: Routes) -> None:
    @routes.post(f"{_ONE}/rounds", status=201, who=_TALK, summary="Prepare a round, bound to a nonce")
    async def prepare(request: web.Request, body: RoundIn) -> ShakeRoundOut:
        member, rounds = await require_member(request), request.app[ROUNDS]
        return ShakeRoundOut.of(await rounds.prepare(member, _id(request), body.nonce_commitment))

    @routes.post(f"{_ROUND}/open", who="the secretary who prepared it", summary="Open it, as the secretary's shake does")
    async def open_(request: web.Request) -> ShakeRoundOut:
        member, rounds = await require_member(request), request.app[ROUNDS]
        return ShakeRoundOut.of(await rounds.open(member, _id(request), _number(request)))

    @routes.post(f"{_ROUND}/reveal", who="the secretary who prepared it", summary="Tell its nonce; the first is drawn")
    async def reveal(request: web.Request, body: RoundRevealIn) -> ShakeRoundOut:
        member, rounds = await require_member(request), request.app[ROUNDS]
        return ShakeRoundOut.of(await rounds.reveal(member, _id(request), _number(request), body.nonce))

    @routes.post(f"{_ROUND}/draws", status=201, who=_TALK, summary="Draw the next, of the newest round")
    async def draw(request: web.Request, body: DrawIn) -> DrawOut:
        member, drawing = await require_member(request), request.app[DRAWING]
        return DrawOut.of(await drawing.draw(member, _id(request), _number(request), client_id=body.client_id))


def _add_answers(routes: Routes) -> None:
    @routes.post(f"{_DRAW}/accept", who="who was drawn", summary="Accept the offer: the talk begins")
    async def accept(request: web.Request) -> OfferAnswerAck:
        return OfferAnswerAck.of(await request.app[DRAWING].accept(await require_member(request), request.match_info["draw"]))

    @routes.post(f"{_DRAW}/decline", who="who was drawn", summary="Decline the offer, without any penalty")
    async def decline(request: web.Request) -> OfferAnswerAck:
        return OfferAnswerAck.of(await request.app[DRAWING].decline(await require_member(request), request.match_info["draw"]))

    @routes.post(f"{_DRAW}/withdraw", who="the secretary it was made for", summary="Take the offer back; the next is drawn")
    async def withdraw(request: web.Request, query: DrawWithdrawQuery) -> DrawOut:
        member, drawing = await require_member(request), request.app[DRAWING]
        return DrawOut.of(await drawing.withdraw(member, request.match_info["draw"], go_on=query.go_on))


def _add_proof(routes: Routes) -> None:
    @routes.get(f"{_ONE}/proof", who=_SEE, summary="All that is needed to check every draw; it names nobody who shook")
    async def proof(request: web.Request) -> ProofOut:
        return ProofOut.of(await request.app[PROOFS].of(await require_member(request), _id(request)))

    @routes.get(f"{_ROUND}/list", who=_SEE, summary="A closed list, exactly as it was hashed", content_type="text/plain")
    async def list_(request: web.Request) -> web.StreamResponse:
        found, pieces = await request.app[PROOFS].list(await require_member(request), _id(request), _number(request))
        tag = f'"{found.list_hash}"'
        headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "private, no-cache", "ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        answer = web.StreamResponse(headers=headers)
        answer.enable_compression()
        await answer.prepare(request)
        async for piece in pieces:
            await answer.write(piece.encode())
        await answer.write_eof()
        return answer
