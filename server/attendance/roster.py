"""Who was expected at a broadcast, who was there by roll-call, and from when to when they were in its room, for those who
organise it; nothing of what anybody watched. Expected are those on the lists of the activities it belongs to, or all party
members; party members who came without being on a list stand apart and count nowhere.

Whoever sends it, moderators, the committee's secretaries and the staff of Party affairs see everybody; secretaries of a branch
see their own branch.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ..activities import ActivityService
from ..broadcasts import ON_AIR, Broadcast, BroadcastService, rights
from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Forbidden
from ..identity import Identity, Member, Person, Role
from . import store, visit_store
from .model import Plan, Proof
from .visits import still_there

_ALL = (Role.AFFAIRS_STAFF, Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
_OWN_BRANCH = (Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY)


@dataclass(frozen=True, slots=True)
class Line:
    """One member. `answered`: of how many roll-calls; `way`: where they proved that they were present.
    `left_at` is None while they are there."""

    person: Person
    answered: int
    confirmed_at: datetime | None
    way: Proof | None
    joined_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """`opened`: roll-calls so far; `listed`: expected are those on an activity's list. `lines`: who was expected; `others`: who
    came as well. Both in the order of branches and names."""

    broadcast: Broadcast
    plan: Plan
    opened: int
    listed: bool
    on_air: bool
    lines: list[Line]
    others: list[Line]


class Rosters:
    def __init__(
        self, database: Database, identity: Identity, broadcasts: BroadcastService, activities: ActivityService, clock: Clock
    ) -> None:
        self._database, self._identity, self._broadcasts = database, identity, broadcasts
        self._activities, self._clock = activities, clock

    async def of(self, member: Member, broadcast_id: str) -> Roster:
        """Raise NotFound, Forbidden `organiser_needed`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        people = await self._identity.party_members(branch_id=_seen_branch(broadcast, member))
        async with self._database.snapshot() as session:
            plan = await store.find_plan(session, broadcast_id) or Plan(broadcast_id)
            opened = len(await store.of_broadcast(session, broadcast_id))
            answers = await store.all_answers(session, broadcast_id)
            confirmed = await store.confirmed(session, broadcast_id)
            visits = await visit_store.of_broadcast(session, broadcast_id)
            listed = await self._activities.on_air.expected(session, broadcast_id)
        on_air, now = broadcast.state in ON_AIR, self._clock.now()
        counts = Counter(each.member_id for each in answers)

        def line(person: Person) -> Line:
            at, way = confirmed.get(person.id, (None, None))
            visit = visits.get(person.id)
            there = on_air and visit is not None and still_there(visit, now)
            left_at = None if visit is None or there else min(visit.seen_at, broadcast.ended_at or visit.seen_at)
            joined_at = None if visit is None else visit.joined_at
            return Line(person, counts[person.id], at, way, joined_at, left_at)

        expected = [each for each in people if listed is None or each.id in listed]
        came = {*confirmed, *visits, *counts}.difference(each.id for each in expected)
        lines = sorted(map(line, expected), key=_order)
        others = sorted((line(each) for each in people if each.id in came), key=_order)
        return Roster(broadcast, plan, opened, listed is not None, on_air, lines, others)


def _seen_branch(broadcast: Broadcast, member: Member) -> str | None:
    """The branch whose members the caller sees; None for all."""
    if rights(broadcast, member).insider or member.has(*_ALL):
        return None
    if member.has(*_OWN_BRANCH) and member.branch_id is not None:
        return member.branch_id
    raise Forbidden("organiser_needed", "只有主播、审核员、书记和党务干部可以查看到课情况")


def _order(line: Line) -> tuple[bool, str, str]:
    return line.person.branch_name is None, line.person.branch_name or "", line.person.name
