"""Comments in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple, cast

from sqlalchemy import ARRAY, String, Table, any_, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .tables import CommentRow, LastCommentRow, RemovedCommentRow

_TABLE = cast("Table", CommentRow.__table__)


class Kept(NamedTuple):  # made in half the time of a frozen dataclass, for each comment
    """What is remembered of a comment that was written. `offset` is 0 while it is held, and for good if it was never said."""

    id: str
    broadcast_id: str
    offset: int
    author_id: str
    client_id: str
    digest: str

    @property
    def said(self) -> bool:
        return self.offset > 0


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed, by whom, by whose right (see `broadcasts.Remover`) and for what reason."""

    comment_id: str
    at: datetime
    by_id: str
    why: str
    reason: str
    text: str


async def add(session: AsyncSession, comments: Sequence[Kept]) -> None:
    """Raise IntegrityError if one of them was written before."""
    await insert_rows(session, _TABLE, [_values(each) for each in comments])


async def written(session: AsyncSession, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
    """Those of the (author, client_id) pairs that were written before."""
    row = CommentRow.__table__.c
    query = select(row.id, row.broadcast_id, row.offset, row.author_id, row.client_id, row.digest)
    # By the client ids alone, which are as good as unique: SQLite would go through the whole table for pairs.
    client_ids = [client_id for _, client_id in keys]
    if session.get_bind().dialect.name == "postgresql":
        # One parameter whatever their number, so that the statement is prepared and planned once.
        query = query.where(row.client_id == any_(literal(client_ids, ARRAY(String))))
    else:
        query = query.where(row.client_id.in_(client_ids))
    wanted = set(keys)
    found = [Kept(*values) for values in await session.execute(query)]
    return {(each.author_id, each.client_id): each for each in found if (each.author_id, each.client_id) in wanted}


async def find(session: AsyncSession, comment_id: str, *, lock: bool = False) -> Kept | None:
    """`lock`: and keep others from deciding on it meanwhile."""
    row = CommentRow.__table__.c
    query = select(row.id, row.broadcast_id, row.offset, row.author_id, row.client_id, row.digest).where(row.id == comment_id)
    found = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if found is None else Kept(*found)


async def set_offset(session: AsyncSession, comment_id: str, offset: int) -> None:
    """What was held has been said."""
    await session.execute(update(_TABLE).where(_TABLE.c.id == comment_id).values(offset=offset))


async def move_on(session: AsyncSession, broadcast_id: str, author_id: str, now: datetime, gap: timedelta) -> bool:
    """Note that somebody writes now, unless they have written less than `gap` ago. Holds the row until the commit."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(LastCommentRow).values(broadcast_id=broadcast_id, author_id=author_id, at=now)
    moved = statement.on_conflict_do_update(
        index_elements=[LastCommentRow.broadcast_id, LastCommentRow.author_id],
        set_={"at": now},
        where=LastCommentRow.at <= now - gap,
    )
    return (await session.execute(moved.returning(LastCommentRow.author_id))).first() is not None


async def last_at(session: AsyncSession, broadcast_id: str, author_id: str) -> datetime | None:
    """When somebody last wrote in a slow room."""
    query = select(LastCommentRow.at).where(LastCommentRow.broadcast_id == broadcast_id, LastCommentRow.author_id == author_id)
    found: datetime | None = await session.scalar(query)
    return found


async def removals(session: AsyncSession, ids: Collection[str]) -> dict[str, tuple[Removed, str]]:
    """Those of the comments that were removed, each with its author's id."""
    query = (
        select(RemovedCommentRow, CommentRow.author_id)
        .join(CommentRow, CommentRow.id == RemovedCommentRow.comment_id)
        .where(RemovedCommentRow.comment_id.in_(ids))
    )
    return {
        row.comment_id: (Removed(row.comment_id, row.at, row.by_id, row.why, row.reason, row.text), author_id)
        for row, author_id in await session.execute(query)
    }


async def is_removed(session: AsyncSession, comment_id: str) -> bool:
    return await session.get(RemovedCommentRow, comment_id) is not None


def note_removed(session: AsyncSession, removed: Removed) -> None:
    session.add(RemovedCommentRow(**asdict(removed)))


async def authors(session: AsyncSession, broadcast_id: str) -> tuple[int, set[str]]:
    """How many comments were posted, those taken back since included, and by whom; not what was held and never shown."""
    query = select(CommentRow.author_id, func.count()).where(CommentRow.broadcast_id == broadcast_id, CommentRow.offset > 0)
    found = (await session.execute(query.group_by(CommentRow.author_id))).all()
    return sum(count for _, count in found), {author for author, _ in found}


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    """Delete all comments of a broadcast, the words of removed ones with them."""
    await session.execute(delete(CommentRow).where(CommentRow.broadcast_id == broadcast_id))
    await session.execute(delete(LastCommentRow).where(LastCommentRow.broadcast_id == broadcast_id))


_values = attrgetter(*(column.name for column in _TABLE.columns))
