"""The year of one branch, or of all, for those in charge of them."""

from dataclasses import dataclass

from ...core.clock import Clock
from ...core.db import Database
from ...core.errors import Forbidden, Invalid
from ...core.spreadsheets import BEIJING
from ...identity import Identity, Member, Status, manages
from . import store
from .model import Duty, duties, window

_YEARS = (2000, 2100)


@dataclass(frozen=True, slots=True)
class BranchYear:
    branch_id: str
    branch_name: str
    duties: list[Duty]


class Plans:
    def __init__(self, database: Database, identity: Identity, clock: Clock) -> None:
        self._database, self._identity, self._clock = database, identity, clock

    async def of(self, member: Member, year: int | None) -> tuple[int, list[BranchYear]]:
        """Of the branches the member runs, in name order. Raise Forbidden `organiser_needed`, Invalid `year_invalid`."""
        now = self._clock.now()
        year = year or now.astimezone(BEIJING).year
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise Invalid("year_invalid", "请选择一个年份")
        branches = [each for each in await self._identity.directory.branches() if manages(member, each.id)]
        if not branches:
            raise Forbidden("organiser_needed", "只有支部和党委的负责人可以查看年度计划")
        one = branches[0].id if len(branches) == 1 else None
        people = await self._identity.party_members(branch_id=one)
        since, until = window(year)
        async with self._database.reading() as session:
            meetings = await store.meetings(session, since, until, one)
            firsts = await store.firsts(session)
        full = {branch.id: 0 for branch in branches}
        for person in people:
            if person.branch_id in full and person.status in (Status.FULL, Status.RETIRED):
                full[person.branch_id] += 1
        return year, [
            BranchYear(
                branch.id,
                branch.name,
                duties(branch.id, year, meetings, since=firsts.get(branch.id), full_members=full[branch.id], now=now),
            )
            for branch in branches
        ]
