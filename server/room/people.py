"""Who is here, over several processes: each writes its own people, all count everybody's. In the database, see `presence`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ARRAY, String, Table, any_, delete, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .tables import PresentRow, ProcessRow

_TABLE = cast("Table", PresentRow.__table__)
People = Mapping[str, Collection[str]]
"""Persons by broadcast."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far a process has come: `beat` grows while it lives, `version` whenever its people change."""

    beat: int
    version: int


async def beat(session: AsyncSession, process_id: str, *, changed: bool) -> bool:
    """Whether the process is still known; if not it must register, and all its people enter again. A beat that is lost with the
    power of the database is missed by nobody, so it is not waited for."""
    await session.execute(text("SET LOCAL synchronous_commit = off"))
    statement = update(ProcessRow).where(ProcessRow.id == process_id)
    statement = statement.values(beat=ProcessRow.beat + 1, version=ProcessRow.version + int(changed))
    return (await session.execute(statement.returning(ProcessRow.id))).scalar_one_or_none() is not None


def register(session: AsyncSession, process_id: str) -> None:
    session.add(ProcessRow(id=process_id, beat=0, version=0))


async def enter(session: AsyncSession, process_id: str, people: People) -> None:
    await session.flush()  # they refer to the process
    await insert_rows(session, _TABLE, [(process_id, room, person) for room, some in people.items() for person in some])


async def leave(session: AsyncSession, process_id: str, people: People) -> None:
    row = _TABLE.c
    for broadcast_id, some in people.items():
        gone = row.person == any_(literal(list(some), ARRAY(String)))
        await session.execute(delete(_TABLE).where(row.process_id == process_id, row.broadcast_id == broadcast_id, gone))


async def pulses(session: AsyncSession) -> dict[str, Pulse]:
    query = select(ProcessRow.id, ProcessRow.beat, ProcessRow.version)
    return {process_id: Pulse(beat, version) for process_id, beat, version in await session.execute(query)}


async def counts(session: AsyncSession, process_ids: Collection[str]) -> dict[str, int]:
    """By broadcast: people in the rooms of these processes, each counted once."""
    row = _TABLE.c
    query = select(row.broadcast_id, func.count(row.person.distinct())).where(row.process_id.in_(process_ids))
    found = await session.execute(query.group_by(row.broadcast_id))
    return {broadcast_id: int(number) for broadcast_id, number in found}


async def drop(session: AsyncSession, process_ids: Collection[str]) -> None:
    """Their people go with them."""
    await session.execute(delete(ProcessRow).where(ProcessRow.id.in_(process_ids)))
