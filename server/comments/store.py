"""Comments in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from .tables import CommentRow


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a comment that was written."""

    id: str
    broadcast_id: str
    offset: int
    author_id: str
    client_id: str
    digest: str


async def add(session: AsyncSession, comments: Sequence[Kept]) -> None:
    if comments:
        names = Kept.__dataclass_fields__
        await session.execute(insert(CommentRow), [{name: getattr(each, name) for name in names} for each in comments])


async def written(session: AsyncSession, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
    """Those of the (author, client_id) pairs that were written before."""
    row = CommentRow.__table__.c
    query = select(row.id, row.broadcast_id, row.offset, row.author_id, row.client_id, row.digest)
    query = query.where(row.author_id.in_({key[0] for key in keys}), row.client_id.in_({key[1] for key in keys}))
    wanted = set(keys)
    found = [Kept(*values) for values in await session.execute(query)]
    return {(each.author_id, each.client_id): each for each in found if (each.author_id, each.client_id) in wanted}
