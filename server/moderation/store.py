"""What is held, in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import Row, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.journal import Author
from .model import Held, HeldState, Why
from .tables import HeldRow

_TABLE = cast("Table", HeldRow.__table__)
_COLUMNS = tuple(_TABLE.columns)
_NAMES = tuple(column.name for column in _COLUMNS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a room's held things: in these states, from these kinds; the oldest first, or the newest."""

    states: Collection[HeldState] = (HeldState.HELD,)
    kind: str | None = None
    newest: bool = False


async def add(session: AsyncSession, some: Sequence[Held]) -> None:
    await insert_rows(session, _TABLE, [_values(each) for each in some])


async def waiting_count(session: AsyncSession, scope: str) -> int:
    query = select(func.count()).select_from(HeldRow).where(HeldRow.scope == scope, HeldRow.state == HeldState.HELD.value)
    return int((await session.execute(query)).scalar_one())


async def waiting_counts(session: AsyncSession, scopes: Collection[str]) -> dict[str, int]:
    """By room; those where nothing waits are left out."""
    query = select(HeldRow.scope, func.count()).where(HeldRow.scope.in_(scopes), HeldRow.state == HeldState.HELD.value)
    return {row[0]: row[1] for row in await session.execute(query.group_by(HeldRow.scope))}


async def waiting(session: AsyncSession, scope: str) -> list[Held]:
    """All that waits in a room, the oldest first."""
    query = select(*_COLUMNS).where(HeldRow.scope == scope, HeldRow.state == HeldState.HELD.value).order_by(HeldRow.id)
    return [_held(row) for row in await session.execute(query)]


async def page(session: AsyncSession, scope: str, wanted: Wanted, *, after: str | None, limit: int) -> list[Held]:
    """`after` is the id of the last one of the page before."""
    states = [each.value for each in wanted.states]
    order = HeldRow.id.desc() if wanted.newest else HeldRow.id
    query = select(*_COLUMNS).where(HeldRow.scope == scope, HeldRow.state.in_(states)).order_by(order).limit(limit)
    if wanted.kind is not None:
        query = query.where(HeldRow.kind == wanted.kind)
    if after is not None:
        query = query.where(HeldRow.id < after if wanted.newest else HeldRow.id > after)
    return [_held(row) for row in await session.execute(query)]


async def newest_of(session: AsyncSession, author_id: str, limit: int) -> list[Held]:
    """Of one author, the oldest of them first."""
    query = select(*_COLUMNS).where(HeldRow.author_id == author_id).order_by(HeldRow.id.desc()).limit(limit)
    return [_held(row) for row in await session.execute(query)][::-1]


async def by_ids(session: AsyncSession, ids: Collection[str], *, lock: bool = False) -> dict[str, Held]:
    """`lock`: and keep others from deciding on them meanwhile; taken in the order of the ids, so that no two wait for each
    other."""
    query = select(*_COLUMNS).where(HeldRow.id.in_(sorted(ids))).order_by(HeldRow.id)
    found = [_held(row) for row in await session.execute(query.with_for_update() if lock else query)]
    return {each.id: each for each in found}


async def save(session: AsyncSession, held: Held) -> None:
    """The decision; nothing else of it ever changes."""
    changed = update(HeldRow).where(HeldRow.id == held.id)
    await session.execute(
        changed.values(
            state=held.state.value,
            decided_at=held.decided_at,
            decided_by=held.decided_by,
            decided_name=held.decided_name,
            reason=held.reason,
        )
    )


async def drop(session: AsyncSession, scope: str) -> list[str]:
    """Delete all of a room; gives the ids of the authors."""
    authors = list(await session.scalars(select(HeldRow.author_id).where(HeldRow.scope == scope).distinct()))
    await session.execute(delete(HeldRow).where(HeldRow.scope == scope))
    return authors


def _values(held: Held) -> tuple[Any, ...]:
    given = asdict(held) | {
        "author_id": held.author.id,
        "author": to_json(held.author.wire()).decode(),
        "why": held.why.value,
        "hits": to_json(list(held.hits)).decode(),
        "more": to_json(held.more).decode(),
        "state": held.state.value,
    }
    return tuple(given[column.name] for column in _COLUMNS)


def _held(row: Row[Any]) -> Held:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    at: datetime = values["at"]
    return Held(
        id=values["id"],
        scope=values["scope"],
        kind=values["kind"],
        author=Author(**from_json(values["author"])),
        text=values["text"],
        at=at,
        media_at=values["media_at"],
        why=Why(values["why"]),
        hits=from_json(values["hits"]),
        more=from_json(values["more"]),
        state=HeldState(values["state"]),
        decided_at=values["decided_at"],
        decided_by=values["decided_by"],
        decided_name=values["decided_name"],
        reason=values["reason"],
    )
