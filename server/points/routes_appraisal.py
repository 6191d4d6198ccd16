"""Appraisals over HTTP. None of the routes keeps its request (`Idempotency-Key`): a sheet of marks must lie nowhere."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from ..core.http import Routes
from ..core.paper import Press
from ..identity import IDENTITY, Member, require_role
from . import appraisal_paper
from .appraisal import DESK
from .appraisal_wire import (
    AppraisalIn,
    AppraisalOut,
    AppraisalSheetOut,
    AppraisalsOut,
    AppraisalSummaryOut,
    GradeAnswerIn,
    GradeIn,
    OpenableOut,
    OwnAppraisalOut,
    OwnAppraisalsOut,
    PeersIn,
    SelfIn,
    WordsIn,
)
from .appraising import Appraising, Sheet
from .routes import party_member

APPRAISING: web.AppKey[Appraising] = web.AppKey("APPRAISING")
_OWN = "/api/v1/me/appraisals"
_ALL = "/api/v1/appraisals"
_ONE = f"{_ALL}/{{appraisal}}"
_MEMBERS, _DESK = "Party members of the branch", "secretaries of the branch or the committee, affairs_staff"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def appraisal_routes() -> Routes:
    routes = Routes("appraisals")
    press = Press()
    _add_own(routes)
    _add_desk(routes)
    _add_steps(routes)
    _add_results(routes, press)
    return routes


def _add_own(routes: Routes) -> None:
    @routes.get(_OWN, who=_MEMBERS, summary="One's own appraisals: what is to be done, and what came of it")
    async def own(request: web.Request) -> OwnAppraisalsOut:
        found = await request.app[APPRAISING].own(await party_member(request))
        return OwnAppraisalsOut(items=[OwnAppraisalOut.of(each) for each in found])

    @routes.put(f"{_OWN}/{{appraisal}}/self", who=_MEMBERS, summary="Assess oneself; may be written anew until the day")
    async def assess(request: web.Request, body: SelfIn) -> None:
        member = await party_member(request)
        await request.app[APPRAISING].assess(member, _id(request), body.marks, body.grade, body.words)

    @routes.post(
        f"{_OWN}/{{appraisal}}/peers",
        who=_MEMBERS,
        summary="Mark all the others, once; only sums are kept",
        max_body=256 * 1024,
    )
    async def mark(request: web.Request, body: PeersIn) -> None:
        member = await party_member(request)
        await request.app[APPRAISING].mark(member, _id(request), {each.member: each.marks for each in body.sheet})

    @routes.post(f"{_OWN}/{{appraisal}}/objection", who=_MEMBERS, summary="Object to one's own grade")
    async def object_to(request: web.Request, body: WordsIn) -> None:
        await request.app[APPRAISING].object(await party_member(request), _id(request), body.text)


def _add_desk(routes: Routes) -> None:
    @routes.get(_ALL, who=_DESK, summary="The appraisals the caller runs, and how far they have come")
    async def appraisals(request: web.Request) -> AppraisalsOut:
        member, appraising = await _desk(request), request.app[APPRAISING]
        found = await appraising.summaries(member)
        openable = await appraising.openable(member)
        return AppraisalsOut(
            items=[AppraisalSummaryOut.about(each) for each in found],
            openable=[OpenableOut(id=branch, name=name) for branch, name in openable],
        )

    @routes.post(_ALL, status=201, who=_DESK, summary="Open the appraisal of a branch for a year")
    async def open_one(request: web.Request, body: AppraisalIn) -> AppraisalOut:
        member, appraising = await _desk(request), request.app[APPRAISING]
        made = await appraising.open(member, body.branch, body.year, body.self_until, body.peers_until)
        return AppraisalOut.of(made)

    @routes.get(_ONE, who=_DESK, summary="Who has taken part, tallies once they may be shown, grades and objections")
    async def sheet(request: web.Request) -> AppraisalSheetOut:
        return await _sheet(request, await _desk(request))

    @routes.put(f"{_ONE}/members/{{member}}", who=_DESK, summary="The branch's opinion and grade; never of oneself")
    async def grade(request: web.Request, body: GradeIn) -> AppraisalSheetOut:
        member, about = await _desk(request), request.match_info["member"]
        await request.app[APPRAISING].grade(member, _id(request), about, grade=body.grade, opinion=body.opinion)
        return await _sheet(request, member)

    @routes.post(f"{_ONE}/members/{{member}}/answer", who=_DESK, summary="Answer an objection to a grade")
    async def answer(request: web.Request, body: GradeAnswerIn) -> AppraisalSheetOut:
        member, about, upheld = await _desk(request), request.match_info["member"], body.state == "upheld"
        appraising = request.app[APPRAISING]
        await appraising.answer(member, _id(request), about, uphold=upheld, words=body.text, grade=body.grade)
        return await _sheet(request, member)


def _add_steps(routes: Routes) -> None:
    @routes.post(f"{_ONE}/close", who=_DESK, summary="Marking is over: after its last day, or when everybody has marked")
    async def close(request: web.Request) -> AppraisalSheetOut:
        member = await _desk(request)
        await request.app[APPRAISING].close(member, _id(request))
        return await _sheet(request, member)

    @routes.post(f"{_ONE}/submit", who=_DESK, summary="Hand the grades to the committee")
    async def submit(request: web.Request) -> AppraisalSheetOut:
        member = await _desk(request)
        await request.app[APPRAISING].submit(member, _id(request))
        return await _sheet(request, member)

    who = "secretaries of the committee; never who submitted it"

    @routes.post(f"{_ONE}/confirm", who=who, summary="Confirm the grades; everybody sees their own from now on")
    async def confirm(request: web.Request) -> AppraisalSheetOut:
        member = await _desk(request)
        await request.app[APPRAISING].confirm(member, _id(request))
        return await _sheet(request, member)

    @routes.post(f"{_ONE}/return", who=who, summary="Send the grades back to the branch, and say why")
    async def send_back(request: web.Request, body: WordsIn) -> AppraisalSheetOut:
        member = await _desk(request)
        await request.app[APPRAISING].send_back(member, _id(request), body.text)
        return await _sheet(request, member)


def _add_results(routes: Routes, press: Press) -> None:
    @routes.get(f"{_ONE}/result.xlsx", who=_DESK, summary="The sheet of results as XLSX", content_type=_XLSX)
    async def as_workbook(request: web.Request) -> web.Response:
        found = await request.app[APPRAISING].sheet(await _desk(request), _id(request))
        return _file(found, await asyncio.to_thread(appraisal_paper.workbook, found), _XLSX, "xlsx")

    @routes.get(f"{_ONE}/result.pdf", who=_DESK, summary="The sheet of results on paper", content_type="application/pdf")
    async def as_paper(request: web.Request) -> web.Response:
        found = await request.app[APPRAISING].sheet(await _desk(request), _id(request))
        return _file(found, await press.printed(appraisal_paper.paper(found)), "application/pdf", "pdf")


def _file(sheet: Sheet, content: bytes, kind: str, suffix: str) -> web.Response:
    name = f"{sheet.appraisal.branch_name}-{sheet.appraisal.year}年民主评议.{suffix}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)


async def _desk(request: web.Request) -> Member:
    return await require_role(request, *DESK)


async def _sheet(request: web.Request, member: Member) -> AppraisalSheetOut:
    found = await request.app[APPRAISING].sheet(member, _id(request))
    ids = {who for each in found.lines for who in (each.of.graded_by, each.of.answered_by) if who is not None}
    return AppraisalSheetOut.of(found, await request.app[IDENTITY].people(ids))


def _id(request: web.Request) -> str:
    return request.match_info["appraisal"]
