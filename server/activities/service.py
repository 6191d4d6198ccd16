"""Activities: created, changed, moved on. Seats, check-in and the list of who was there are beside it.

Whoever moves an activity on, or gives its seats, holds its row; whoever checks in only keeps others from moving it meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from ..broadcasts import BroadcastService
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Invalid
from ..core.ids import is_id, new_id
from ..core.journal import Journal
from ..identity import COMMITTEE, OF_BRANCH, Identity, Member, Person, manages
from ..points import Ledger
from . import live, store
from .checkin import CheckIn
from .codes import Codes
from .credits import Credits
from .feed import Feed
from .model import (
    BRANCH_COMMITTEE,
    WHOLE_COMMITTEE,
    Activity,
    ActivityKind,
    ActivityState,
    Part,
    Plan,
    check_changes,
    check_may_create,
    check_recordable,
    checked,
    moved,
)
from .on_air import OnAir
from .register import Register, Seen
from .roll import Roll
from .seats import Seats, fill
from .store import Counts, Lock

log = structlog.get_logger(__name__)

MOST_LISTED = 300
_WIDEST = timedelta(days=400)
_NOBODY = Counts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """As its reader sees it. `burdened`: they said it was too much."""

    activity: Activity
    part: Part | None
    counts: Counts
    runs: bool
    burdened: bool = False


class ActivityService:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        identity: Identity,
        broadcasts: BroadcastService,
        ledger: Ledger,
        clock: Clock,
        *,
        secret: bytes,
    ) -> None:
        self._database, self._journal, self._identity = database, journal, identity
        self._broadcasts, self._clock = broadcasts, clock
        self.register, self._credits = Register(database), Credits(ledger)
        codes = Codes(secret)
        self.seats = Seats(self.register, journal, clock)
        self.checkin = CheckIn(self.register, database, journal, codes, self._credits, clock)
        self.roll = Roll(self.register, database, journal, identity, codes, self._credits, clock)
        self.on_air = OnAir(self._credits, clock)
        self.feed = Feed(database, identity, clock, secret)

    def now(self) -> datetime:
        return self._clock.now()

    async def create(self, member: Member, plan: Plan, *, draft: bool) -> Listed:
        """Raise Forbidden `organiser_needed`, Invalid, NotFound for a broadcast that is not theirs to see."""
        check_may_create(member, plan.branch_id)
        check_recordable(member, plan, self._clock.now())
        await self._check(member, plan)
        state = ActivityState.DRAFT if draft else ActivityState.ANNOUNCED
        made = Activity(new_id(), plan, state, member.id, self._clock.now())
        expected = [] if draft else await self._expected(plan)
        async with self._database.transaction() as session:
            await store.add(session, made)
            await store.expect(session, made.id, [person.id for person in expected])
        log.info("activity_created", activity_id=made.id, kind=plan.kind.value, by=member.id)
        return Listed(made, None, replace(_NOBODY, expected=len(expected)), runs=True)

    async def change(self, member: Member, activity_id: str, decide: Callable[[Plan], Plan]) -> Listed:
        """What it is and whose it is stays. More seats go to those who wait. Raise NotFound, Forbidden `organiser_needed`,
        Conflict `activity_over`, Invalid."""
        before = (await self.register.run_by(member, activity_id)).plan
        plan = decide(before)
        await self._check(member, plan)
        if plan.starts_at != before.starts_at:
            check_recordable(member, plan, self._clock.now())
        async with self.register.managed(member, activity_id, Lock.UPDATE) as (session, activity):
            check_changes(activity)
            changed = replace(activity, plan=checked(decide(activity.plan)), revision=activity.revision + 1)
            await store.save(session, changed)
            await fill(session, self._journal, changed)
        log.info("activity_changed", activity_id=activity_id, by=member.id)
        return await self.show(member, activity_id)

    async def move(self, member: Member, activity_id: str, to: ActivityState) -> Listed:
        """Announce, open, close or cancel, or take an opening back; the second time nothing happens. Raise NotFound, Forbidden
        `organiser_needed`, Conflict as `moved` does."""
        plan = (await self.register.run_by(member, activity_id)).plan
        expected = await self._expected(plan) if to in (ActivityState.ANNOUNCED, ActivityState.OPEN) else []
        async with self.register.managed(member, activity_id, Lock.UPDATE) as (session, before):
            counts = (await store.counts(session, [activity_id])).get(activity_id, _NOBODY)
            after = moved(before, to, self._clock.now(), anybody_present=counts.present > 0)
            if after is not before:
                await store.save(session, after)
                await store.expect(session, activity_id, [person.id for person in expected])
                await self._follow(session, after)
        log.info("activity_moved", activity_id=activity_id, to=to.value, by=member.id)
        return await self.show(member, activity_id)

    async def show(self, member: Member, activity_id: str) -> Listed:
        seen: Seen = await self.register.find(member, activity_id)
        async with self._database.reading() as session:
            counts = (await store.counts(session, [activity_id])).get(activity_id, _NOBODY)
            burdened = await store.complains(session, activity_id, member.id)
        return Listed(seen.activity, seen.part, counts, manages(member, seen.activity.plan.branch_id), burdened)

    async def listed(self, member: Member, since: datetime | None, until: datetime | None) -> list[Listed]:
        """What touches that time, in order; without a time, from a month ago to three months ahead."""
        now = self._clock.now()
        since = since or now - timedelta(days=31)
        until = until or max(since, now) + timedelta(days=92)
        if not since < until <= since + _WIDEST:
            raise Invalid("times_invalid", "请选择一年之内的时间段")
        async with self._database.reading() as session:
            found = await store.listed(session, reader_of(member), since, until, around=now, limit=MOST_LISTED)
            counts = await store.counts(session, [activity.id for activity, _ in found])
        return [
            Listed(activity, part, counts.get(activity.id, _NOBODY), manages(member, activity.plan.branch_id))
            for activity, part in found
        ]

    async def of_broadcast(self, member: Member, broadcast_id: str) -> list[Activity]:
        """What a broadcast belongs to, as far as the member may see it. Raise NotFound for a broadcast that is not theirs to
        see."""
        await self._broadcasts.find(member, broadcast_id)
        async with self._database.reading() as session:
            return await store.on_air(session, reader_of(member), broadcast_id)

    async def names(self, ids: set[str]) -> dict[str, Person]:
        return await self._identity.people(ids)

    async def branch_names(self) -> dict[str, str]:
        return {branch.id: branch.name for branch in await self._identity.directory.branches()}

    # Inside

    async def _check(self, member: Member, plan: Plan) -> None:
        checked(plan)
        if plan.broadcast_id is not None:
            try:
                await self._broadcasts.find(member, plan.broadcast_id)
            except AppError:
                raise Invalid("broadcast_unknown", "没有找到这场直播") from None
        if plan.branch_id is not None and (not is_id(plan.branch_id) or plan.branch_id not in await self.branch_names()):
            raise Invalid("branch_unknown", "没有这个党支部")

    async def _expected(self, plan: Plan) -> list[Person]:
        """A meeting of a committee expects that committee; a talk, and what has seats, whoever is asked or signs up; anything
        else all Party members of whom it is for."""
        if plan.kind is ActivityKind.TALK or plan.seats is not None:
            return []
        if plan.kind is ActivityKind.COMMITTEE:
            roles = WHOLE_COMMITTEE if plan.branch_id is None else BRANCH_COMMITTEE
            return await self._identity.party_members(branch_id=plan.branch_id, roles=roles)
        return await self._identity.party_members(branch_id=plan.branch_id)

    async def _follow(self, session: Session, activity: Activity) -> None:
        if activity.state is ActivityState.CANCELLED:
            parts = [part for part in await store.parts(session, activity.id) if part.seat is not None]
            await self._journal.append(session, *(live.cancelled(activity, part) for part in parts))
        elif activity.state is ActivityState.CLOSED:
            parts = await store.parts(session, activity.id)
            empty = [part for part in parts if part.present_at is None and part.absence is None]
            await self._credits.missed(session, activity, empty)


def reader_of(member: Member) -> store.Reader:
    runs = member.branch_id if member.has(*OF_BRANCH) else None
    return store.Reader(member.id, member.branch_id, manages(member, None) or member.has(*COMMITTEE), runs)
