"""Webhooks over HTTP: for administrators and affairs staff, since what is sent leaves the house."""

from aiohttp import web

from ..core.http import Routes
from ..core.http.paging import PageQuery
from ..identity import IDENTITY, Member, Role, require_role
from .model import DeliveryState
from .service import Kept, Webhooks
from .wire import (
    AttemptOut,
    AttemptsOut,
    DeliveriesOut,
    DeliveriesQuery,
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointsOut,
    OutcomeOut,
    RedeliveredOut,
    RedeliverIn,
    SecretOut,
)

WEBHOOKS: web.AppKey[Webhooks] = web.AppKey("WEBHOOKS")
_ALL = "/api/v1/webhooks"
_ONE = f"{_ALL}/{{endpoint}}"
_WHO = "affairs_staff, administrator"


def webhook_routes() -> Routes:
    routes = Routes("webhooks")
    _add_endpoints(routes)
    _add_acts(routes)
    _add_log(routes)
    return routes


def _add_endpoints(routes: Routes) -> None:
    @routes.get(_ALL, who=_WHO, summary="Endpoints of webhooks")
    async def endpoints(request: web.Request) -> EndpointsOut:
        await _keeper(request)
        found = await request.app[WEBHOOKS].endpoints()
        return EndpointsOut(items=[await _shown(request, each) for each in found])

    @routes.post(_ALL, status=201, who=_WHO, summary="Make an endpoint; its secret is in this answer and in no other")
    async def make(request: web.Request, body: EndpointIn) -> SecretOut:
        member, hooks = await _keeper(request), request.app[WEBHOOKS]
        made, secret = await hooks.make(member, name=body.name, url=body.url, events=body.events, since=body.since)
        return SecretOut(endpoint=await _shown(request, made), secret=secret)

    @routes.get(_ONE, who=_WHO, summary="One endpoint")
    async def endpoint(request: web.Request) -> EndpointOut:
        await _keeper(request)
        return await _shown(request, await request.app[WEBHOOKS].endpoint(_id(request)))

    @routes.patch(_ONE, who=_WHO, summary="Change name, address or events")
    async def change(request: web.Request, body: EndpointPatch) -> EndpointOut:
        member, hooks = await _keeper(request), request.app[WEBHOOKS]
        changed = await hooks.change(member, _id(request), name=body.name, url=body.url, events=body.events)
        return await _shown(request, changed)

    @routes.delete(_ONE, who=_WHO, summary="Remove an endpoint and all that was to be sent to it")
    async def remove(request: web.Request) -> None:
        await request.app[WEBHOOKS].remove(await _keeper(request), _id(request))


def _add_acts(routes: Routes) -> None:
    @routes.post(f"{_ONE}/pause", who=_WHO, summary="Send nothing until further notice; what comes meanwhile is kept")
    async def pause(request: web.Request) -> EndpointOut:
        return await _shown(request, await request.app[WEBHOOKS].pause(await _keeper(request), _id(request)))

    @routes.post(f"{_ONE}/resume", who=_WHO, summary="Go on sending, first what has come meanwhile")
    async def resume(request: web.Request) -> EndpointOut:
        return await _shown(request, await request.app[WEBHOOKS].resume(await _keeper(request), _id(request)))

    @routes.post(f"{_ONE}/rotate", who=_WHO, summary="A new secret; the one before is signed with too for 24 hours")
    async def rotate(request: web.Request) -> SecretOut:
        changed, secret = await request.app[WEBHOOKS].rotate(await _keeper(request), _id(request))
        return SecretOut(endpoint=await _shown(request, changed), secret=secret)

    @routes.post(f"{_ONE}/test", who=_WHO, summary="Send a `webhook.test` now, once, and say what came of it")
    async def test(request: web.Request) -> OutcomeOut:
        return OutcomeOut.came(await request.app[WEBHOOKS].test(await _keeper(request), _id(request)))

    @routes.post(f"{_ONE}/redeliver", who=_WHO, summary="Send dead letters again")
    async def redeliver(request: web.Request, body: RedeliverIn) -> RedeliveredOut:
        member, hooks = await _keeper(request), request.app[WEBHOOKS]
        return RedeliveredOut(count=await hooks.redeliver(member, _id(request), body.deliveries))


def _add_log(routes: Routes) -> None:
    @routes.get(f"{_ONE}/deliveries", who=_WHO, summary="Deliveries in one state, the newest first; delivered ones for 30 days")
    async def deliveries(request: web.Request, query: DeliveriesQuery) -> DeliveriesOut:
        await _keeper(request)
        state = DeliveryState(query.state)
        found, following = await request.app[WEBHOOKS].deliveries(_id(request), state, after=query.after, limit=query.limit)
        return DeliveriesOut(items=[DeliveryOut.of(each) for each in found], next=following)

    @routes.get(f"{_ONE}/attempts", who=_WHO, summary="What came of each attempt of the last 30 days, the newest first")
    async def attempts(request: web.Request, query: PageQuery) -> AttemptsOut:
        await _keeper(request)
        found, following = await request.app[WEBHOOKS].attempts(_id(request), after=query.after, limit=query.limit)
        return AttemptsOut(items=[AttemptOut.of(each) for each in found], next=following)


async def _keeper(request: web.Request) -> Member:
    return await require_role(request, Role.AFFAIRS_STAFF, Role.ADMINISTRATOR)


def _id(request: web.Request) -> str:
    return request.match_info["endpoint"]


async def _shown(request: web.Request, kept: Kept) -> EndpointOut:
    people = await request.app[IDENTITY].people({kept.endpoint.made_by})
    return EndpointOut.of(kept, people)
