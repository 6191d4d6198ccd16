"""Reports: use cases. One from each person for each thing said; they bring it before those who moderate and never remove
anything by themselves. What a list marks comes before them in the same way.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import structlog

from ..core.audit import Act, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden, NotFound, TooMany
from ..core.ids import is_id
from ..core.journal import Draft, Journal
from ..core.texts import tidied
from ..identity import Member, Speaker
from . import store_reports as store
from .actors import actor
from .limits import ModerationSettings
from .live import desk_channel
from .model import Hit, Rooms
from .reporting_model import Case, CaseState, ReportReason, Said

log = structlog.get_logger(__name__)

FILED = "report.filed"
SETTLED = "report.settled"


class Reporting:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        audit: Audit,
        clock: Clock,
        rooms: Rooms,
        settings: ModerationSettings,
    ) -> None:
        self._database, self._journal, self._audit, self._clock = database, journal, audit, clock
        self._rooms, self._settings = rooms, settings

    async def file(self, member: Member, said: Said, reason: ReportReason, words: str, *, client_id: str) -> None:
        """The second report of one person for one thing changes nothing. Raise Conflict `own_words`, `client_id_reused`,
        TooMany `too_many_reports`."""
        if said.author.id == member.id:
            raise Conflict("own_words", "这是您自己的发言，可以直接撤回")
        now = self._clock.now()
        async with self._database.transaction() as session:
            if (before := await store.under(session, member.id, client_id)) is not None:
                if before != said.id:
                    raise Conflict("client_id_reused", "这个 client_id 已用于另一条举报")
                return
            await self._check_rate(session, member)
            await store.open_case(session, Case(said))
            case = await store.find(session, said.id, lock=True)
            if case is None or not await store.add(session, said.id, member.id, client_id, now, reason, tidied(words)):
                return
            reasons = {**case.reasons, reason.value: case.reasons.get(reason.value, 0) + 1}
            case = replace(case, count=case.count + 1, reasons=reasons)
            await store.save(session, case)
            if case.state is CaseState.OPEN:
                await self._journal.append(session, self._draft(FILED, case))
        log.info("reported", thing_id=said.id, scope=said.scope, by=member.id, reason=reason.value)

    async def mark(self, session: Session, some: Sequence[tuple[Said, Sequence[Hit]]]) -> list[Draft]:
        """What a list has marked, in the caller's transaction; gives what must be appended to the journal in it. When very
        much is open already nothing more is marked: nobody could look at it."""
        counts = {scope: await store.open_count(session, scope) for scope in {said.scope for said, _ in some}}
        told: list[Draft] = []
        for said, hits in some:
            if counts[said.scope] >= self._settings.most_waiting:
                continue
            case = Case(said, [hit.wire() for hit in hits])
            if await store.open_case(session, case):
                counts[said.scope] += 1
                told.append(self._draft(FILED, case))
        return told

    async def page(
        self, member: Member, scope: str, *, open_only: bool, after: str | None, limit: int
    ) -> tuple[list[Case], str | None]:
        """The newest first. Raise NotFound, Forbidden `keeper_needed`."""
        await self._require_keeper(member, scope)
        states = [CaseState.OPEN] if open_only else list(CaseState)
        async with self._database.reading() as session:
            found = await store.page(session, scope, states, after=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def open(self, scopes: Collection[str]) -> dict[str, int]:
        """How many cases are open in each of the rooms; for those who moderate everywhere."""
        async with self._database.reading() as session:
            return await store.open_counts(session, scopes)

    async def dismiss(self, member: Member, thing_id: str) -> Case:
        """It stands. Raise NotFound, Conflict `already_decided`."""
        async with self._database.reading() as session:
            known = await store.find(session, thing_id) if is_id(thing_id) else None
        if known is None:
            raise _not_there()
        try:
            await self._require_keeper(member, known.said.scope)
        except AppError:
            raise _not_there() from None
        async with self._database.transaction() as session:
            case = await store.find(session, thing_id, lock=True)
            if case is None:
                raise _not_there()
            if case.state is CaseState.DISMISSED and case.decided_by == member.id:
                return case
            if case.state is not CaseState.OPEN:
                raise Conflict("already_decided", f"{case.decided_name}已处理这条举报", extra={"state": case.state.value})
            settled = await self._settle(session, case, CaseState.DISMISSED, member)
            await self._journal.append(session, self._draft(SETTLED, settled))
            act = Act("case.dismissed", case.said.kind, case.id, case.said.scope, more={"count": case.count})
            self._audit.note(session, act, actor(member))
        return settled

    async def removed(self, session: Session, thing_id: str, who: Speaker) -> list[Draft]:
        """What was reported is gone, in the caller's transaction; gives what must be appended to the journal in it."""
        case = await store.find(session, thing_id, lock=True)
        if case is None or case.state is not CaseState.OPEN:
            return []
        return [self._draft(SETTLED, await self._settle(session, case, CaseState.REMOVED, who))]

    async def purge(self, session: Session, scope: str) -> None:
        await store.drop(session, scope)

    # Inside

    async def _settle(self, session: Session, case: Case, state: CaseState, who: Speaker) -> Case:
        now, by = self._clock.now(), who.id if who.is_member else None
        settled = replace(case, state=state, decided_at=now, decided_by=by, decided_name=who.name)
        await store.save(session, settled)
        return settled

    async def _check_rate(self, session: Session, member: Member) -> None:
        within = self._settings.reports_within
        filed = await store.filed_since(session, member.id, self._clock.now() - within)
        if len(filed) >= self._settings.reports_most:
            wait = math.ceil((filed[-self._settings.reports_most] + within - self._clock.now()).total_seconds())
            extra = {"retry_after": max(wait, 1)}
            raise TooMany("too_many_reports", "举报太频繁了，请稍后再试", retry_after=max(wait, 1), extra=extra)

    def _draft(self, kind: str, case: Case) -> Draft:
        return Draft(desk_channel(case.said.scope), kind, case.for_desk(to_top=self._settings.reports_to_top))

    async def _require_keeper(self, member: Member, scope: str) -> None:
        if not (await self._rooms.find(member, scope)).keeps(member):
            raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以管理直播间")


def _not_there() -> NotFound:
    return NotFound("report_not_found", "没有这条举报")
