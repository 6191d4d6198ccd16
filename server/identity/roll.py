"""The roll of Party members, for features that go through all of them in transactions of their own."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.chinese import chinese_order
from .model import Status
from .tables import BranchRow, MemberRow


@dataclass(frozen=True, slots=True)
class OnRoll:
    """`branch_id` is "" without one."""

    id: str
    name: str
    branch_id: str


async def party_roll(session: AsyncSession, *, after: str = "", limit: int) -> list[OnRoll]:
    """Those who are members and whose account stands, in the order of their ids."""
    query = select(MemberRow.id, MemberRow.name, func.coalesce(MemberRow.branch_id, ""))
    query = query.where(MemberRow.id > after, *_ON_ROLL).order_by(MemberRow.id).limit(limit)
    return [OnRoll(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class KnownAs:
    """How other systems of the house know somebody: by the reference of the roster, where there is one."""

    name: str
    ref: str | None


async def known_as(session: AsyncSession, ids: Collection[str]) -> dict[str, KnownAs]:
    query = select(MemberRow.id, MemberRow.name, MemberRow.ref).where(MemberRow.id.in_(ids))
    return {member_id: KnownAs(name, ref) for member_id, name, ref in await session.execute(query)}


async def branch_names(session: AsyncSession) -> dict[str, str]:
    return {row.id: row.name for row in await session.scalars(select(BranchRow))}


async def branch_roll(session: AsyncSession, branch_id: str, *, after: int, limit: int) -> list[OnRoll]:
    """Those of one branch ("": of none), in the order of names, from the `after`-th on."""
    query = select(MemberRow.id, MemberRow.name, func.coalesce(MemberRow.branch_id, ""))
    query = query.where(func.coalesce(MemberRow.branch_id, "") == branch_id, *_ON_ROLL)
    query = query.order_by(chinese_order(MemberRow.__table__.c.name), MemberRow.id).offset(after).limit(limit)
    return [OnRoll(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class FoundOnRoll(OnRoll):
    """`branch`: what it is called, None without one."""

    branch: str | None


async def roll_named(session: AsyncSession, name: str, *, branch_id: str | None, but: str, limit: int) -> list[FoundOnRoll]:
    """Those of one branch (None: of all) whose name has this in it, without one of them, in the order of names."""
    query = select(MemberRow.id, MemberRow.name, func.coalesce(MemberRow.branch_id, ""), BranchRow.name)
    query = query.outerjoin(BranchRow, BranchRow.id == MemberRow.branch_id)
    query = query.where(MemberRow.name.icontains(name, autoescape=True), MemberRow.id != but, *_ON_ROLL)
    if branch_id is not None:
        query = query.where(MemberRow.branch_id == branch_id)
    query = query.order_by(chinese_order(MemberRow.__table__.c.name), MemberRow.id).limit(limit)
    return [FoundOnRoll(*row) for row in await session.execute(query)]


async def branch_counts(session: AsyncSession) -> dict[str, int]:
    """How many there are in each branch; "" for those without one."""
    branch = func.coalesce(MemberRow.branch_id, "")
    query = select(branch, func.count()).where(*_ON_ROLL).group_by(branch)
    return {row[0]: row[1] for row in await session.execute(query)}


async def on_roll(session: AsyncSession, member_id: str) -> OnRoll | None:
    query = select(MemberRow.id, MemberRow.name, func.coalesce(MemberRow.branch_id, ""))
    found = (await session.execute(query.where(MemberRow.id == member_id, *_ON_ROLL))).one_or_none()
    return None if found is None else OnRoll(*found)


async def party_count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(MemberRow).where(*_ON_ROLL)) or 0


_ON_ROLL = (MemberRow.status != Status.EMPLOYEE.value, MemberRow.disabled_at.is_(None))
