"""Broadcasts in the database. Every function takes the session of the caller's transaction; rows never leave this file.

A list is read by key, not by number: a page begins after the last row of the one before, so that rows which come or go in
between are neither shown twice nor skipped. Lists of what is still to come run from the soonest, all others from the newest.
Nobody tidies up broadcasts that never went on air: their hosts may still hold them. A list of what is to come is asked for
without the overdue ones, or the oldest would fill its first page for ever.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, cast, delete, exists, or_, select, true, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.errors import Invalid
from ..core.ids import is_id
from .limits import MAX_MINUTES
from .model import BEFORE_AIR, ON_AIR, Broadcast, CommentMode, Orientation, Publisher, Recording, State, Visibility
from .tables import BroadcastRow, PublisherRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1) // _MICROSECOND
_UNSETTLED = (Recording.PREPARING, Recording.DISCARDING)
_PLAIN = [field.name for field in fields(Broadcast) if field.name != "publishers"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which broadcasts a list may hold. `everything` is for moderators; `member_id` also gives what one sends oneself."""

    visibilities: frozenset[Visibility]
    member_id: str | None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; every part that is given leaves something out."""

    states: frozenset[State] = frozenset()  # all
    mine: bool = False  # only what the member of the scope sends
    published: bool = False  # only published replays
    ends_since: datetime | None = None  # of what never went on air, only what was planned to end later

    @property
    def to_come(self) -> bool:
        return bool(self.states) and self.states <= BEFORE_AIR


async def add(session: AsyncSession, broadcast: Broadcast) -> None:
    session.add(BroadcastRow(host_id=broadcast.host_id, **{name: getattr(broadcast, name) for name in _PLAIN}))
    await session.flush()  # the publishers refer to it
    session.add_all(_publisher_rows(broadcast))


async def load(session: AsyncSession, broadcast_id: str, *, lock: bool = False) -> Broadcast | None:
    """`lock` holds the row until the end of the transaction (PostgreSQL; on SQLite the transaction itself is the lock). Rows
    that refer to it can be written meanwhile: comments take the channel first and then refer, changes the other way round."""
    query = select(BroadcastRow).filter_by(id=broadcast_id)
    row = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    return None if row is None else (await _complete(session, [row]))[0]


async def save(session: AsyncSession, before: Broadcast, after: Broadcast) -> None:
    """Write what differs."""
    row = await session.get_one(BroadcastRow, before.id)
    for name in _PLAIN:
        if (value := getattr(after, name)) != getattr(before, name):
            setattr(row, name, value)
    if after.publishers != before.publishers:
        await session.execute(delete(PublisherRow).filter_by(broadcast_id=before.id))
        session.add_all(_publisher_rows(after))


async def raise_peaks(session: AsyncSession, most: Mapping[str, int]) -> None:
    """In one order, so that two processes never wait for each other."""
    for broadcast_id, viewers in sorted(most.items()):
        fewer = (BroadcastRow.id == broadcast_id, BroadcastRow.peak_viewers < viewers)
        await session.execute(update(BroadcastRow).where(*fewer).values(peak_viewers=viewers))


def any_on_air() -> ColumnElement[bool]:
    """For the pulse."""
    return exists().where(BroadcastRow.state.in_(ON_AIR))


def any_under_way() -> ColumnElement[bool]:
    """What the director compares: see `in_states` and `unsettled`."""
    unsettled = BroadcastRow.recording.in_(_UNSETTLED)
    return exists().where(BroadcastRow.state.in_((State.REHEARSAL, *ON_AIR))) | exists().where(unsettled)


async def in_states(session: AsyncSession, states: Collection[State]) -> list[Broadcast]:
    rows = await session.scalars(select(BroadcastRow).where(BroadcastRow.state.in_(states)).order_by(BroadcastRow.id))
    return await _complete(session, rows.all())


async def unsettled(session: AsyncSession) -> list[Broadcast]:
    """Those whose recording is not complete yet, or not removed yet."""
    unsettled = BroadcastRow.recording.in_(_UNSETTLED)
    rows = await session.scalars(select(BroadcastRow).where(unsettled).order_by(BroadcastRow.id))
    return await _complete(session, rows.all())


async def by_ids(session: AsyncSession, ids: Iterable[str]) -> list[Broadcast]:
    rows = await session.scalars(select(BroadcastRow).where(BroadcastRow.id.in_(list(ids))).order_by(BroadcastRow.id))
    return await _complete(session, rows.all())


async def page(
    session: AsyncSession, scope: Scope, wanted: Wanted, *, after: str | None, limit: int
) -> tuple[list[Broadcast], str | None]:
    """One page and the cursor of the next. Raise Invalid `cursor_invalid`."""
    at, key = BroadcastRow.starts_at, BroadcastRow.id
    query = select(BroadcastRow).where(_within(scope, wanted.states, mine=wanted.mine), *_narrowed(wanted)).limit(limit + 1)
    query = query.order_by(at.asc(), key.asc()) if wanted.to_come else query.order_by(at.desc(), key.desc())
    if after is not None:
        last_at, last_id = _cursor_read(after)
        further = or_(at > last_at, and_(at == last_at, key > last_id))
        back = or_(at < last_at, and_(at == last_at, key < last_id))
        query = query.where(further if wanted.to_come else back)
    rows = (await session.scalars(query)).all()
    following = _cursor(rows[limit - 1]) if len(rows) > limit else None
    return await _complete(session, rows[:limit]), following


async def said_before(session: AsyncSession, moment: datetime) -> list[Broadcast]:
    query = select(BroadcastRow).where(BroadcastRow.ended_at <= moment, BroadcastRow.purged_at.is_(None))
    return await _complete(session, (await session.scalars(query.order_by(BroadcastRow.id))).all())


def _within(scope: Scope, states: frozenset[State], *, mine: bool) -> ColumnElement[bool]:
    own = exists().where(PublisherRow.broadcast_id == BroadcastRow.id, PublisherRow.member_id == (scope.member_id or ""))
    if mine:
        return and_(own, _in_states(states))
    if scope.everything:
        return _in_states(states)
    # To those who only watch, a rehearsal is a broadcast that is scheduled.
    seen = states - {State.REHEARSAL} | ({State.REHEARSAL} if State.SCHEDULED in states else set())
    shown = BroadcastRow.visibility.in_(scope.visibilities)
    others = and_(shown, _in_states(seen)) if seen or not states else None
    parts = [part for part in (others, and_(own, _in_states(states)) if scope.member_id else None) if part is not None]
    return or_(*parts) if parts else ~true()


def _narrowed(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.published:
        yield and_(BroadcastRow.replay_published, BroadcastRow.recording == Recording.SEALED)
    if wanted.ends_since is not None:
        # Times are kept as microseconds; minutes are 32 bits wide on PostgreSQL, too few to multiply in.
        planned_end = type_coerce(BroadcastRow.starts_at, BigInteger) + cast(BroadcastRow.minutes_planned, BigInteger) * _MINUTE
        later = planned_end >= (wanted.ends_since - _EPOCH) // _MICROSECOND
        in_index = BroadcastRow.starts_at >= wanted.ends_since - timedelta(minutes=MAX_MINUTES)  # implied by the other
        yield and_(in_index, later) if wanted.to_come else or_(BroadcastRow.state.not_in(BEFORE_AIR), later)


def _in_states(states: frozenset[State]) -> ColumnElement[bool]:
    return BroadcastRow.state.in_(states) if states else true()


async def _complete(session: AsyncSession, rows: Sequence[BroadcastRow]) -> list[Broadcast]:
    publishers: dict[str, list[Publisher]] = {row.id: [] for row in rows}
    query = select(PublisherRow).where(PublisherRow.broadcast_id.in_(publishers)).order_by(PublisherRow.position)
    for row in await session.scalars(query) if publishers else ():
        publishers[row.broadcast_id].append(Publisher(row.member_id, row.token_version))
    return [_broadcast(row, tuple(publishers[row.id])) for row in rows]


def _broadcast(row: BroadcastRow, publishers: tuple[Publisher, ...]) -> Broadcast:
    values = {name: getattr(row, name) for name in _PLAIN}
    values["state"] = State(row.state)
    values["visibility"] = Visibility(row.visibility)
    values["comment_mode"] = CommentMode(row.comment_mode)
    values["orientation"] = Orientation(row.orientation)
    values["recording"] = Recording(row.recording)
    return Broadcast(publishers=publishers, **values)


def _publisher_rows(broadcast: Broadcast) -> list[PublisherRow]:
    return [
        PublisherRow(broadcast_id=broadcast.id, member_id=each.member_id, position=position, token_version=each.token_version)
        for position, each in enumerate(broadcast.publishers)
    ]


def _cursor(row: BroadcastRow) -> str:
    text = f"{(row.starts_at - _EPOCH) // _MICROSECOND}.{row.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _cursor_read(text: str) -> tuple[datetime, str]:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        micros, broadcast_id = plain.split(".", 1)
        if not is_id(broadcast_id):
            raise ValueError("not an id")
        return _EPOCH + int(micros) * _MICROSECOND, broadcast_id
    except (binascii.Error, ValueError, OverflowError) as error:
        raise Invalid("cursor_invalid", "翻页参数不正确") from error
