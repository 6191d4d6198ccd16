"""The ledger as it is read by those who answer for a branch: its members by name, what each has, and how far it is sealed.

A branch secretary reads the own branch, the committee and the staff of Party affairs all of them. There is no order by points.
What the discipline committee has entered is counted like everything else; its reasons are for fewer people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ..core.db import Database
from ..core.errors import Forbidden, NotFound
from ..core.ids import is_id
from ..identity import Identity, Member, OnRoll, branch_counts, branch_roll, on_roll
from . import store
from .model import Aspect, Scale, Sum, Window
from .proposing_model import Standing, is_discipline, sees, standing
from .rulebook import Rulebook
from .service import Ledger, Row, last_day


@dataclass(frozen=True, slots=True)
class BranchLedger:
    """`number` and `hash`: of the newest sealed row; `waiting`: rows that are not sealed yet."""

    id: str
    name: str
    members: int
    number: int
    hash: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Line:
    """One member's year."""

    who: OnRoll
    sums: Mapping[Aspect, Sum]
    exempt: bool


class Overview:
    def __init__(self, database: Database, identity: Identity, rulebook: Rulebook, ledger: Ledger) -> None:
        self._database, self._identity, self._rulebook, self._ledger = database, identity, rulebook, ledger

    async def branches(self, member: Member) -> list[BranchLedger]:
        """Those the caller answers for. Raise Forbidden `role_needed`."""
        check_reads(member)
        async with self._database.snapshot() as session:
            counts = await branch_counts(session)
            ends = await store.chain_ends(session)
            waiting = await store.unsealed_by_branch(session)
        names = {each.id: each.name for each in await self._identity.directory.branches()}
        if counts.get("") or "" in ends:
            names[""] = "未编入支部"
        found = []
        for each, name in names.items():
            if standing(member, each) > Standing.NONE:
                number, newest = ends.get(each, (0, None))
                found.append(BranchLedger(each, name, counts.get(each, 0), number, newest, waiting.get(each, 0)))
        return found

    async def lines(self, member: Member, branch_id: str, year: int, *, after: int, limit: int) -> tuple[Scale, list[Line]]:
        """The members of a branch as they stand, in the order of names. Raise Forbidden `role_needed`, NotFound
        `branch_not_found`."""
        check_reads(member)
        if standing(member, branch_id) is Standing.NONE:
            raise NotFound("branch_not_found", "没有这个支部")
        scale = (await self._rulebook.current()).scale(last_day(year, self._ledger.today()))
        async with self._database.reading() as session:
            roll = await branch_roll(session, branch_id, after=after, limit=limit)
            sums = await store.sums(session, [each.id for each in roll], year)
            exempt = await store.exempt_of(session, [each.id for each in roll], year)
        return scale, [Line(each, sums.get(each.id, {}), each.id in exempt) for each in roll]

    async def rows(
        self,
        member: Member,
        about_id: str,
        year: int,
        *,
        aspect: Aspect | None,
        month: int | None,
        before: str | None,
        limit: int,
    ) -> tuple[OnRoll, list[Row], str | None]:
        """A member's rows of a year, the newest first. Raise Forbidden `role_needed`, NotFound `member_not_found`."""
        check_reads(member)
        async with self._database.reading() as session:
            about = await on_roll(session, about_id) if is_id(about_id) else None
        if about is None or standing(member, about.branch_id) is Standing.NONE:
            raise NotFound("member_not_found", "没有这位党员")
        first = None if month is None else date(year, month, 1)
        days = None if first is None else (first, Window.MONTH.ends(first))
        rows, following = await self._ledger.rows(about_id, year, aspect=aspect, days=days, before=before, limit=limit)
        return about, [readable(member, about.branch_id, each) for each in rows], following


def check_reads(member: Member) -> None:
    """Raise Forbidden `role_needed`."""
    if standing(member, member.branch_id or "") is Standing.NONE:
        raise Forbidden("role_needed", "支部台账由支部书记、党务干部、评议工作人员和党委书记查看")


def readable(member: Member, branch_id: str, row: Row) -> Row:
    """Without what is only for who may read matters of discipline."""
    if not is_discipline(row.entry.event) or row.entry.member_id == member.id or sees(member, branch_id, discipline=True):
        return row
    return replace(row, entry=replace(row.entry, reason="", link=""))
