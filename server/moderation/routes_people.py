"""Mutes, reports, evidence and the audit over HTTP."""

from aiohttp import web

from ..core.http import Page, PageQuery, Routes
from ..identity import require_member, require_role
from .context import moderation_of, scope_of
from .model import MODERATORS
from .wire_people import ActOut, AuditQuery, CaseOut, MuteIn, MuteOut, ReportsQuery

_MODERATORS = "moderator, committee_secretary, administrator"
_KEEPERS = "its host and co-hosts; moderators"
_ROOM = "/api/v1/broadcasts/{broadcast}"


def add_people(routes: Routes) -> None:
    _add_mutes(routes)
    _add_reports(routes)
    _add_evidence(routes)


def _add_mutes(routes: Routes) -> None:
    @routes.get(f"{_ROOM}/mutes", who=_KEEPERS, summary="Who may not write in a room, the newest first")
    async def in_room(request: web.Request, query: PageQuery) -> Page[MuteOut]:
        return await _mutes(request, scope_of(request), query)

    @routes.post(f"{_ROOM}/mutes", status=201, who=_KEEPERS, summary="Mute somebody in a room", idempotent=True)
    async def mute_in_room(request: web.Request, body: MuteIn) -> MuteOut:
        return await _mute(request, scope_of(request), body)

    @routes.get("/api/v1/mutes", who=_MODERATORS, summary="Who may write nowhere, the newest first")
    async def everywhere(request: web.Request, query: PageQuery) -> Page[MuteOut]:
        return await _mutes(request, None, query)

    @routes.post("/api/v1/mutes", status=201, who=_MODERATORS, summary="Mute somebody everywhere", idempotent=True)
    async def mute_everywhere(request: web.Request, body: MuteIn) -> MuteOut:
        return await _mute(request, None, body)

    @routes.delete("/api/v1/mutes/{mute}", who="whoever could have set it", summary="Lift a mute")
    async def lift(request: web.Request) -> None:
        member = await require_member(request)
        await moderation_of(request).muting.lift(member, request.match_info["mute"])


async def _mutes(request: web.Request, scope: str | None, query: PageQuery) -> Page[MuteOut]:
    member = await require_member(request)
    found, following = await moderation_of(request).muting.page(member, scope, after=query.after, limit=query.limit)
    return Page(items=[MuteOut.of(each) for each in found], next=following)


async def _mute(request: web.Request, scope: str | None, body: MuteIn) -> MuteOut:
    member = await require_member(request)
    muting = moderation_of(request).muting
    return MuteOut.of(await muting.mute(member, body.member, scope, minutes=body.minutes, reason=body.reason))


def _add_reports(routes: Routes) -> None:
    @routes.get(f"{_ROOM}/reports", who=_KEEPERS, summary="What people have reported in a room, the newest first")
    async def reports(request: web.Request, query: ReportsQuery) -> Page[CaseOut]:
        member, moderation = await require_member(request), moderation_of(request)
        found, following = await moderation.reporting.page(
            member, scope_of(request), open_only=query.state == "open", after=query.after, limit=query.limit
        )
        to_top = moderation.settings.reports_to_top
        return Page(items=[CaseOut.of(each, to_top=to_top) for each in found], next=following)

    @routes.post("/api/v1/reports/{thing}/dismiss", who="whoever keeps the room", summary="Let stand what was reported")
    async def dismiss(request: web.Request) -> CaseOut:
        member, moderation = await require_member(request), moderation_of(request)
        settled = await moderation.reporting.dismiss(member, request.match_info["thing"])
        return CaseOut.of(settled, to_top=moderation.settings.reports_to_top)


def _add_evidence(routes: Routes) -> None:
    @routes.get(
        f"{_ROOM}/evidence", who=_MODERATORS, summary="All that was said and decided, as a ZIP", content_type="application/zip"
    )
    async def evidence(request: web.Request) -> web.StreamResponse:
        member = await require_role(request, *MODERATORS)
        scope = scope_of(request)
        pieces = await moderation_of(request).evidence.export(member, scope)
        answer = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="evidence-{scope}.zip"',
                "Cache-Control": "no-store",
            }
        )
        await answer.prepare(request)
        async for piece in pieces:
            await answer.write(piece)
        await answer.write_eof()
        return answer

    @routes.get("/api/v1/audit", who=_MODERATORS, summary="Who did what to whom, the newest first")
    async def audit(request: web.Request, query: AuditQuery) -> Page[ActOut]:
        await require_role(request, *MODERATORS)
        found, following = await moderation_of(request).acts.page(
            before=query.after, limit=query.limit, scope=query.scope, actor=query.actor, act=query.act
        )
        return Page(items=[ActOut.of(each) for each in found], next=following)
