"""Watch time in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Mapping

from pydantic_core import from_json, to_json
from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .tables import WatchRow
from .watched import Intervals, Watched

Key = tuple[str, str]
"""Broadcast and member."""


async def read(session: AsyncSession, broadcast_id: str, member_id: str) -> Watched:
    row = await session.get(WatchRow, (broadcast_id, member_id))
    return Watched() if row is None else _watched(row)


async def hold(session: AsyncSession, keys: Collection[Key]) -> dict[Key, Watched]:
    """What there is, made where there is nothing; nobody else adds to it until the end of the transaction."""
    found = await _held(session, keys)
    if missing := sorted(set(keys) - found.keys()):
        rows = [{"broadcast_id": broadcast, "member_id": member, "media": "[]", "wall": "[]"} for broadcast, member in missing]
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await session.execute(insert(WatchRow).values(rows).on_conflict_do_nothing())
        found |= await _held(session, missing)
    return found


async def save(session: AsyncSession, kept: Mapping[Key, Watched]) -> None:
    rows = [
        {"broadcast_id": broadcast, "member_id": member, "media": _text(each.media), "wall": _text(each.wall)}
        for (broadcast, member), each in sorted(kept.items())
    ]
    await session.execute(update(WatchRow), rows)


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    await session.execute(delete(WatchRow).where(WatchRow.broadcast_id == broadcast_id))


async def _held(session: AsyncSession, keys: Collection[Key]) -> dict[Key, Watched]:
    query = select(WatchRow).where(tuple_(WatchRow.broadcast_id, WatchRow.member_id).in_(list(keys)))
    query = query.order_by(WatchRow.broadcast_id, WatchRow.member_id).with_for_update()
    return {(row.broadcast_id, row.member_id): _watched(row) for row in await session.scalars(query)}


def _watched(row: WatchRow) -> Watched:
    return Watched(_intervals(row.media), _intervals(row.wall))


def _intervals(text: str) -> Intervals:
    return tuple((start, end) for start, end in from_json(text))


def _text(intervals: Intervals) -> str:
    return to_json(intervals).decode()
