"""Proving a mobile number, for visitors of public broadcasts. No `Idempotency-Key`: the answers carry cookies."""

from aiohttp import web

from ..core.errors import Unauthenticated
from ..core.http import Routes
from ..core.http.peer import client_address
from .access import IDENTITY, visitor_of
from .cookies import VISITOR, clear_cookie, set_cookie
from .service import require_mobile
from .visitors import LIFETIME
from .wire import VisitorCodeIn, VisitorCodeOut, VisitorIn, VisitorOut

visitor_routes = Routes("identity")


@visitor_routes.post("/api/v1/visitor/code", who="anyone", summary="Send a code to a visitor's mobile number")
async def send_code(request: web.Request, body: VisitorCodeIn) -> VisitorCodeOut:
    shown = await request.app[IDENTITY].visitors.send_code(require_mobile(body.mobile), client_address(request))
    return VisitorCodeOut(shown=shown)


@visitor_routes.post("/api/v1/visitor", who="anyone", summary="Prove the number by its code", status=201, answer=VisitorOut)
async def verify(request: web.Request, body: VisitorIn) -> web.Response:
    identity = request.app[IDENTITY]
    verified = await identity.visitors.verify(require_mobile(body.mobile), body.code, body.name)
    answer = VisitorOut(id=verified.visitor.id, name=verified.visitor.name, csrf=identity.csrf(verified.visitor.session_id))
    response = web.json_response(text=answer.model_dump_json(), status=201)
    set_cookie(request, response, VISITOR, verified.token, LIFETIME)
    return response


@visitor_routes.get("/api/v1/visitor", who="visitor who has proven a number", summary="Who I am as a visitor")
async def who_am_i(request: web.Request) -> VisitorOut:
    visitor = await visitor_of(request)
    if visitor is None:
        raise Unauthenticated("not_verified", "请先验证手机号")
    return VisitorOut(id=visitor.id, name=visitor.name, csrf=request.app[IDENTITY].csrf(visitor.session_id))


@visitor_routes.delete("/api/v1/visitor", who="anyone", summary="Be a stranger again in this browser")
async def forget(request: web.Request) -> web.Response:
    visitor = await visitor_of(request)
    if visitor is not None:
        await request.app[IDENTITY].visitors.end(visitor)
    response = web.Response(status=204)
    clear_cookie(request, response, VISITOR)
    return response
