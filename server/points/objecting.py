"""Objections: said, withdrawn, answered; use cases.

An answer and what it corrects are one transaction. Who objects has said it and who answers has looked at it, so an award that
was missing has its two people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

import structlog

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from ..core.ids import is_id, new_id
from ..core.texts import tidied, written
from ..core.workdays import after_workdays
from ..identity import Member
from . import objecting_model as rules
from . import objecting_store as store
from . import publication_store
from . import store as ledger_store
from .entry import Entry
from .model import CHINA, Cause, Indicator, day_of
from .objecting_model import Missing, Objection, ObjectionState, answers_for
from .objecting_store import Scope
from .publication import BRANCH, COMMITTEE
from .publishing import Publishing
from .rulebook import Rulebook
from .service import Ledger

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Objected:
    """As it is shown: with the row it is about, and the title of the publication."""

    objection: Objection
    row: Entry | None
    title: str


class Objecting:
    def __init__(
        self, database: Database, publishing: Publishing, rulebook: Rulebook, ledger: Ledger, audit: Audit, clock: Clock
    ) -> None:
        self._database, self._publishing, self._rulebook, self._clock = database, publishing, rulebook, clock
        self._ledger, self._audit = ledger, audit

    async def object(
        self,
        member: Member,
        publication_id: str,
        about_id: str,
        text: str,
        *,
        evidence: str = "",
        entry_id: str | None = None,
    ) -> Objection:
        """Say that a published row is wrong. Raise NotFound, Conflict `publication_closed`, Invalid `text_empty`,
        `text_too_long`, TooMany `too_many_objections`."""
        words, now = written(text, most=rules.TEXT_MOST), self._clock.now()
        proof = written(evidence, most=rules.TEXT_MOST) if tidied(evidence) else ""
        publication = await self._publishing.find(member, publication_id)
        rules.check_objects(publication, day_of(now))
        async with self._database.transaction() as session:
            row = await publication_store.member(session, publication_id, about_id)
            if row is None:
                raise NotFound("not_published", "公示中没有这个人")
            if entry_id is not None:
                if not rules.sees_rows(member, about_id, row.branch_id):
                    raise NotFound("entry_not_found", "没有这一条积分记录")
                await self._entry(session, entry_id, about_id)
            # One after the other, so that the bound and the end of the time hold.
            held = await publication_store.find(session, publication_id, lock=True)
            rules.check_objects(held or publication, day_of(now))
            if await store.count_of(session, publication_id, member.id) >= rules.MOST_OBJECTIONS:
                raise TooMany("too_many_objections", "您对这次公示提出的异议太多了，请直接联系支部", retry_after=3600)
            objection = Objection(
                id=new_id(),
                publication_id=publication_id,
                about_id=about_id,
                branch_id=row.branch_id,
                by_id=member.id,
                entry_id=entry_id,
                text=words,
                evidence=proof,
                at=now,
                due_on=after_workdays(day_of(now), rules.ANSWER_WORKDAYS).day,
                state=ObjectionState.OPEN,
            )
            store.add(session, objection)
            self._note(session, "objection.made", objection, member)
        return objection

    async def withdraw(self, member: Member, objection_id: str) -> Objection:
        """By whoever said it, until it is answered; again gives what there is. Raise NotFound, Conflict `already_answered`."""
        async with self._database.transaction() as session:
            objection = await self._held(session, objection_id)
            if objection is None or objection.by_id != member.id:
                raise NotFound("objection_not_found", "没有这个异议")
            if objection.state is ObjectionState.WITHDRAWN:
                return objection
            if objection.state is not ObjectionState.OPEN:
                raise Conflict("already_answered", "这个异议已经答复，不能撤回", extra={"state": objection.state.value})
            withdrawn = replace(objection, state=ObjectionState.WITHDRAWN, answered_at=self._clock.now())
            await store.save(session, withdrawn)
            self._note(session, "objection.withdrawn", withdrawn, member)
        return withdrawn

    async def answer(
        self,
        member: Member,
        objection_id: str,
        state: ObjectionState,
        words: str,
        *,
        reverse: Sequence[str] = (),
        missing: Sequence[Missing] = (),
    ) -> Objection:
        """Uphold or reject an objection, with words; what was wrong is reversed and what was missing is awarded in the same
        transaction. Raise NotFound, Forbidden `own_matter`, Conflict `already_answered`, Invalid `answer_invalid`, and what
        `check_reverses` and `check_missing` raise."""
        upheld = state is ObjectionState.UPHELD
        if state not in (ObjectionState.UPHELD, ObjectionState.REJECTED) or ((reverse or missing) and not upheld):
            raise Invalid("answer_invalid", "请选择成立或不成立；只有成立时才更正记录")
        said, now = written(words, most=rules.TEXT_MOST), self._clock.now()
        wrong = sorted(set(reverse))
        async with self._database.transaction() as session:
            objection = await self._held(session, objection_id)
            if objection is None or not (answers_for(member, objection.branch_id) or member.id == objection.by_id):
                raise NotFound("objection_not_found", "没有这个异议")
            rules.check_answers(member, objection)
            rows = [await self._entry(session, each, objection.about_id) for each in wrong]
            await self._check_rows(session, objection, member, rows)
            causes = await self._causes(session, objection, member, missing)
            answered = replace(objection, state=state, answer=said, answered_by=member.id, answered_at=now, corrections=wrong)
            self._note(session, f"objection.{state.value}", answered, member)
            if wrong or causes:
                answered = await self._correct(session, answered, rows, causes)
            await store.save(session, answered)
        log.info("objection_answered", objection_id=objection_id, state=state.value, by=member.id)
        return answered

    async def of_publication(
        self, member: Member, publication_id: str, *, own: bool, after: str | None, limit: int
    ) -> tuple[list[Objected], str | None]:
        """One's own and those about oneself; unless these alone are wanted also, for those who answer, their branches'. Raise
        NotFound."""
        await self._publishing.find(member, publication_id)
        scope = Scope(member_id=member.id) if own else _scope(member, own=True)
        async with self._database.reading() as session:
            found = await store.listed(session, scope, publication_id=publication_id, after=after, limit=limit + 1)
            shown = await _shown(session, found[:limit])
        return shown, found[limit - 1].id if len(found) > limit else None

    async def desk(
        self, member: Member, *, open_only: bool, after: str | None, limit: int
    ) -> tuple[list[Objected], str | None]:
        """What the caller answers for, of all publications: what waits, the oldest first, or what was answered, the newest
        first. Raise Forbidden `role_needed`."""
        if not member.has(*COMMITTEE, *BRANCH):
            raise Forbidden("role_needed", "异议由支部书记、党委书记或党务干部答复")
        states = [ObjectionState.OPEN] if open_only else [each for each in ObjectionState if each is not ObjectionState.OPEN]
        async with self._database.reading() as session:
            found = await store.listed(
                session, _scope(member), states=states, after=after, limit=limit + 1, newest_first=not open_only
            )
            shown = await _shown(session, found[:limit])
        return shown, found[limit - 1].id if len(found) > limit else None

    async def waiting(self, member: Member, publication_id: str | None = None) -> tuple[int, int]:
        """Of what the caller answers for: how many wait, and of how many the day has passed."""
        async with self._database.reading() as session:
            return await store.waiting(session, _scope(member), publication_id, day_of(self._clock.now()))

    async def shown(self, objection: Objection) -> Objected:
        async with self._database.reading() as session:
            return (await _shown(session, [objection]))[0]

    # Inside

    async def _held(self, session: Session, objection_id: str) -> Objection | None:
        return await store.find(session, objection_id, lock=True) if is_id(objection_id) else None

    async def _entry(self, session: Session, entry_id: str, about_id: str) -> Entry:
        entry = await ledger_store.find(session, entry_id)
        if entry is None or entry.member_id != about_id:
            raise NotFound("entry_not_found", "没有这一条积分记录")
        return entry

    async def _check_rows(self, session: Session, objection: Objection, member: Member, rows: Sequence[Entry]) -> None:
        if not rows:
            return
        publication = await publication_store.find(session, objection.publication_id)
        if publication is None:
            raise NotFound("publication_not_found", "没有这个公示")
        heads = await publication_store.heads(session, publication.id)
        for each in rows:
            rules.check_reverses(member, publication, heads, each)

    async def _causes(
        self, session: Session, objection: Objection, member: Member, missing: Sequence[Missing]
    ) -> list[tuple[Cause, Indicator]]:
        if not missing:
            return []
        publication = await publication_store.find(session, objection.publication_id)
        if publication is None:
            raise NotFound("publication_not_found", "没有这个公示")
        current, causes = await self._rulebook.current(session), []
        for nth, each in enumerate(missing, 1):
            on_day = {indicator.code: indicator for indicator in current.on(each.day)}
            indicator = rules.check_missing(publication, each, on_day.get(each.indicator))
            cause = Cause(
                objection.about_id,
                indicator.event,
                f"objection-{objection.id}-{nth}",
                datetime.combine(each.day, time(12), CHINA),
                title=f"{indicator.name}（公示补记）",
                link=f"/publications/{objection.publication_id}",
                traits=indicator.traits,
                by=objection.by_id,
                reviewer=member.id,
                reason=f"公示异议成立：{objection.text}"[: rules.TEXT_MOST],
            )
            causes.append((cause, indicator))
        return causes

    async def _correct(
        self, session: Session, answered: Objection, rows: Sequence[Entry], causes: Sequence[tuple[Cause, Indicator]]
    ) -> Objection:
        """The ledger's part, last in the transaction. All balances are taken at once and in their order, for two answers about
        one member must not wait for each other."""
        keys = {(each.member_id, each.day.year, each.aspect.value) for each in rows}
        keys |= {(cause.member_id, cause.day.year, indicator.aspect.value) for cause, indicator in causes}
        await ledger_store.hold(session, keys)
        reason = f"公示异议成立：{answered.answer}"[: rules.TEXT_MOST]
        for each in rows:
            await self._ledger.reverse(session, each.id, by=answered.by_id, reviewer=answered.answered_by, reason=reason)
        credits_ = await self._ledger.award(session, [cause for cause, _ in causes])
        for credit, (_, indicator) in zip(credits_, causes, strict=True):
            if credit is None or credit.entry.indicator != indicator.code:
                raise Invalid("indicator_unfit", "这一项不能这样补记，请在积分审核中提出")
        return replace(answered, awards=[each.entry.id for each in credits_ if each is not None])

    def _note(self, session: Session, name: str, objection: Objection, member: Member) -> None:
        """That it was done and by whom, not what was said: that is for fewer people than read the audit."""
        actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        self._audit.note(session, Act(name, "points", objection.id), actor)


def _scope(member: Member, *, own: bool = False) -> Scope:
    return Scope(
        member_id=member.id if own else None,
        branch_id=member.branch_id if member.has(*BRANCH) else None,
        everywhere=member.has(*COMMITTEE),
    )


async def _shown(session: Session, found: Sequence[Objection]) -> list[Objected]:
    titles = await store.titles(session, {each.publication_id for each in found})
    rows = await ledger_store.some(session, {each.entry_id for each in found if each.entry_id is not None})
    return [Objected(each, rows.get(each.entry_id or ""), titles.get(each.publication_id, "")) for each in found]
