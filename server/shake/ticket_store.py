"""Tickets, their acknowledgements, and the places of a closed list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .model import Round
from .tables import AckRow, PlaceRow, TicketRow

_TICKETS = cast("Table", TicketRow.__table__)
_ACKS = cast("Table", AckRow.__table__)
_PLACES = cast("Table", PlaceRow.__table__)
Key = tuple[str, int, str]
"""Session, round and member."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket as it was acknowledged. The fields stand in the order of the table's columns."""

    shake_id: str
    number: int
    member_id: str
    pseudonym: str
    nonce: str
    weight: int
    at: datetime
    receipt: str


_NAMES = [each.name for each in fields(Kept)]
_COLUMNS = [_TICKETS.c[name] for name in _NAMES]


async def acknowledged(session: AsyncSession, keys: Collection[str]) -> dict[str, tuple[str, str, int]]:
    """Digest, session and round of those that were acknowledged before."""
    query = select(AckRow.key, AckRow.digest, AckRow.shake_id, AckRow.number).where(AckRow.key.in_(keys))
    return {key: (digest, shake_id, number) for key, digest, shake_id, number in await session.execute(query)}


async def acknowledge(session: AsyncSession, acks: Sequence[tuple[str, str, str, int]]) -> None:
    """`acks`: key, digest, session and round of each."""
    await insert_rows(session, _ACKS, acks)


async def tickets(session: AsyncSession, shake_id: str, number: int, members: Collection[str]) -> dict[str, Kept]:
    """Those these members have in a round."""
    column = _TICKETS.c
    query = select(*_COLUMNS).where(column.shake_id == shake_id, column.number == number, column.member_id.in_(members))
    return {row.member_id: Kept(*row) for row in await session.execute(query)}


async def of_member(session: AsyncSession, shake_id: str, member_id: str) -> list[Kept]:
    """In the order of the rounds."""
    column = _TICKETS.c
    query = select(*_COLUMNS).where(column.shake_id == shake_id, column.member_id == member_id).order_by(column.number)
    return [Kept(*row) for row in await session.execute(query)]


async def add(session: AsyncSession, kept: Sequence[Kept]) -> None:
    """Raise what the database raises where one of the members has a ticket of that round already."""
    await insert_rows(session, _TICKETS, [tuple(getattr(each, name) for name in _NAMES) for each in kept])


async def count(session: AsyncSession, shake_id: str, number: int) -> int:
    query = select(func.count()).select_from(TicketRow).filter_by(shake_id=shake_id, number=number)
    return await session.scalar(query) or 0


async def following(session: AsyncSession, found: Round, limit: int) -> list[Kept]:
    """Tickets that are not on the list yet, in its order."""
    column = _TICKETS.c
    query = select(*_COLUMNS).where(column.shake_id == found.shake_id, column.number == found.number)
    query = query.where(column.pseudonym > found.listed_to).order_by(column.pseudonym).limit(limit)
    return [Kept(*row) for row in await session.execute(query)]


async def put_on_list(session: AsyncSession, before: int, kept: Sequence[Kept]) -> int:
    """`before`: the sum of the weights that are on it already; gives the new one."""
    rows = []
    for each in kept:
        before += each.weight
        rows.append((each.shake_id, each.number, before, each.member_id, each.pseudonym))
    await insert_rows(session, _PLACES, rows)
    return before


async def at_place(session: AsyncSession, found: Round, place: int) -> tuple[str, str]:
    """Member and pseudonym of the ticket that a place of a closed list belongs to: one row of an index, whatever its length."""
    column = _PLACES.c
    query = select(column.member_id, column.pseudonym)
    query = query.where(column.shake_id == found.shake_id, column.number == found.number, column.until > place)
    member_id, pseudonym = (await session.execute(query.order_by(column.until).limit(1))).one()
    return member_id, pseudonym
