"""Visits in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .tables import VisitRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Visit:
    """From when to when somebody was in a room, as far as was seen."""

    broadcast_id: str
    member_id: str
    joined_at: datetime
    seen_at: datetime


async def see(session: AsyncSession, visits: Sequence[Visit]) -> None:
    """In the order of their keys. The first coming stays; the last sight is the later one."""
    insert = _INSERT[session.get_bind().dialect.name](VisitRow)
    later = case((insert.excluded.seen_at > VisitRow.seen_at, insert.excluded.seen_at), else_=VisitRow.seen_at)
    statement = insert.on_conflict_do_update(index_elements=["broadcast_id", "member_id"], set_={"seen_at": later})
    await session.execute(statement, [asdict(each) for each in visits])


async def of_broadcast(session: AsyncSession, broadcast_id: str) -> dict[str, Visit]:
    """By member."""
    rows = await session.scalars(select(VisitRow).filter_by(broadcast_id=broadcast_id))
    return {row.member_id: Visit(row.broadcast_id, row.member_id, row.joined_at, row.seen_at) for row in rows}


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    await session.execute(delete(VisitRow).where(VisitRow.broadcast_id == broadcast_id))
