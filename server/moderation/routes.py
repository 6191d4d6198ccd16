"""What is held, over HTTP: the queue and the decisions."""

from aiohttp import web

from ..core.http import Routes
from ..identity import require_member, require_role
from .context import MODERATION, moderation_of, scope_of
from .model import MODERATORS, Decision, HeldState
from .routes_people import add_people
from .routes_words import add_words
from .store import Wanted
from .wire import DecisionOut, DecisionsIn, DecisionsOut, DeskOut, DesksOut, DesksQuery, HeldOut, HeldPage, HeldQuery, ReasonIn

__all__ = ["MODERATION", "moderation_routes"]

_MODERATORS = "moderator, committee_secretary, administrator"
_KEEPERS = "its host and co-hosts; moderators"


def moderation_routes() -> Routes:
    """Every HTTP route of the feature."""
    routes = Routes("moderation")
    _add_held(routes)
    add_words(routes)
    add_people(routes)
    return routes


def _add_held(routes: Routes) -> None:
    @routes.get("/api/v1/broadcasts/{broadcast}/held", who=_KEEPERS, summary="What is or was held in a room, the oldest first")
    async def held(request: web.Request, query: HeldQuery) -> HeldPage:
        member = await require_member(request)
        wanted = Wanted((HeldState(query.state),), query.kind, newest=query.newest)
        found, following, waiting = await moderation_of(request).holding.page(
            member, scope_of(request), wanted, after=query.after, limit=query.limit
        )
        return HeldPage(items=[HeldOut.of(each) for each in found], next=following, waiting=waiting)

    @routes.get("/api/v1/desks", who=_MODERATORS, summary="How much waits in each of several rooms")
    async def desks(request: web.Request, query: DesksQuery) -> DesksOut:
        await require_role(request, *MODERATORS)
        moderation, scopes = moderation_of(request), list(dict.fromkeys(query.rooms.split(",")))
        waiting, reported = await moderation.holding.waiting(scopes), await moderation.reporting.open(scopes)
        return DesksOut(
            items=[DeskOut(scope=each, waiting=waiting.get(each, 0), reported=reported.get(each, 0)) for each in scopes]
        )

    _add_decision(routes, Decision.APPROVE, "Say at last what was held")
    _add_decision(routes, Decision.REJECT, "Say it never; its author hears the reason")
    _add_decision(routes, Decision.RESTORE, "Let wait again what was rejected, while the room is open")

    @routes.post("/api/v1/held/decisions", who="whoever keeps the rooms", summary="Decide on several at once")
    async def decide(request: web.Request, body: DecisionsIn) -> DecisionsOut:
        member = await require_member(request)
        outcomes = await moderation_of(request).holding.decide_all(member, body.ids, Decision(body.decision), body.reason)
        return DecisionsOut(items=[DecisionOut.of(each) for each in outcomes])


def _add_decision(routes: Routes, decision: Decision, summary: str) -> None:
    async def handle(request: web.Request, body: ReasonIn) -> HeldOut:
        member = await require_member(request)
        holding = moderation_of(request).holding
        return HeldOut.of(await holding.decide(member, request.match_info["held"], decision, body.reason))

    handle.__name__ = decision.value
    routes.post(f"/api/v1/held/{{held}}/{decision.value}", who="whoever keeps the room", summary=summary)(handle)
