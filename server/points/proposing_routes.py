"""Proposals and appeals over HTTP."""

from collections.abc import Iterable

from aiohttp import web

from ..core.http import Routes
from ..identity import IDENTITY, Person, require_member, require_role
from .keys import LEDGER, PROPOSING
from .proposing_model import DESK, Appeal, Proposal
from .proposing_wire import (
    AppealCaseOut,
    AppealIn,
    AppealsOut,
    PeopleQuery,
    PointPeopleOut,
    PointPersonOut,
    ProposableOut,
    ProposablesOut,
    ProposalIn,
    ProposalOut,
    ProposalsOut,
    QueueQuery,
    ReviewIn,
)
from .wire import AppealOut

_DESK = "secretaries, affairs_staff, appraisal_clerk, discipline_secretary"


def add_proposing(routes: Routes) -> None:
    _add_proposals(routes)
    _add_reviews(routes)
    _add_appeals(routes)


def _add_proposals(routes: Routes) -> None:
    @routes.get("/api/v1/points/proposable", who=_DESK, summary="The indicators the caller may propose something for")
    async def proposable(request: web.Request) -> ProposablesOut:
        member = await require_role(request, *DESK)
        return ProposablesOut(items=[ProposableOut.of(each) for each in await request.app[PROPOSING].indicators(member)])

    @routes.get("/api/v1/points/people", who=_DESK, summary="Party members the caller may propose something for")
    async def people(request: web.Request, query: PeopleQuery) -> PointPeopleOut:
        member = await require_role(request, *DESK)
        found, more = await request.app[PROPOSING].people(member, query.q)
        items = [PointPersonOut(id=each.id, name=each.name, branch=each.branch) for each in found]
        return PointPeopleOut(items=items, more=more)

    @routes.post("/api/v1/points/proposals", who=_DESK, status=201, summary="Propose an award or a deduction", idempotent=True)
    async def propose(request: web.Request, body: ProposalIn) -> ProposalOut:
        member = await require_role(request, *DESK)
        made = await request.app[PROPOSING].propose(
            member, body.member, body.indicator, body.day, reason=body.reason, evidence=body.evidence, link=body.link
        )
        return await _proposal(request, made)

    @routes.get("/api/v1/points/proposals", who=_DESK, summary="What waits for a second person, or no longer does")
    async def proposals(request: web.Request, query: QueueQuery) -> ProposalsOut:
        member = await require_role(request, *DESK)
        found, following = await request.app[PROPOSING].proposals(
            member, open_only=query.state == "open", after=query.after, limit=query.limit
        )
        names = await request.app[LEDGER].names()
        people = await _people(request, (who for each in found for who in (each.member_id, each.by, each.reviewer)))
        return ProposalsOut(items=[ProposalOut.of(each, names, people) for each in found], next=following)


def _add_reviews(routes: Routes) -> None:
    @routes.post("/api/v1/points/proposals/{proposal}/confirm", who=_DESK, summary="Let it count; never by who proposed it")
    async def confirm(request: web.Request, body: ReviewIn) -> ProposalOut:
        return await _reviewed(request, body, confirm=True)

    @routes.post("/api/v1/points/proposals/{proposal}/decline", who=_DESK, summary="Let it not count, and say why")
    async def decline(request: web.Request, body: ReviewIn) -> ProposalOut:
        return await _reviewed(request, body, confirm=False)


def _add_appeals(routes: Routes) -> None:
    @routes.post("/api/v1/me/points/{entry}/appeal", who="the member it is about", summary="Appeal against a deduction")
    async def appeal(request: web.Request, body: AppealIn) -> AppealOut:
        member = await require_member(request)
        return AppealOut.of(await request.app[PROPOSING].appeal(member, request.match_info["entry"], body.text))

    @routes.get("/api/v1/points/appeals", who=_DESK, summary="Appeals that wait, or no longer do; the newest first")
    async def appeals(request: web.Request, query: QueueQuery) -> AppealsOut:
        member = await require_role(request, *DESK)
        found, following = await request.app[PROPOSING].appeals(
            member, open_only=query.state == "open", after=query.after, limit=query.limit
        )
        names = await request.app[LEDGER].names()
        people = await _people(
            request, (who for each, row in found for who in (each.member_id, each.answered_by, row.by, row.reviewer))
        )
        items = [AppealCaseOut.about(each, row, names, people) for each, row in found]
        return AppealsOut(items=items, next=following)

    @routes.post("/api/v1/points/appeals/{appeal}/uphold", who=_DESK, summary="The deduction stands")
    async def uphold(request: web.Request, body: ReviewIn) -> AppealOut:
        return AppealOut.of(await _answered(request, body, grant=False))

    @routes.post("/api/v1/points/appeals/{appeal}/grant", who=_DESK, summary="Take the deduction back")
    async def grant(request: web.Request, body: ReviewIn) -> AppealOut:
        return AppealOut.of(await _answered(request, body, grant=True))


async def _reviewed(request: web.Request, body: ReviewIn, *, confirm: bool) -> ProposalOut:
    member = await require_role(request, *DESK)
    proposing = request.app[PROPOSING]
    decided = await proposing.review(member, request.match_info["proposal"], confirm=confirm, words=body.words)
    return await _proposal(request, decided)


async def _answered(request: web.Request, body: ReviewIn, *, grant: bool) -> Appeal:
    member = await require_role(request, *DESK)
    return await request.app[PROPOSING].answer(member, request.match_info["appeal"], grant=grant, words=body.words)


async def _proposal(request: web.Request, proposal: Proposal) -> ProposalOut:
    people = await _people(request, (proposal.member_id, proposal.by, proposal.reviewer))
    return ProposalOut.of(proposal, await request.app[LEDGER].names(), people)


async def _people(request: web.Request, ids: Iterable[str | None]) -> dict[str, Person]:
    return await request.app[IDENTITY].people({each for each in ids if each is not None})
