"""The journal in the database. Every function takes the session of the caller's transaction.

Offsets are taken by raising the channel's head. That holds the channel's row until the commit, so whoever comes next on the
same channel gets the following offsets and commits later: offsets become visible in their order and without gaps.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..bulk import insert_rows
from ..ids import new_id
from .heads import raised
from .model import Author, Draft, Entry, Position
from .tables import ChannelRow, EntryRow

_TABLE = cast("Table", EntryRow.__table__)


async def append(session: AsyncSession, drafts: Sequence[Draft], now: datetime) -> list[Entry]:
    """Give every draft its offset and write it; the answer is in the order of `drafts`."""
    counts: dict[str, int] = {}
    for draft in drafts:
        counts[draft.channel] = counts.get(draft.channel, 0) + 1
    if not drafts:
        return []
    heads = await raised(session, counts)
    following = {name: heads[name] - count + 1 for name, count in counts.items()}
    entries = []
    for draft in drafts:
        offset = following[draft.channel]
        following[draft.channel] = offset + 1
        entries.append(Entry(draft.channel, offset, draft.type, now, draft.data, draft.by, draft.media_at))
    await insert_rows(session, _TABLE, [_values(entry) for entry in entries])
    return entries


async def read(session: AsyncSession, channel: str, *, after: int, limit: int) -> list[Entry]:
    """Entries with offsets above `after`, in order."""
    row = EntryRow.__table__.c
    query = select(row.offset, row.type, row.at, row.media_at, row.by, row.data)
    query = query.where(row.channel == channel, row.offset > after).order_by(row.offset).limit(limit)
    return [_entry(channel, values) for values in await session.execute(query)]


async def redact(session: AsyncSession, channel: str, offset: int, data: Mapping[str, Any]) -> None:
    """Put `data` in the place of what an entry said, and nobody in the place of its author."""
    row = EntryRow.__table__.c
    statement = update(_TABLE).where(row.channel == channel, row.offset == offset)
    await session.execute(statement.values(data=to_json(data).decode(), by=None))


async def purge(session: AsyncSession, channel: str) -> None:
    await session.execute(delete(_TABLE).where(EntryRow.__table__.c.channel == channel))
    await session.execute(update(ChannelRow).where(ChannelRow.name == channel).values(epoch=new_id()))


async def newest(session: AsyncSession, channel: str, kind: str, *, limit: int, before: int | None = None) -> list[Entry]:
    """The last `limit` entries of one type, in order; with `before` of those with offsets below it."""
    row = EntryRow.__table__.c
    query = select(row.offset, row.type, row.at, row.media_at, row.by, row.data)
    query = query.where(row.channel == channel, row.type == kind).order_by(row.offset.desc()).limit(limit)
    if before is not None:
        query = query.where(row.offset < before)
    found = [_entry(channel, values) for values in await session.execute(query)]
    found.reverse()
    return found


async def of_type(session: AsyncSession, channel: str, kind: str, *, after: int, upto: int) -> list[Entry]:
    """Entries of one type above `after` and up to `upto`, in order."""
    row = EntryRow.__table__.c
    query = select(row.offset, row.type, row.at, row.media_at, row.by, row.data)
    query = query.where(row.channel == channel, row.offset > after, row.offset <= upto, row.type == kind)
    return [_entry(channel, values) for values in await session.execute(query.order_by(row.offset))]


async def moments(session: AsyncSession, channel: str, kind: str, *, after: int, upto: int) -> list[tuple[int, datetime]]:
    """Offsets of one type above `after` and up to `upto`, in order, with the moments they belong to."""
    row = EntryRow.__table__.c
    query = select(row.offset, row.media_at).where(row.channel == channel, row.offset > after, row.offset <= upto)
    found = await session.execute(query.where(row.type == kind, row.media_at.is_not(None)).order_by(row.offset))
    return [(offset, at) for offset, at in found]


async def at_offsets(session: AsyncSession, channel: str, offsets: Collection[int]) -> dict[int, Entry]:
    """The entries of these offsets, by them. Some hundred at most."""
    row = EntryRow.__table__.c
    query = select(row.offset, row.type, row.at, row.media_at, row.by, row.data)
    query = query.where(row.channel == channel, row.offset.in_(offsets))
    return {values[0]: _entry(channel, values) for values in await session.execute(query)}


async def position(session: AsyncSession, channel: str) -> Position:
    return (await positions(session, [channel])).get(channel, Position())


async def positions(session: AsyncSession, channels: Iterable[str]) -> dict[str, Position]:
    """Those of the channels that anything was ever written to."""
    query = select(ChannelRow.name, ChannelRow.epoch, ChannelRow.head).where(ChannelRow.name.in_(list(channels)))
    return {name: Position(epoch, head) for name, epoch, head in await session.execute(query)}


async def renew_epochs(session: AsyncSession) -> None:
    """One for all channels; an epoch needs to differ from the others of its own channel only."""
    await session.execute(update(ChannelRow).values(epoch=new_id()))


def _values(entry: Entry) -> tuple[object, ...]:
    """In the order of the columns."""
    by = None if entry.by is None else to_json(entry.by.wire()).decode()
    return (entry.channel, entry.offset, entry.type, entry.at, entry.media_at, by, to_json(entry.data).decode())


def _entry(channel: str, values: Row[int, str, datetime, datetime | None, str | None, str]) -> Entry:
    offset, kind, at, media_at, by, data = values
    return Entry(channel, offset, kind, at, from_json(data), _author(by), media_at)


def _author(text: str | None) -> Author | None:
    return None if text is None else Author(**from_json(text))
