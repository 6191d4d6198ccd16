"""The roll of Party members, for features that go through all of them in transactions of their own."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

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


async def party_count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(MemberRow).where(*_ON_ROLL)) or 0


_ON_ROLL = (MemberRow.status != Status.EMPLOYEE.value, MemberRow.disabled_at.is_(None))
