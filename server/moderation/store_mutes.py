"""Mutes in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from .model import Mute
from .tables import MuteRow


def _holds(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (MuteRow.lifted_at.is_(None), or_(MuteRow.until.is_(None), MuteRow.until > now))


async def holding(session: AsyncSession, now: datetime) -> list[Mute]:
    """All that hold now, anywhere."""
    return _mutes(await session.scalars(select(MuteRow).where(*_holds(now)).order_by(MuteRow.id)))


async def page(session: AsyncSession, scope: str | None, now: datetime, *, after: str | None, limit: int) -> list[Mute]:
    """Those that hold in one room alone, or (`scope` None) everywhere; the newest first."""
    where = MuteRow.scope.is_(None) if scope is None else MuteRow.scope == scope
    query = select(MuteRow).where(where, *_holds(now)).order_by(MuteRow.id.desc()).limit(limit)
    if after is not None:
        query = query.where(MuteRow.id < after)
    return _mutes(await session.scalars(query))


async def not_lifted(session: AsyncSession, *, scope: str | None = None, member_id: str | None = None) -> list[Mute]:
    """Of one room, or of one person: what was never lifted, whether its time is over or not."""
    query = select(MuteRow).where(MuteRow.lifted_at.is_(None)).order_by(MuteRow.id)
    if scope is not None:
        query = query.where(MuteRow.scope == scope)
    if member_id is not None:
        query = query.where(MuteRow.member_id == member_id)
    return _mutes(await session.scalars(query))


async def of_scope(session: AsyncSession, scope: str) -> list[Mute]:
    """All there ever were in one room."""
    return _mutes(await session.scalars(select(MuteRow).where(MuteRow.scope == scope).order_by(MuteRow.id)))


async def drop(session: AsyncSession, scope: str) -> list[str]:
    """Delete all of a room; gives whom they were about."""
    members = list(await session.scalars(select(MuteRow.member_id).where(MuteRow.scope == scope).distinct()))
    await session.execute(delete(MuteRow).where(MuteRow.scope == scope))
    return members


async def find(session: AsyncSession, mute_id: str, *, lock: bool = False) -> Mute | None:
    row = await session.get(MuteRow, mute_id, with_for_update=True if lock else None)
    return None if row is None else _mute(row)


async def of_member(session: AsyncSession, member_id: str, scope: str | None) -> list[Mute]:
    """What was not lifted, of one person in exactly this place."""
    where = MuteRow.scope.is_(None) if scope is None else MuteRow.scope == scope
    query = select(MuteRow).where(MuteRow.member_id == member_id, where, MuteRow.lifted_at.is_(None)).order_by(MuteRow.id)
    return _mutes(await session.scalars(query))


async def save(session: AsyncSession, mute: Mute) -> None:
    await session.merge(
        MuteRow(
            id=mute.id,
            scope=mute.scope,
            member_id=mute.member_id,
            member_name=mute.member_name,
            reason=mute.reason,
            at=mute.at,
            by_id=mute.by_id,
            by_name=mute.by_name,
            until=mute.until,
            lifted_at=mute.lifted_at,
            lifted_by=mute.lifted_by,
        )
    )
    await session.flush()


def _mutes(rows: Iterable[MuteRow]) -> list[Mute]:
    return [_mute(row) for row in rows]


def _mute(row: MuteRow) -> Mute:
    return Mute(
        id=row.id,
        scope=row.scope,
        member_id=row.member_id,
        member_name=row.member_name,
        reason=row.reason,
        at=row.at,
        by_id=row.by_id,
        by_name=row.by_name,
        until=row.until,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )
