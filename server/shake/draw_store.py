"""Draws in the database: whom they gave, and what became of the offers."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .model import Draw, DrawState
from .store import flushed
from .tables import DrawRow

_SAME = [each.name for each in fields(Draw) if each.name != "state"]
# Made once: a batch of shakes waits for it.
_ACCEPTED = select(DrawRow.member_id, DrawRow.shake_id, DrawRow.answered_at).where(
    DrawRow.member_id.in_(bindparam("members", expanding=True)), DrawRow.state == DrawState.ACCEPTED.value
)


async def add(session: AsyncSession, draw: Draw, *, client_id: str | None = None, digest: str | None = None) -> None:
    """Raise Raced where the member or the secretary has another offer by now."""
    values = {name: getattr(draw, name) for name in _SAME}
    session.add(DrawRow(state=draw.state.value, client_id=client_id, digest=digest, **values))
    await flushed(session)


async def save(session: AsyncSession, draw: Draw) -> None:
    values = {name: getattr(draw, name) for name in ("answered_at", "reason", "talk_id")}
    statement = update(DrawRow).where(DrawRow.id == draw.id).values(state=draw.state.value, **values)
    await session.execute(statement.execution_options(synchronize_session=False))


async def find(session: AsyncSession, draw_id: str) -> Draw | None:
    row = await session.get(DrawRow, draw_id, populate_existing=True)
    return None if row is None else _draw(row)


async def asked_under(session: AsyncSession, secretary_id: str, client_id: str) -> tuple[Draw, str | None] | None:
    """What a secretary drew under a client id, and the digest of what was asked for."""
    row = await session.scalar(select(DrawRow).filter_by(secretary_id=secretary_id, client_id=client_id))
    return None if row is None else (_draw(row), row.digest)


async def of_shake(session: AsyncSession, shake_id: str) -> list[Draw]:
    """In the order in which they came."""
    query = select(DrawRow).filter_by(shake_id=shake_id).order_by(DrawRow.number, DrawRow.n)
    return [_draw(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def of_member(session: AsyncSession, shake_id: str, member_id: str) -> list[Draw]:
    """What one member was offered in a session."""
    query = select(DrawRow).filter_by(shake_id=shake_id, member_id=member_id).where(DrawRow.state != DrawState.PASSED.value)
    return [_draw(row) for row in await session.scalars(query.order_by(DrawRow.number, DrawRow.n))]


def any_offers() -> ColumnElement[bool]:
    """For the pulse: an offer that waits for an answer."""
    return exists().where(DrawRow.state == DrawState.OFFERED.value)


async def offers(session: AsyncSession) -> list[Draw]:
    """All that wait for an answer."""
    query = select(DrawRow).where(DrawRow.state == DrawState.OFFERED.value).order_by(DrawRow.id)
    return [_draw(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def offer_of(session: AsyncSession, *, member_id: str | None = None, secretary_id: str | None = None) -> Draw | None:
    """The one that waits for this member's answer, or that this secretary waits for."""
    query = select(DrawRow).where(DrawRow.state == DrawState.OFFERED.value)
    if member_id is not None:
        query = query.where(DrawRow.member_id == member_id)
    if secretary_id is not None:
        query = query.where(DrawRow.secretary_id == secretary_id)
    row = await session.scalar(query)
    return None if row is None else _draw(row)


async def came_up(session: AsyncSession, shake_id: str, number: int) -> set[str]:
    """Members who have come up in a round, whatever became of it."""
    query = select(DrawRow.member_id).filter_by(shake_id=shake_id, number=number).distinct()
    return set(await session.scalars(query))


async def accepted(session: AsyncSession, members: Collection[str]) -> dict[str, list[tuple[str, datetime]]]:
    """Where and when these were drawn and accepted, ever."""
    found: dict[str, list[tuple[str, datetime]]] = {}
    for member_id, shake_id, at in await session.execute(_ACCEPTED, {"members": list(members)}):
        if at is not None:
            found.setdefault(member_id, []).append((shake_id, at))
    return found


def _draw(row: DrawRow) -> Draw:
    return Draw(state=DrawState(row.state), **{name: getattr(row, name) for name in _SAME})
