"""Manual awards and deductions, and appeals against what was deducted: use cases.

A proposal changes nothing. Confirming it credits its cause in the same transaction, under the proposal's own id, so that
however many confirm it at once, it counts once. An appeal that is granted is a reversal, by whoever answers it.
"""

from dataclasses import replace
from datetime import date, datetime, time

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..core.ids import is_id, new_id
from ..core.texts import tidied, written
from ..identity import FoundOnRoll, Identity, Member, Role, Status, roll_named
from . import proposing_store, store
from .entry import Entry
from .model import CHINA, Cause, Indicator, Kind, day_of
from .proposing_model import (
    DESK,
    LINK_MOST,
    WORDS_MOST,
    Appeal,
    AppealState,
    Proposal,
    ProposalState,
    Standing,
    appealable_until,
    check_may_answer,
    check_may_propose,
    check_may_review,
    is_discipline,
    proposable,
    sees,
    standing,
)
from .proposing_store import Seen
from .rulebook import Rulebook
from .service import Ledger

_MOST_FOUND = 20
_DECIDED = [ProposalState.CONFIRMED, ProposalState.DECLINED, ProposalState.WITHDRAWN]


class Proposing:
    def __init__(
        self, database: Database, identity: Identity, ledger: Ledger, rulebook: Rulebook, audit: Audit, clock: Clock
    ) -> None:
        self._database, self._identity, self._ledger = database, identity, ledger
        self._rulebook, self._audit, self._clock = rulebook, audit, clock

    # Proposals

    async def indicators(self, member: Member) -> list[Indicator]:
        """What the caller may propose today."""
        return proposable(member, (await self._rulebook.current()).on(day_of(self._clock.now())))

    async def people(self, member: Member, q: str) -> tuple[list[FoundOnRoll], bool]:
        """Party members the caller may propose something for, by a part of the name, and whether there are more of them."""
        everybody = member.has(Role.DISCIPLINE_SECRETARY) or standing(member, "") > Standing.NONE
        if not everybody and member.branch_id is None:
            return [], False
        branch_id = None if everybody else member.branch_id
        async with self._database.reading() as session:
            found = await roll_named(session, tidied(q), branch_id=branch_id, but=member.id, limit=_MOST_FOUND + 1)
        return found[:_MOST_FOUND], len(found) > _MOST_FOUND

    async def propose(
        self, member: Member, member_id: str, code: str, day: date, *, reason: str, evidence: str, link: str
    ) -> Proposal:
        """Raise NotFound `member_not_found`, `indicator_not_found`, Forbidden `role_needed`, Conflict `own_points`,
        `counted_by_itself`, Invalid `day_to_come`, `day_too_old`, `link_unfit`, `text_empty`, `text_too_long`."""
        person = (await self._identity.people([member_id])).get(member_id) if is_id(member_id) else None
        if person is None or person.status is Status.EMPLOYEE:
            raise NotFound("member_not_found", "没有这位党员")
        now, branch_id = self._clock.now(), person.branch_id or ""
        _check_day(day, day_of(now))
        indicator = await self._indicator(code, day)
        with_standing = check_may_propose(member, member_id, branch_id, indicator)
        proposal = Proposal(
            id=new_id(),
            member_id=member_id,
            branch_id=branch_id,
            indicator=code,
            kind=indicator.kind,
            value=indicator.value,
            discipline=is_discipline(indicator.event),
            day=day,
            reason=written(reason, most=WORDS_MOST),
            evidence=written(evidence, most=WORDS_MOST),
            link=_link(link),
            standing=with_standing,
            by=member.id,
            made_at=now,
        )
        async with self._database.transaction() as session:
            proposing_store.add_proposal(session, proposal)
            self._note(session, "proposal.made", proposal, member)
        return proposal

    async def proposals(
        self, member: Member, *, open_only: bool, after: str | None, limit: int
    ) -> tuple[list[Proposal], str | None]:
        """Those the caller may see, the newest first."""
        states = [ProposalState.OPEN] if open_only else _DECIDED
        async with self._database.reading() as session:
            found = await proposing_store.proposals(session, _seen(member), states, before=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def review(self, member: Member, proposal_id: str, *, confirm: bool, words: str) -> Proposal:
        """The same person saying the same again gives what there is. Raise NotFound `proposal_not_found`, Conflict
        `already_decided`, `rule_changed`, and what `check_may_review` raises."""
        words = tidied(words)[:WORDS_MOST] if confirm else written(words, most=WORDS_MOST)
        state = ProposalState.CONFIRMED if confirm else ProposalState.DECLINED
        async with self._database.transaction() as session:
            proposal = await proposing_store.proposal(session, proposal_id, lock=True) if is_id(proposal_id) else None
            if proposal is None or not sees(member, proposal.branch_id, discipline=proposal.discipline):
                raise NotFound("proposal_not_found", "没有这条提议")
            check_may_review(member, proposal)
            if proposal.state is not ProposalState.OPEN:
                if proposal.state is state and proposal.reviewer == member.id:
                    return proposal
                raise Conflict("already_decided", "这条提议已经处理", extra={"state": proposal.state.value})
            decided = replace(proposal, state=state, reviewer=member.id, reviewed_at=self._clock.now(), words=words)
            await proposing_store.save(session, decided)
            self._note(session, f"proposal.{state.value}", decided, member)
            if confirm:
                # Nobody else holds this proposal, so noting the row waits for nobody.
                decided = replace(decided, entry_id=(await self._credit(session, decided)).id)
                await proposing_store.save(session, decided)
        return decided

    async def _credit(self, session: Session, proposal: Proposal) -> Entry:
        indicator = await self._indicator(proposal.indicator, proposal.day)
        at = datetime.combine(proposal.day, time(12), CHINA)
        cause = Cause(
            proposal.member_id,
            indicator.event,
            proposal.id,
            min(at, proposal.made_at.astimezone(CHINA)) if proposal.day == day_of(proposal.made_at) else at,
            title=indicator.name,
            link=proposal.link,
            traits=indicator.traits,
            by=proposal.by,
            reviewer=proposal.reviewer,
            reason=proposal.reason,
        )
        [credit] = await self._ledger.award(session, [cause])
        if credit is None or credit.entry.indicator != proposal.indicator:
            raise Conflict("rule_changed", "这一项现在不能记给这位党员，请重新提出")
        return credit.entry

    # Appeals

    async def appeal(self, member: Member, entry_id: str, text: str) -> Appeal:
        """The second time gives the first. Raise NotFound `entry_not_found`, Conflict `nothing_to_appeal`, `appeal_too_late`,
        `already_appealed`."""
        text, now = written(text, most=WORDS_MOST), self._clock.now()
        async with self._database.transaction() as session:
            entry = await store.find(session, entry_id) if is_id(entry_id) else None
            if entry is None or entry.member_id != member.id:
                raise NotFound("entry_not_found", "没有这一条积分记录")
            # The lock of the row's balance: one of two at once sees what the other has done.
            await store.hold(session, {(entry.member_id, entry.day.year, entry.aspect)})
            if (made := await proposing_store.appeal_of(session, entry_id)) is not None:
                if made.text == text:
                    return made
                raise Conflict("already_appealed", "这一条已经申诉过")
            if entry.kind is Kind.AWARD or entry.reverses or await store.reversal_of(session, entry_id) is not None:
                raise Conflict("nothing_to_appeal", "只有未更正的扣分可以申诉")
            if now > appealable_until(entry.recorded_at):
                raise Conflict("appeal_too_late", "扣分超过 15 天，不能再申诉")
            appeal = Appeal(
                id=new_id(),
                entry_id=entry.id,
                member_id=member.id,
                branch_id=entry.branch_id,
                discipline=is_discipline(entry.event),
                proposer=entry.by,
                reviewer=entry.reviewer,
                text=text,
                made_at=now,
            )
            await proposing_store.add_appeal(session, appeal)
            self._note(session, "appeal.made", appeal, member)
        return appeal

    async def appeals(
        self, member: Member, *, open_only: bool, after: str | None, limit: int
    ) -> tuple[list[tuple[Appeal, Entry]], str | None]:
        states = [AppealState.OPEN] if open_only else [AppealState.UPHELD, AppealState.GRANTED]
        async with self._database.reading() as session:
            found = await proposing_store.appeals(session, _seen(member), states, before=after, limit=limit + 1)
            rows = [(each, await store.find(session, each.entry_id)) for each in found[:limit]]
        return [(each, row) for each, row in rows if row is not None], found[limit - 1].id if len(found) > limit else None

    async def appeals_of(self, entries: list[str]) -> dict[str, Appeal]:
        """By the row they are about."""
        async with self._database.reading() as session:
            return await proposing_store.appeals_of(session, entries)

    async def answer(self, member: Member, appeal_id: str, *, grant: bool, words: str) -> Appeal:
        """Raise NotFound `appeal_not_found`, Conflict `already_decided`, and what `check_may_answer` raises."""
        words = written(words, most=WORDS_MOST)
        state = AppealState.GRANTED if grant else AppealState.UPHELD
        async with self._database.transaction() as session:
            appeal = await proposing_store.appeal(session, appeal_id, lock=True) if is_id(appeal_id) else None
            if appeal is None or not sees(member, appeal.branch_id, discipline=appeal.discipline):
                raise NotFound("appeal_not_found", "没有这条申诉")
            check_may_answer(member, appeal)
            if appeal.state is not AppealState.OPEN:
                if appeal.state is state and appeal.answered_by == member.id:
                    return appeal
                raise Conflict("already_decided", "这条申诉已经答复", extra={"state": appeal.state.value})
            answered = replace(appeal, state=state, answered_by=member.id, answered_at=self._clock.now(), words=words)
            await proposing_store.save(session, answered)
            self._note(session, f"appeal.{state.value}", answered, member)
            if grant:
                await self._ledger.reverse(session, appeal.entry_id, by=member.id, reviewer=None, reason=f"申诉成立：{words}")
        return answered

    # Inside

    async def _indicator(self, code: str, day: date) -> Indicator:
        on_day = (await self._rulebook.current()).on(day)
        found = next((each for each in on_day if each.code == code), None)
        if found is None:
            raise NotFound("indicator_not_found", "那一天没有这项指标")
        return found

    def _note(self, session: Session, name: str, of: Proposal | Appeal, member: Member) -> None:
        """That it was done and by whom: those who read the audit need not be those who may read what it was about."""
        self._audit.note(session, Act(name, "points", of.id), _actor(member))


def _seen(member: Member) -> Seen:
    discipline = sees(member, "", discipline=True)
    if not member.has(*DESK):
        raise Forbidden("role_needed", "积分审核只对书记、党务干部和评议工作人员开放")
    everywhere = standing(member, "") > Standing.NONE
    branch = member.branch_id if standing(member, member.branch_id or "") > Standing.NONE else None
    return Seen(everywhere=everywhere, branch_id=branch, discipline=discipline)


def _actor(member: Member) -> Actor:
    return Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))


def _check_day(day: date, today: date) -> None:
    if day > today:
        raise Invalid("day_to_come", "日期不能晚于今天")
    if day.year < today.year - 1:
        raise Invalid("day_too_old", "只能补记今年和去年的事项")


def _link(given: str) -> str:
    link = given.strip()
    if link and not (link.startswith("https://") or (link.startswith("/") and not link.startswith("//"))):
        raise Invalid("link_unfit", "链接要以 https:// 开头，或是本站的地址")
    if len(link) > LINK_MOST or any(not character.isprintable() or character.isspace() for character in link):
        raise Invalid("link_unfit", f"链接最多 {LINK_MOST} 个字符，不能有空格")
    return link
