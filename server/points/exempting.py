"""Exemptions: proposed by one, confirmed or declined by another; use cases."""

from dataclasses import replace

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.ids import is_id, new_id
from ..core.texts import tidied, written
from ..identity import Identity, Member, Status
from . import exempting_store as store
from .exempting_model import Exempting, check_may_exempt, check_year
from .model import day_of
from .overview import check_reads
from .proposing_model import WORDS_MOST, ProposalState, Standing, check_may_review, standing


class Exemptions:
    def __init__(self, database: Database, identity: Identity, audit: Audit, clock: Clock) -> None:
        self._database, self._identity, self._audit, self._clock = database, identity, audit, clock

    async def propose(self, member: Member, member_id: str, year: int, reason: str, *, lift: bool) -> Exempting:
        """Raise NotFound `member_not_found`, Forbidden `role_needed`, Conflict `own_points`, `already_proposed`,
        `already_exempt`, `not_exempt`, Invalid `year_unfit`, `text_empty`, `text_too_long`."""
        check_reads(member)
        person = (await self._identity.people([member_id])).get(member_id) if is_id(member_id) else None
        if person is None or person.status is Status.EMPLOYEE:
            raise NotFound("member_not_found", "没有这位党员")
        now, branch_id = self._clock.now(), person.branch_id or ""
        check_year(year, day_of(now).year)
        proposal = Exempting(
            id=new_id(),
            member_id=member_id,
            branch_id=branch_id,
            year=year,
            lift=lift,
            reason=written(reason, most=WORDS_MOST),
            standing=check_may_exempt(member, member_id, branch_id),
            by=member.id,
            made_at=now,
        )
        async with self._database.transaction() as session:
            is_exempt = await store.exemption(session, member_id, year) is not None
            if is_exempt and not lift:
                raise Conflict("already_exempt", "这位党员这一年已经不参评")
            if lift and not is_exempt:
                raise Conflict("not_exempt", "这位党员这一年是参评的")
            await store.add(session, proposal)
            self._note(session, "exemption.proposed", proposal, member)
        return proposal

    async def review(self, member: Member, proposal_id: str, *, confirm: bool, words: str) -> Exempting:
        """The same person saying the same again gives what there is. Raise NotFound `proposal_not_found`, Conflict
        `already_decided`, and what `check_may_review` raises."""
        words = tidied(words)[:WORDS_MOST] if confirm else written(words, most=WORDS_MOST)
        state = ProposalState.CONFIRMED if confirm else ProposalState.DECLINED
        async with self._database.transaction() as session:
            proposal = await store.held(session, proposal_id) if is_id(proposal_id) else None
            if proposal is None or standing(member, proposal.branch_id) is Standing.NONE:
                raise NotFound("proposal_not_found", "没有这条提议")
            check_may_review(member, proposal)
            if proposal.state is not ProposalState.OPEN:
                if proposal.state is state and proposal.reviewer == member.id:
                    return proposal
                raise Conflict("already_decided", "这条提议已经处理", extra={"state": proposal.state.value})
            decided = replace(proposal, state=state, reviewer=member.id, reviewed_at=self._clock.now(), words=words)
            await store.save(session, decided)
            if confirm:
                await store.carry_out(session, decided)
            self._note(session, f"exemption.{'lifted' if confirm and decided.lift else state.value}", decided, member)
        return decided

    async def listed(
        self, member: Member, *, open_only: bool, after: str | None, limit: int
    ) -> tuple[list[Exempting], str | None]:
        """Those the caller may see, the newest first. Raise Forbidden `role_needed`."""
        check_reads(member)
        states = [ProposalState.OPEN] if open_only else [ProposalState.CONFIRMED, ProposalState.DECLINED]
        everywhere = standing(member, "") > Standing.NONE
        async with self._database.reading() as session:
            found = await store.listed(
                session, states, everywhere=everywhere, branch_id=member.branch_id, before=after, limit=limit + 1
            )
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def _note(self, session: Session, name: str, proposal: Exempting, member: Member) -> None:
        actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        self._audit.note(session, Act(name, "points", proposal.id), actor)
