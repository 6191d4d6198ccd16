"""Webhooks in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .model import Attempt, Delivery, DeliveryState, Endpoint, EndpointState, Outcome, PauseReason
from .tables import AttemptRow, CursorRow, DeliveryRow, EndpointRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_SAME = [each.name for each in fields(Endpoint) if each.name not in ("events", "state", "reason")]
_OF_DELIVERY = [each.name for each in fields(Delivery) if each.name != "state"]

# Endpoints


def add(session: AsyncSession, endpoint: Endpoint) -> None:
    row = {name: getattr(endpoint, name) for name in _SAME}
    session.add(EndpointRow(**row, events=_events(endpoint.events), state=endpoint.state.value, reason=None, lease_owner=""))


async def endpoint(session: AsyncSession, endpoint_id: str, *, lock: bool = False) -> Endpoint | None:
    row = await session.get(EndpointRow, endpoint_id, with_for_update=lock or None)
    return None if row is None else _endpoint(row)


async def endpoints(session: AsyncSession) -> list[Endpoint]:
    return [_endpoint(row) for row in await session.scalars(select(EndpointRow).order_by(EndpointRow.id))]


async def change(session: AsyncSession, endpoint_id: str, **values: Any) -> None:
    if "events" in values:
        values["events"] = _events(values["events"])
    await session.execute(update(EndpointRow).where(EndpointRow.id == endpoint_id).values(**values))


async def remove(session: AsyncSession, endpoint_id: str) -> None:
    for table in (AttemptRow, DeliveryRow, CursorRow):
        await session.execute(delete(table).where(table.endpoint_id == endpoint_id))
    await session.execute(delete(EndpointRow).where(EndpointRow.id == endpoint_id))


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int = 0
    dead: int = 0


async def counts(session: AsyncSession, ids: Collection[str]) -> dict[str, Counts]:
    query = (
        select(DeliveryRow.endpoint_id, DeliveryRow.state, func.count())
        .where(DeliveryRow.endpoint_id.in_(ids), DeliveryRow.state != DeliveryState.DELIVERED)
        .group_by(DeliveryRow.endpoint_id, DeliveryRow.state)
    )
    found: dict[str, dict[str, int]] = {each: {} for each in ids}
    for endpoint_id, state, number in await session.execute(query):
        found[endpoint_id][state] = number
    return {each: Counts(**by) for each, by in found.items()}


# The lease


def any_active() -> ColumnElement[bool]:
    return exists().where(EndpointRow.state == EndpointState.ACTIVE)


async def free_or_own(session: AsyncSession, owner: str, now: datetime) -> list[str]:
    """The active endpoints that `owner` may take or has."""
    free = or_(EndpointRow.lease_owner == owner, EndpointRow.lease_until.is_(None), EndpointRow.lease_until < now)
    return list(await session.scalars(select(EndpointRow.id).where(EndpointRow.state == EndpointState.ACTIVE, free)))


async def take(session: AsyncSession, endpoint_id: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take or keep the lease; whether it is `owner`'s now. Nobody else changes the endpoint before the transaction ends."""
    row = EndpointRow
    free = or_(row.lease_owner == owner, row.lease_until.is_(None), row.lease_until < now)
    taken = update(row).where(row.id == endpoint_id, row.state == EndpointState.ACTIVE, free)
    found = await session.scalars(taken.values(lease_owner=owner, lease_until=until).returning(row.id))
    return found.first() is not None


async def release(session: AsyncSession, owner: str) -> None:
    values = {"lease_owner": "", "lease_until": None}
    await session.execute(update(EndpointRow).where(EndpointRow.lease_owner == owner).values(**values))


# Cursors


async def cursors(session: AsyncSession, endpoint_id: str) -> dict[str, int]:
    rows = await session.scalars(select(CursorRow).filter_by(endpoint_id=endpoint_id))
    return {row.stream: row.number for row in rows}


async def move(session: AsyncSession, endpoint_id: str, numbers: Mapping[str, int]) -> None:
    if not numbers:
        return
    insert = _INSERT[session.get_bind().dialect.name](CursorRow)
    rows = [{"endpoint_id": endpoint_id, "stream": stream, "number": number} for stream, number in sorted(numbers.items())]
    await session.execute(
        insert.values(rows).on_conflict_do_update(
            index_elements=[CursorRow.endpoint_id, CursorRow.stream], set_={"number": insert.excluded.number}
        )
    )


# Deliveries


async def add_deliveries(session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
    """An event that an endpoint has already is left as it is."""
    if not deliveries:
        return
    insert = _INSERT[session.get_bind().dialect.name](DeliveryRow)
    rows = [{name: getattr(each, name) for name in _OF_DELIVERY} | {"state": each.state.value} for each in deliveries]
    await session.execute(insert.on_conflict_do_nothing(index_elements=["endpoint_id", "event_id"]), rows)


async def waiting(session: AsyncSession, endpoint_id: str) -> int:
    query = select(func.count()).where(DeliveryRow.endpoint_id == endpoint_id, DeliveryRow.state == DeliveryState.WAITING)
    return await session.scalar(query) or 0


async def due(session: AsyncSession, endpoint_id: str, now: datetime, limit: int) -> list[Delivery]:
    """The first that waits of each key, if its time has come."""
    before = aliased(DeliveryRow)
    earlier = exists().where(
        before.endpoint_id == endpoint_id,
        before.state == DeliveryState.WAITING,
        before.key == DeliveryRow.key,
        before.id < DeliveryRow.id,
    )
    query = (
        select(DeliveryRow)
        .where(
            DeliveryRow.endpoint_id == endpoint_id,
            DeliveryRow.state == DeliveryState.WAITING,
            DeliveryRow.next_at <= now,
            not_(earlier),
        )
        .order_by(DeliveryRow.next_at, DeliveryRow.id)
        .limit(limit)
    )
    return [_delivery(row) for row in await session.scalars(query)]


async def mark(session: AsyncSession, delivery_id: str, **values: Any) -> None:
    """What came of an attempt; nothing if somebody else was quicker."""
    waits = and_(DeliveryRow.id == delivery_id, DeliveryRow.state == DeliveryState.WAITING)
    await session.execute(update(DeliveryRow).where(waits).values(**values))


async def deliveries(
    session: AsyncSession, endpoint_id: str, state: DeliveryState, *, before: str | None, limit: int
) -> list[Delivery]:
    """The newest first."""
    query = select(DeliveryRow).filter_by(endpoint_id=endpoint_id, state=state.value)
    if before is not None:
        query = query.where(DeliveryRow.id < before)
    return [_delivery(row) for row in await session.scalars(query.order_by(DeliveryRow.id.desc()).limit(limit))]


async def redeliver(session: AsyncSession, endpoint_id: str, now: datetime, *, only: Collection[str] | None) -> int:
    """Let dead letters wait again, from the first attempt on; how many there were."""
    query = update(DeliveryRow).where(DeliveryRow.endpoint_id == endpoint_id, DeliveryRow.state == DeliveryState.DEAD)
    if only is not None:
        query = query.where(DeliveryRow.id.in_(only))
    again = query.values(
        state=DeliveryState.WAITING.value,
        attempts=0,
        redeliveries=DeliveryRow.redeliveries + 1,
        next_at=now,
        ended_at=None,
    )
    return len((await session.scalars(again.returning(DeliveryRow.id))).all())


# The log


def log(session: AsyncSession, attempt: Attempt) -> None:
    came = attempt.outcome
    session.add(
        AttemptRow(
            id=attempt.id,
            endpoint_id=attempt.endpoint_id,
            delivery_id=attempt.delivery_id,
            type=attempt.type,
            at=attempt.at,
            ms=came.ms,
            status=came.status,
            error=came.error,
            answer=came.answer,
        )
    )


async def attempts(session: AsyncSession, endpoint_id: str, *, before: str | None, limit: int) -> list[Attempt]:
    """The newest first."""
    query = select(AttemptRow).filter_by(endpoint_id=endpoint_id)
    if before is not None:
        query = query.where(AttemptRow.id < before)
    rows = await session.scalars(query.order_by(AttemptRow.id.desc()).limit(limit))
    return [
        Attempt(row.id, row.endpoint_id, row.delivery_id, row.type, row.at, Outcome(row.status, row.error, row.ms, row.answer))
        for row in rows
    ]


async def purge(session: AsyncSession, *, log_before: datetime, dead_before: datetime) -> None:
    delivered, dead = DeliveryRow.state == DeliveryState.DELIVERED, DeliveryRow.state == DeliveryState.DEAD
    await session.execute(delete(AttemptRow).where(AttemptRow.at < log_before))
    await session.execute(delete(DeliveryRow).where(delivered, DeliveryRow.ended_at < log_before))
    await session.execute(delete(DeliveryRow).where(dead, DeliveryRow.ended_at < dead_before))


def _events(events: Collection[str]) -> str:
    return to_json(sorted(events)).decode()


def _endpoint(row: EndpointRow) -> Endpoint:
    return Endpoint(
        **{name: getattr(row, name) for name in _SAME},
        events=frozenset(from_json(row.events)),
        state=EndpointState(row.state),
        reason=None if row.reason is None else PauseReason(row.reason),
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _OF_DELIVERY}, state=DeliveryState(row.state))
