"""Activities in the database. Every function takes the session of the caller's transaction."""

import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .model import Activity, ActivityKind, ActivityState, Claim, ClaimState, Part, Plan, Seat, Topic, Way
from .tables import ActivityRow, BurdenRow, CalendarRow, ClaimRow, PartRow

_PLAN = [each.name for each in fields(Plan)]
_PARTS = cast("Table", PartRow.__table__)
_PART = [each.name for each in fields(Part)]
_CLAIM = [each.name for each in fields(Claim)]
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Lock(enum.Enum):
    """`SHARE`: nobody changes it meanwhile; `UPDATE`: nobody else holds it."""

    NONE = enum.auto()
    SHARE = enum.auto()
    UPDATE = enum.auto()


# Activities


async def add(session: AsyncSession, activity: Activity) -> None:
    session.add(ActivityRow(id=activity.id, **_values(activity)))
    await session.flush()


async def find(session: AsyncSession, activity_id: str, lock: Lock = Lock.NONE) -> Activity | None:
    query = select(ActivityRow).filter_by(id=activity_id)
    if lock is not Lock.NONE:
        query = query.with_for_update(read=lock is Lock.SHARE)
    row = await session.scalar(query)
    return None if row is None else _activity(row)


async def of_broadcast(session: AsyncSession, broadcast_id: str, states: Collection[ActivityState]) -> list[Activity]:
    """Those that are followed in its room; nobody changes them until the end of the transaction."""
    query = select(ActivityRow).where(ActivityRow.broadcast_id == broadcast_id, ActivityRow.state.in_(states))
    query = query.order_by(ActivityRow.id).with_for_update(read=True)
    return [_activity(row) for row in await session.scalars(query)]


async def save(session: AsyncSession, activity: Activity) -> None:
    await session.execute(update(ActivityRow).where(ActivityRow.id == activity.id).values(**_values(activity)))


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose list it is: `everything` for the committee's people, `runs`: the branch whose drafts are theirs to see."""

    member_id: str
    branch_id: str | None
    everything: bool
    runs: str | None


async def listed(
    session: AsyncSession, reader: Reader, since: datetime, until: datetime, *, around: datetime, limit: int, mine: bool = False
) -> list[tuple[Activity, Part | None]]:
    """What the reader may see of those that touch the time from `since` to `until`, in order: `limit` of those that are over
    at the moment `around` and as many others, the nearest to it. `mine`: only what they are expected at or have a seat in."""
    over = await _listed(session, reader, ActivityRow.ends_at <= around, since, until, limit=limit, mine=mine, back=True)
    others = await _listed(session, reader, ActivityRow.ends_at > around, since, until, limit=limit, mine=mine, back=False)
    return sorted([*over, *others], key=lambda each: (each[0].plan.starts_at, each[0].id))


async def _listed(
    session: AsyncSession,
    reader: Reader,
    which: ColumnElement[bool],
    since: datetime,
    until: datetime,
    *,
    limit: int,
    mine: bool,
    back: bool,
) -> list[tuple[Activity, Part | None]]:
    own = and_(PartRow.activity_id == ActivityRow.id, PartRow.member_id == reader.member_id)
    order = (ActivityRow.starts_at.desc(), ActivityRow.id) if back else (ActivityRow.starts_at, ActivityRow.id)
    query = (
        select(ActivityRow, PartRow)
        .outerjoin(PartRow, own)
        .where(which, ActivityRow.ends_at > since, ActivityRow.starts_at < until)
        .order_by(*order)
        .limit(limit)
    )
    if mine:
        query = query.where(or_(PartRow.expected.is_(True), PartRow.seat == Seat.GOING.value))
    if not reader.everything:
        query = query.where(_seen(reader))
    found: Any = await session.execute(query)
    return [(_activity(row), None if part is None else _part(part)) for row, part in found]


async def on_air(session: AsyncSession, reader: Reader, broadcast_id: str) -> list[Activity]:
    """Those the broadcast belongs to, as far as the reader may see them."""
    mine = and_(PartRow.activity_id == ActivityRow.id, PartRow.member_id == reader.member_id)
    query = select(ActivityRow).outerjoin(PartRow, mine).where(ActivityRow.broadcast_id == broadcast_id)
    query = query.where(ActivityRow.state != ActivityState.CANCELLED.value)
    if not reader.everything:
        query = query.where(_seen(reader))
    found = await session.scalars(query.order_by(ActivityRow.starts_at, ActivityRow.id).limit(20))
    return [_activity(row) for row in found]


