"""The audit in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Sequence

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..chain import BEGINNING
from .chain import Act, Actor, Sealed
from .tables import AuditEndRow, AuditRow


def add(session: AsyncSession, row: Sealed) -> None:
    session.add(
        AuditRow(
            id=row.id,
            at=row.at,
            actor_id=row.actor.id,
            actor_name=row.actor.name,
            roles=",".join(row.actor.roles),
            act=row.act.name,
            target=row.act.target,
            target_id=row.act.target_id,
            scope=row.act.scope,
            reason=row.act.reason,
            more=to_json(row.act.more).decode(),
            number=row.number,
            hash=row.hash,
        )
    )


async def page(
    session: AsyncSession, *, before: str | None, limit: int, scope: str | None, actor: str | None, act: str | None
) -> list[Sealed]:
    """The newest first, those older than the row with the id `before`."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    if scope is not None:
        query = query.where(AuditRow.scope == scope)
    if actor is not None:
        query = query.where(AuditRow.actor_id == actor)
    if act is not None:
        query = query.where(AuditRow.act == act)
    return [_row(each) for each in await session.scalars(query)]


async def sealed(session: AsyncSession, *, after: int, limit: int) -> list[Sealed]:
    """In the order of the chain, from the one after `after`."""
    query = select(AuditRow).where(AuditRow.number > after).order_by(AuditRow.number).limit(limit)
    return [_row(each) for each in await session.scalars(query)]


def any_unsealed() -> ColumnElement[bool]:
    return exists().where(AuditRow.number.is_(None))


async def unsealed(session: AsyncSession, limit: int) -> list[Sealed]:
    query = select(AuditRow).where(AuditRow.number.is_(None)).order_by(AuditRow.id).limit(limit)
    return [_row(each) for each in await session.scalars(query)]


async def end(session: AsyncSession, *, lock: bool = False) -> tuple[int, str]:
    """Number and hash of the last sealed row; with `lock` nobody else seals meanwhile."""
    query = select(AuditEndRow.number, AuditEndRow.hash).where(AuditEndRow.id == 1)
    found = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return (0, BEGINNING) if found is None else (found[0], found[1])


async def seal(session: AsyncSession, links: Sequence[tuple[str, int, str]]) -> None:
    """Write (id, number, hash) of rows and the new end of the chain."""
    for row_id, number, hashed in links:
        await session.execute(update(AuditRow).where(AuditRow.id == row_id).values(number=number, hash=hashed))
    _, number, hashed = links[-1]
    await session.execute(update(AuditEndRow).where(AuditEndRow.id == 1).values(number=number, hash=hashed))


def _row(row: AuditRow) -> Sealed:
    roles = tuple(each for each in row.roles.split(",") if each)
    act = Act(row.act, row.target, row.target_id, row.scope, row.reason, from_json(row.more))
    return Sealed(row.id, row.at, Actor(row.actor_id, row.actor_name, roles), act, row.number, row.hash)
