"""Signing in, one's own account, activation and set-up over HTTP. A handler parses, calls one use case, answers.

These routes take no `Idempotency-Key`: their answers are secrets or cookies, which must not be kept for a replay.
"""

from aiohttp import web

from ..core.http import Routes
from ..core.http.peer import client_address
from .access import IDENTITY, require_member
from .charge_routes import charge_routes
from .cookies import DEVICE, DEVICE_LIFETIME, SESSION, clear_cookie, read_cookie, set_cookie
from .devices import device_of
from .model import mobile_tail
from .service import Browser, SignedIn
from .staff_routes import staff_routes
from .visitor_routes import visitor_routes
from .wire import (
    ActivationIn,
    MeOut,
    PasswordIn,
    SessionOut,
    SessionsOut,
    SetupIn,
    SetupOut,
    SignedInOut,
    SignInIn,
    me_member,
)


def identity_routes() -> Routes:
    """Every route of this feature."""
    both = Routes("identity")
    both.endpoints = [*routes.endpoints, *visitor_routes.endpoints, *staff_routes.endpoints, *charge_routes.endpoints]
    return both


routes = Routes("identity")


@routes.post("/api/v1/session", who="anyone", summary="Sign in by mobile and password", answer=SignedInOut)
async def sign_in(request: web.Request, body: SignInIn) -> web.Response:
    signed_in = await request.app[IDENTITY].sign_in(body.mobile, body.password, _browser(request))
    return _signed_in(request, signed_in, status=200)


@routes.delete("/api/v1/session", who="member", summary="Sign out")
async def sign_out(request: web.Request) -> web.Response:
    member = await require_member(request)
    await request.app[IDENTITY].sign_out(member)
    response = web.Response(status=204)
    clear_cookie(request, response, SESSION)
    return response


@routes.get("/api/v1/me", who="member", summary="Who I am and what I may do")
async def me(request: web.Request) -> MeOut:
    member = await require_member(request)
    more = await request.app[IDENTITY].me(member)
    return MeOut(
        member=me_member(member, more.mobile_tail),
        roles=sorted(member.roles),
        csrf=more.csrf,
        organisation=more.organisation,
        brand=more.brand,
        public_broadcasts=more.public_broadcasts,
    )


@routes.get("/api/v1/me/sessions", who="member", summary="Where I am signed in")
async def my_sessions(request: web.Request) -> SessionsOut:
    member = await require_member(request)
    found = await request.app[IDENTITY].my_sessions(member)
    return SessionsOut(items=[SessionOut.of(info, member.session_id) for info in found])


@routes.delete("/api/v1/me/sessions/{id}", who="member", summary="End one of my sessions")
async def end_my_session(request: web.Request) -> web.Response:
    member = await require_member(request)
    session_id = request.match_info["id"]
    await request.app[IDENTITY].end_my_session(member, session_id)
    response = web.Response(status=204)
    if session_id == member.session_id:
        clear_cookie(request, response, SESSION)
    return response


@routes.post("/api/v1/me/password", who="member", summary="Change my password; my other sessions end")
async def change_password(request: web.Request, body: PasswordIn) -> None:
    member = await require_member(request)
    await request.app[IDENTITY].change_password(member, body.current, body.password)


@routes.get("/api/v1/setup", who="anyone", summary="Whether this server still has to be set up")
async def setup_state(request: web.Request) -> SetupOut:
    identity = request.app[IDENTITY]
    return SetupOut(needed=await identity.setup_needed(), brand=identity.brand)


@routes.post("/api/v1/setup", who="anyone", summary="Set up with the printed link", status=201, answer=SignedInOut)
async def set_up(request: web.Request, body: SetupIn) -> web.Response:
    signed_in = await request.app[IDENTITY].set_up(
        body.token,
        organisation=body.organisation,
        name=body.name,
        mobile=body.mobile,
        password=body.password,
        browser=_browser(request),
    )
    return _signed_in(request, signed_in, status=201)


@routes.post("/api/v1/activations", who="anyone", summary="Activate an account by code", status=201, answer=SignedInOut)
async def activate(request: web.Request, body: ActivationIn) -> web.Response:
    signed_in = await request.app[IDENTITY].activate(body.mobile, body.code, body.password, _browser(request))
    return _signed_in(request, signed_in, status=201)


def _browser(request: web.Request) -> Browser:
    return Browser(
        address=client_address(request),
        device=device_of(request.headers.get("User-Agent", "")),
        session_token=read_cookie(request, SESSION),
        device_mark=read_cookie(request, DEVICE),
    )


def _signed_in(request: web.Request, signed_in: SignedIn, *, status: int) -> web.Response:
    account = signed_in.account
    answer = SignedInOut(member=me_member(account, mobile_tail(account.mobile)))
    response = web.json_response(text=answer.model_dump_json(), status=status)
    lifetime = request.app[IDENTITY].session_lifetime
    set_cookie(request, response, SESSION, signed_in.token, lifetime)
    set_cookie(request, response, DEVICE, signed_in.device_mark, DEVICE_LIFETIME)
    return response
