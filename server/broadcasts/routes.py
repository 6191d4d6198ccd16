"""The HTTP routes of broadcasts: parse, call one use case, answer. Pictures and files are in `routes_files.py`."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ..core.errors import Invalid
from ..core.http import Page, Routes, Secrets
from ..identity import Member, Role, caller, require_member, require_role
from .context import id_of, links_of, service_of, show
from .model import Broadcast, Changes, Order, Plan, State
from .routes_files import add_files
from .service import BroadcastService
from .wire import (
    BroadcastIn,
    BroadcastOut,
    BroadcastPatch,
    CutOffIn,
    HostOut,
    HostsOut,
    HostsQuery,
    ListQuery,
    ReplayIn,
    RoomPatch,
    StatusOut,
)

_TOKENS = {"whip", "playback"}
_ONE = "/api/v1/broadcasts/{broadcast}"

Action = Callable[[Member, str], Awaitable[Broadcast]]


def broadcast_routes() -> Routes:
    """Every HTTP route of the feature."""
    routes = Routes("broadcasts")
    _add_lists(routes)
    _add_one(routes)
    _add_life(routes)
    add_files(routes)
    return routes


def _add_lists(routes: Routes) -> None:
    @routes.get("/api/v1/broadcasts", who="viewer", summary="Broadcasts the caller may see; the newest, or the soonest, first")
    async def listed(request: web.Request, query: ListQuery) -> Page[BroadcastOut]:
        service, member = service_of(request), await caller(request)
        found, following = await service.page(
            member,
            states=_states(query.state),
            mine=query.mine,
            published=query.replay == "published",
            overdue=query.overdue,
            after=query.after,
            limit=query.limit,
        )
        return Page(items=await service.views.many(found, member, links_of(request)), next=following)

    @routes.post(
        "/api/v1/broadcasts",
        status=201,
        who="red_host",
        summary="Schedule a broadcast",
        idempotent=True,
        secrets=Secrets(_TOKENS, _tokens_again),
    )
    async def schedule(request: web.Request, body: BroadcastIn) -> BroadcastOut:
        member = await require_role(request, Role.RED_HOST)
        return await show(request, await service_of(request).schedule(member, Plan(**dict(body))), member)

    @routes.get("/api/v1/hosts", who="red_host", summary="Red hosts, to pick co-hosts from")
    async def hosts(request: web.Request, query: HostsQuery) -> HostsOut:
        await require_role(request, Role.RED_HOST)
        found = await service_of(request).hosts(query.q)
        return HostsOut(items=[HostOut(id=each.id, name=each.name, branch=each.branch_name) for each in found])


async def _tokens_again(request: web.Request, kept: dict[str, Any]) -> dict[str, Any]:
    """The present tokens for whoever scheduled a broadcast and lost the answer."""
    member = await require_role(request, Role.RED_HOST)
    answer = await show(request, await service_of(request).find(member, kept["id"]), member)
    return answer.model_dump(mode="json", include=_TOKENS)


def _add_one(routes: Routes) -> None:
    @routes.get(_ONE, who="viewer", summary="One broadcast; the answer sets the cookie that opens its playlists")
    async def read(request: web.Request) -> BroadcastOut:
        member = await caller(request)
        return await show(request, await service_of(request).find(member, id_of(request)), member)

    @routes.patch(_ONE, who="its host", summary="Edit; in mid-air only title and introduction")
    async def edit(request: web.Request, body: BroadcastPatch) -> BroadcastOut:
        member = await require_member(request)
        given = {name: value for name, value in dict(body).items() if value is not None}
        changes = Changes(**given)  # type: ignore[typeddict-item]  # the fields of the patch are the keys of Changes
        return await show(request, await service_of(request).edit(member, id_of(request), changes), member)

    @routes.patch(f"{_ONE}/room", who="its host and co-hosts; moderators", summary="Keep the room in order, on air too")
    async def keep_order(request: web.Request, body: RoomPatch) -> BroadcastOut:
        member = await require_member(request)
        given = {name: value for name, value in dict(body).items() if value is not None}
        order = Order(**given)  # type: ignore[typeddict-item]  # the fields of the patch are the keys of Order
        return await show(request, await service_of(request).keep_order(member, id_of(request), order), member)

    @routes.get(f"{_ONE}/status", who="its host and co-hosts", summary="What is being received now")
    async def status(request: web.Request) -> StatusOut:
        service, member = service_of(request), await require_member(request)
        status, sender, viewers = await service.status(member, id_of(request))
        return service.views.status(status, sender, viewers)

    @routes.post(f"{_ONE}/whip-token", who="its host and co-hosts", summary="A new publish token; the old one is dead")
    async def renew_token(request: web.Request) -> BroadcastOut:
        member = await require_member(request)
        return await show(request, await service_of(request).renew_token(member, id_of(request)), member)


def _add_life(routes: Routes) -> None:
    _add_action(routes, "cancel", "its host", "Cancel before it has begun", lambda service: service.cancel)
    _add_action(routes, "live", "its host and co-hosts", "From rehearsal to air", lambda service: service.go_live)
    _add_action(routes, "end", "its host and co-hosts", "End it; the recording is sealed", lambda service: service.end)

    @routes.post(
        f"{_ONE}/cut-off", who="moderator, committee_secretary, administrator", summary="Stop it at once, for a stated reason"
    )
    async def cut_off(request: web.Request, body: CutOffIn) -> BroadcastOut:
        member = await require_member(request)
        return await show(request, await service_of(request).cut_off(member, id_of(request), body.reason), member)

    @routes.post(f"{_ONE}/replay", who="its host", summary="Publish the replay, or withdraw it")
    async def replay(request: web.Request, body: ReplayIn) -> BroadcastOut:
        member = await require_member(request)
        service = service_of(request)
        after = await service.set_replay(member, id_of(request), published=body.published, download=body.download)
        return await show(request, after, member)

    @routes.delete(f"{_ONE}/replay", who="its host; moderators", summary="Throw the recording away, which cannot be undone")
    async def discard(request: web.Request) -> BroadcastOut:
        member = await require_member(request)
        return await show(request, await service_of(request).discard_recording(member, id_of(request)), member)


def _add_action(routes: Routes, name: str, who: str, summary: str, action: Callable[[BroadcastService], Action]) -> None:
    async def handle(request: web.Request) -> BroadcastOut:
        member = await require_member(request)
        return await show(request, await action(service_of(request))(member, id_of(request)), member)

    handle.__name__ = name
    routes.post(f"{_ONE}/{name}", who=who, summary=summary)(handle)


def _states(text: str) -> frozenset[State]:
    try:
        return frozenset(State(each.strip()) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise Invalid("state_unknown", "没有这种直播状态") from error