def _seen(reader: Reader) -> ColumnElement[bool]:
    involved = or_(PartRow.expected.is_(True), PartRow.seat.is_not(None), PartRow.present_at.is_not(None))
    near = or_(ActivityRow.branch_id.is_(None), ActivityRow.branch_id == reader.branch_id)
    seen = and_(
        ActivityRow.state != ActivityState.DRAFT.value, or_(involved, and_(near, ActivityRow.kind != ActivityKind.TALK.value))
    )
    return seen if reader.runs is None else or_(seen, ActivityRow.branch_id == reader.runs)


# Parts


async def part(session: AsyncSession, activity_id: str, member_id: str) -> Part | None:
    row = await session.scalar(select(PartRow).filter_by(activity_id=activity_id, member_id=member_id))
    return None if row is None else _part(row)


async def hold(session: AsyncSession, activity_id: str, member_id: str) -> Part:
    """The part of a member, made if there is none; nobody else touches it until the end of the transaction."""
    values = {name: getattr(Part(activity_id, member_id), name) for name in _PART}
    statement = (
        _INSERT[session.get_bind().dialect.name](PartRow)
        .values(**values)
        .on_conflict_do_update(index_elements=["activity_id", "member_id"], set_={"withdrawn": PartRow.withdrawn})
        .returning(*_PARTS.c)
    )
    row = (await session.execute(statement)).one()
    return _part(row)


async def keep(session: AsyncSession, changed: Part) -> None:
    values = {name: getattr(changed, name) for name in _PART[2:]}
    mine = (PartRow.activity_id == changed.activity_id, PartRow.member_id == changed.member_id)
    await session.execute(update(PartRow).where(*mine).values(**values))


async def expect(session: AsyncSession, activity_id: str, members: Collection[str]) -> None:
    """Those who have nothing to do with it yet are expected from now on."""
    known = set(await session.scalars(select(PartRow.member_id).filter_by(activity_id=activity_id)))
    new = [replace(Part(activity_id, each), expected=True) for each in sorted(set(members) - known)]
    names = [column.name for column in _PARTS.columns]
    await insert_rows(session, _PARTS, [[getattr(each, name) for name in names] for each in new])


async def parts(session: AsyncSession, activity_id: str) -> list[Part]:
    """Of all who were expected, have a seat, or were there; by arrival, those who have not come last."""
    concerned = or_(PartRow.expected.is_(True), PartRow.seat.is_not(None), PartRow.present_at.is_not(None))
    concerned = or_(concerned, PartRow.absence.is_not(None))
    query = select(PartRow).where(PartRow.activity_id == activity_id, concerned)
    found = [_part(row) for row in await session.scalars(query)]
    return sorted(found, key=lambda each: (each.present_at is None, each.present_at or 0, each.turn, each.member_id))


@dataclass(frozen=True, slots=True)
class Counts:
    expected: int
    present: int
    going: int
    waiting: int


async def counts(session: AsyncSession, activity_ids: Collection[str]) -> dict[str, Counts]:
    def number(condition: ColumnElement[bool]) -> Any:
        return func.count().filter(condition)

    query = (
        select(
            PartRow.activity_id,
            number(or_(PartRow.expected.is_(True), PartRow.seat == Seat.GOING.value)),
            number(PartRow.present_at.is_not(None)),
            number(PartRow.seat == Seat.GOING.value),
            number(PartRow.seat == Seat.WAITING.value),
        )
        .where(PartRow.activity_id.in_(activity_ids))
        .group_by(PartRow.activity_id)
    )
    return {row[0]: Counts(*row[1:]) for row in await session.execute(query)}


async def latest(session: AsyncSession, activity_id: str, limit: int) -> list[Part]:
    """Who came last, the latest first."""
    query = select(PartRow).where(PartRow.activity_id == activity_id, PartRow.present_at.is_not(None))
    found = await session.scalars(query.order_by(PartRow.present_at.desc(), PartRow.member_id).limit(limit))
    return [_part(row) for row in found]


async def next_waiting(session: AsyncSession, activity_id: str, limit: int | None) -> list[Part]:
    """Whoever is there already needs no seat."""
    query = select(PartRow).filter_by(activity_id=activity_id, seat=Seat.WAITING.value, present_at=None)
    return [_part(row) for row in await session.scalars(query.order_by(PartRow.turn).limit(limit))]


