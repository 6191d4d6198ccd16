"""Talks over HTTP: how one stands, its time and its end, and what is left of it. What is said goes over the socket, sealed."""

from aiohttp import web

from ..core.errors import Conflict
from ..core.http import Page, Routes
from ..identity import require_member
from . import ice
from .afterwards import Afterwards
from .limits import TalkSettings
from .service import Shown, Talks
from .wire import (
    TalkExtendIn,
    TalkFiguresOut,
    TalkIceOut,
    TalkKeepingIn,
    TalkNoteIn,
    TalkOut,
    TalkRatingIn,
    TalksQuery,
    TalkSummaryAgreeIn,
    TalkSummaryIn,
    TalkWishIn,
)

TALKS: web.AppKey[Talks] = web.AppKey("TALKS")
AFTERWARDS: web.AppKey[Afterwards] = web.AppKey("AFTERWARDS")
TALK_SETTINGS = web.AppKey("TALK_SETTINGS", TalkSettings)

_ONE = "/api/v1/talks/{talk}"
_PARTIES, _MEMBER, _SECRETARY = "the two it is between", "the member of it", "the secretary of it"


def talk_routes() -> Routes:
    routes = Routes("talks")
    _add_lists(routes)
    _add_running(routes)
    _add_afterwards(routes)
    return routes


def _id(request: web.Request) -> str:
    return request.match_info["talk"]


def _out(request: web.Request, shown: Shown) -> TalkOut:
    return TalkOut.of(shown, request.app[AFTERWARDS], request.app[TALKS].now())


async def _shown(request: web.Request) -> TalkOut:
    return _out(request, await request.app[TALKS].show(await require_member(request), _id(request)))


def _add_lists(routes: Routes) -> None:
    @routes.get("/api/v1/me/talks", who="members", summary="The caller's talks, the newest first")
    async def own(request: web.Request, query: TalksQuery) -> Page[TalkOut]:
        member, talks = await require_member(request), request.app[TALKS]
        found, following = await talks.listed(member, due=query.due, wished=query.again, before=query.after, limit=query.limit)
        return Page(items=[_out(request, each) for each in found], next=following)

    @routes.get("/api/v1/me/talks/figures", who="members", summary="The caller's talks as a secretary, in figures")
    async def figures(request: web.Request) -> TalkFiguresOut:
        return TalkFiguresOut.of(await request.app[TALKS].figures(await require_member(request)))

    @routes.get(_ONE, who=_PARTIES, summary="How a talk stands")
    async def one(request: web.Request) -> TalkOut:
        return await _shown(request)


def _add_running(routes: Routes) -> None:
    @routes.post(f"{_ONE}/extend", who=_PARTIES, summary="Ten minutes more: ask, agree, or decline")
    async def extend(request: web.Request, body: TalkExtendIn) -> TalkOut:
        await request.app[TALKS].extend(await require_member(request), _id(request), agree=body.agree)
        return await _shown(request)

    @routes.post(f"{_ONE}/end", who=_PARTIES, summary="End it now")
    async def end(request: web.Request) -> TalkOut:
        await request.app[TALKS].end(await require_member(request), _id(request))
        return await _shown(request)

    @routes.post(f"{_ONE}/keeping", who=_PARTIES, summary="Whether the caller wants nothing of it kept")
    async def keeping(request: web.Request, body: TalkKeepingIn) -> TalkOut:
        await request.app[TALKS].keep_nothing(await require_member(request), _id(request), nothing=body.nothing)
        return await _shown(request)

    @routes.post(f"{_ONE}/erase", who=_PARTIES, summary="Erase what was said and agreed, for both; it ends if it had not")
    async def erase(request: web.Request) -> TalkOut:
        await request.app[TALKS].erase(await require_member(request), _id(request))
        return await _shown(request)

    @routes.get(f"{_ONE}/ice", who=_PARTIES, summary="STUN and TURN servers for a call in it")
    async def ice_servers(request: web.Request) -> TalkIceOut:
        member, talks = await require_member(request), request.app[TALKS]
        shown = await talks.show(member, _id(request))
        if shown.talk.over:
            raise Conflict("talk_ended", "本次谈话已经结束")
        return TalkIceOut.of(ice.servers(request.app[TALK_SETTINGS], shown.talk.id, member.id, talks.now()))


def _add_afterwards(routes: Routes) -> None:
    @routes.put(f"{_ONE}/rating", who=_MEMBER, summary="How it was, once; shown to nobody by itself")
    async def rate(request: web.Request, body: TalkRatingIn) -> TalkOut:
        await request.app[AFTERWARDS].rate(await require_member(request), _id(request), body.stars)
        return await _shown(request)

    @routes.put(f"{_ONE}/wish", who=_MEMBER, summary="Ask the secretary for another talk, or no longer")
    async def wish(request: web.Request, body: TalkWishIn) -> TalkOut:
        await request.app[AFTERWARDS].wish(await require_member(request), _id(request), again=body.again)
        return await _shown(request)

    @routes.put(f"{_ONE}/note", who=_SECRETARY, summary="The secretary's own note; an empty one is none")
    async def note(request: web.Request, body: TalkNoteIn) -> TalkOut:
        member, afterwards = await require_member(request), request.app[AFTERWARDS]
        await afterwards.write_note(member, _id(request), body.text, due_on=body.due_on, done=body.done)
        return await _shown(request)

    @routes.post(f"{_ONE}/summary", who=_PARTIES, summary="Propose what is to be kept; nothing is unless the other agrees")
    async def propose(request: web.Request, body: TalkSummaryIn) -> TalkOut:
        await request.app[AFTERWARDS].propose(await require_member(request), _id(request), body.text)
        return await _shown(request)

    @routes.post(f"{_ONE}/summary/agree", who="the one who did not propose it", summary="Agree to these very words")
    async def agree(request: web.Request, body: TalkSummaryAgreeIn) -> TalkOut:
        await request.app[AFTERWARDS].agree(await require_member(request), _id(request), body.hash)
        return await _shown(request)

    @routes.post(f"{_ONE}/summary/decline", who=_PARTIES, summary="Not these; the words are gone")
    async def decline(request: web.Request) -> TalkOut:
        await request.app[AFTERWARDS].decline(await require_member(request), _id(request))
        return await _shown(request)
