"""Notices in the database. Every function takes the session of the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .model import NoticeKind
from .tables import NoticeRow


@dataclass(frozen=True, slots=True)
class Notice:
    """`offset` is that of its entry, which says by whom and when; `unpinned_at`: when it was taken down or replaced."""

    id: str
    broadcast_id: str
    kind: NoticeKind
    text: str
    author_id: str
    client_id: str
    offset: int = 0
    unpinned_at: datetime | None = None

    @property
    def said(self) -> tuple[str, NoticeKind, str]:
        return (self.broadcast_id, self.kind, self.text)


async def claim(session: AsyncSession, notice: Notice) -> Notice:
    """Write it, without an offset yet, unless its author has used the client_id: then what that stands for."""
    values: dict[str, Any] = {name: getattr(notice, name) for name in Notice.__slots__}
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(NoticeRow).values(**values)
    made = await session.execute(insert.on_conflict_do_nothing().returning(NoticeRow.id))
    if made.scalar_one_or_none() is not None:
        return notice
    query = select(NoticeRow).filter_by(client_id=notice.client_id, author_id=notice.author_id)
    return _notice((await session.scalars(query)).one())


async def settle(session: AsyncSession, notice_id: str, offset: int) -> None:
    await session.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(offset=offset))


async def unpin(session: AsyncSession, broadcast_id: str, at: datetime, *, other_than: str = "") -> bool:
    """Take down what is pinned in a room; gives whether anything was."""
    row = NoticeRow
    pinned = (row.broadcast_id == broadcast_id, row.kind == NoticeKind.PINNED.value, row.unpinned_at.is_(None))
    statement = update(row).where(*pinned, row.id != other_than).values(unpinned_at=at).returning(row.id)
    return bool((await session.scalars(statement)).all())


async def find(session: AsyncSession, notice_id: str) -> Notice | None:
    row = await session.get(NoticeRow, notice_id)
    return None if row is None else _notice(row)


async def newest(session: AsyncSession, broadcast_id: str, kind: NoticeKind) -> Notice | None:
    query = select(NoticeRow).filter_by(broadcast_id=broadcast_id, kind=kind.value).order_by(NoticeRow.offset.desc())
    row = await session.scalar(query.limit(1))
    return None if row is None else _notice(row)


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    await session.execute(delete(NoticeRow).where(NoticeRow.broadcast_id == broadcast_id))


async def all_of(session: AsyncSession, broadcast_id: str, *, limit: int) -> list[Notice]:
    """In order."""
    query = select(NoticeRow).filter_by(broadcast_id=broadcast_id).order_by(NoticeRow.offset).limit(limit)
    return [_notice(row) for row in await session.scalars(query)]


def _notice(row: NoticeRow) -> Notice:
    values = {name: getattr(row, name) for name in Notice.__slots__}
    return Notice(**{**values, "kind": NoticeKind(row.kind)})