async def last_turn(session: AsyncSession, activity_id: str) -> int:
    return await session.scalar(select(func.max(PartRow.turn)).filter_by(activity_id=activity_id)) or 0


# Claims and burdens


async def claim(session: AsyncSession, wanted: Claim) -> Claim:
    """Write it, or give the one there is."""
    insert = _INSERT[session.get_bind().dialect.name](ClaimRow).values({name: getattr(wanted, name) for name in _CLAIM})
    await session.execute(insert.on_conflict_do_nothing())
    kept = await find_claim(session, wanted.activity_id, wanted.member_id)
    return kept or wanted


async def find_claim(session: AsyncSession, activity_id: str, member_id: str, *, lock: bool = False) -> Claim | None:
    query = select(ClaimRow).filter_by(activity_id=activity_id, member_id=member_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else _claim(row)


async def claims(session: AsyncSession, activity_id: str) -> list[Claim]:
    query = select(ClaimRow).filter_by(activity_id=activity_id).order_by(ClaimRow.claimed_at, ClaimRow.member_id)
    return [_claim(row) for row in await session.scalars(query)]


async def settle(session: AsyncSession, decided: Claim) -> None:
    values = {name: getattr(decided, name) for name in _CLAIM[2:]}
    mine = (ClaimRow.activity_id == decided.activity_id, ClaimRow.member_id == decided.member_id)
    await session.execute(update(ClaimRow).where(*mine).values(**values))


async def complain(session: AsyncSession, activity_id: str, member_id: str, at: datetime) -> None:
    insert = _INSERT[session.get_bind().dialect.name](BurdenRow)
    await session.execute(insert.values(activity_id=activity_id, member_id=member_id, at=at).on_conflict_do_nothing())


async def complains(session: AsyncSession, activity_id: str, member_id: str) -> bool:
    query = select(exists().where(BurdenRow.activity_id == activity_id, BurdenRow.member_id == member_id))
    return bool(await session.scalar(query))


async def burdens(session: AsyncSession, until: datetime, limit: int) -> Sequence[tuple[Activity, int, datetime]]:
    """By activity how many found it too much before `until`, and when the last one said so, the newest first."""
    many, last = func.count().label("many"), func.max(BurdenRow.at).label("last")
    said = select(BurdenRow.activity_id, many, last).where(BurdenRow.at < until)
    counted = said.group_by(BurdenRow.activity_id).subquery()
    query = select(ActivityRow, counted.c.many, counted.c.last).join(counted, counted.c.activity_id == ActivityRow.id)
    found = await session.execute(query.order_by(counted.c.last.desc(), ActivityRow.id).limit(limit))
    return [(_activity(row), many, at) for row, many, at in found]


# Calendars


async def calendar_serial(session: AsyncSession, member_id: str) -> int:
    return await session.scalar(select(CalendarRow.serial).filter_by(member_id=member_id)) or 0


async def renew_calendar(session: AsyncSession, member_id: str) -> int:
    insert = _INSERT[session.get_bind().dialect.name](CalendarRow).values(member_id=member_id, serial=1)
    more = insert.on_conflict_do_update(index_elements=["member_id"], set_={"serial": CalendarRow.serial + 1})
    return int((await session.execute(more.returning(CalendarRow.serial))).scalar_one())


# Inside


def _values(activity: Activity) -> dict[str, Any]:
    own = ("state", "created_by", "created_at", "revision", "opened_at", "closed_at")
    return {name: getattr(activity.plan, name) for name in _PLAN} | {name: getattr(activity, name) for name in own}


def _activity(row: ActivityRow) -> Activity:
    values = {name: getattr(row, name) for name in _PLAN}
    plan = Plan(**{**values, "kind": ActivityKind(row.kind), "topic": None if row.topic is None else Topic(row.topic)})
    state = ActivityState(row.state)
    return Activity(row.id, plan, state, row.created_by, row.created_at, row.revision, row.opened_at, row.closed_at)


def _part(row: Any) -> Part:
    values = {name: getattr(row, name) for name in _PART}
    seat, way = values["seat"], values["way"]
    return Part(**{**values, "seat": None if seat is None else Seat(seat), "way": None if way is None else Way(way)})


def _claim(row: ClaimRow) -> Claim:
    values = {name: getattr(row, name) for name in _CLAIM}
    return Claim(**{**values, "state": ClaimState(row.state)})
