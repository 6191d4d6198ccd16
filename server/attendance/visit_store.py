"""Visits in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.db import UtcDateTime
from .tables import VisitRow

# One statement for many people: with a row for each, a full house that comes at once would hold everybody up.
_SEE_POSTGRES = """
    INSERT INTO room_visits (broadcast_id, member_id, joined_at, seen_at)
    SELECT $1::varchar, member, $2::bigint, $2::bigint FROM unnest($3::varchar[]) AS member
    ON CONFLICT (broadcast_id, member_id) DO UPDATE SET seen_at = greatest(room_visits.seen_at, excluded.seen_at)
"""  # unnest keeps the order
_SEE_SQLITE = """
    INSERT INTO room_visits (broadcast_id, member_id, joined_at, seen_at)
    SELECT ?1, value, ?2, ?2 FROM json_each(?3) WHERE true
    ON CONFLICT (broadcast_id, member_id) DO UPDATE SET seen_at = max(room_visits.seen_at, excluded.seen_at)
"""  # without the WHERE its parser takes ON for the condition of a join


@dataclass(frozen=True, slots=True)
class Visit:
    """From when to when somebody was in a room, as far as was seen."""

    broadcast_id: str
    member_id: str
    joined_at: datetime
    seen_at: datetime


async def see(session: AsyncSession, broadcast_id: str, members: Sequence[str], at: datetime) -> None:
    """Members in the order of their ids. The first coming stays; the last sight is the later one."""
    connection = await session.connection()
    moment = UtcDateTime().process_bind_param(at, connection.dialect)
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(_SEE_POSTGRES, (broadcast_id, moment, list(members)))
    else:
        await connection.exec_driver_sql(_SEE_SQLITE, (broadcast_id, moment, to_json(list(members)).decode()))


async def of_broadcast(session: AsyncSession, broadcast_id: str) -> dict[str, Visit]:
    """By member."""
    rows = await session.scalars(select(VisitRow).filter_by(broadcast_id=broadcast_id))
    return {row.member_id: Visit(row.broadcast_id, row.member_id, row.joined_at, row.seen_at) for row in rows}


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    await session.execute(delete(VisitRow).where(VisitRow.broadcast_id == broadcast_id))
