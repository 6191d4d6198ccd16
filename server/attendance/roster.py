"""Who was expected at a broadcast and who was there by roll-call, for those who organise it; nothing of what anybody watched.

Whoever sends it, moderators, the committee's secretaries and the staff of Party affairs see everybody; secretaries of a branch
see their own branch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..broadcasts import Broadcast, BroadcastService, rights
from ..core.db import Database
from ..core.errors import Forbidden
from ..identity import Identity, Member, Person, Role
from . import store
from .model import Plan

_ALL = (Role.AFFAIRS_STAFF, Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
_OWN_BRANCH = (Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY)


@dataclass(frozen=True, slots=True)
class Line:
    """One member who was expected. `answered`: of how many roll-calls."""

    person: Person
    answered: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """`opened`: roll-calls so far. The lines in the order of branches and names."""

    broadcast: Broadcast
    plan: Plan
    opened: int
    lines: list[Line]


class Rosters:
    def __init__(self, database: Database, identity: Identity, broadcasts: BroadcastService) -> None:
        self._database, self._identity, self._broadcasts = database, identity, broadcasts

    async def of(self, member: Member, broadcast_id: str) -> Roster:
        """Raise NotFound, Forbidden `organiser_needed`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        expected = await self._identity.party_members(branch_id=_seen_branch(broadcast, member))
        async with self._database.snapshot() as session:
            plan = await store.find_plan(session, broadcast_id) or Plan(broadcast_id)
            opened = len(await store.of_broadcast(session, broadcast_id))
            answers = await store.all_answers(session, broadcast_id)
            confirmed = await store.confirmed(session, broadcast_id)
        return Roster(broadcast, plan, opened, _lines(expected, answers, {who: at for who, (at, _) in confirmed.items()}))


def _seen_branch(broadcast: Broadcast, member: Member) -> str | None:
    """The branch whose members the caller sees; None for all."""
    if rights(broadcast, member).insider or member.has(*_ALL):
        return None
    if member.has(*_OWN_BRANCH) and member.branch_id is not None:
        return member.branch_id
    raise Forbidden("organiser_needed", "只有主播、审核员、书记和党务干部可以查看到课情况")


def _lines(expected: Sequence[Person], answers: Sequence[store.Answer], confirmed: dict[str, datetime]) -> list[Line]:
    counts: dict[str, int] = {}
    for each in answers:
        counts[each.member_id] = counts.get(each.member_id, 0) + 1
    lines = [Line(person, counts.get(person.id, 0), confirmed.get(person.id)) for person in expected]
    return sorted(lines, key=lambda line: (line.person.branch_name is None, line.person.branch_name or "", line.person.name))
