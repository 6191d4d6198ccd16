"""Objections in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .objecting_model import Objection, ObjectionState
from .tables import ObjectionRow, PublicationRow

_SAME = (
    "id", "publication_id", "about_id", "branch_id", "by_id", "entry_id", "text", "evidence", "at", "due_on", "answer",
    "answered_by", "answered_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose objections: those said by or about somebody, those of one branch or of all."""

    member_id: str | None = None
    branch_id: str | None = None
    everywhere: bool = False

    @property
    def where(self) -> ColumnElement[bool]:
        if self.everywhere:
            return ObjectionRow.id.is_not(None)
        parts: list[ColumnElement[bool]] = []
        if self.member_id is not None:
            parts += [ObjectionRow.by_id == self.member_id, ObjectionRow.about_id == self.member_id]
        if self.branch_id:
            parts.append(ObjectionRow.branch_id == self.branch_id)
        return or_(*parts) if parts else ObjectionRow.id.is_(None)


def add(session: AsyncSession, objection: Objection) -> None:
    values = {name: getattr(objection, name) for name in _SAME}
    session.add(ObjectionRow(**values, state=objection.state.value, corrections="[]", awards="[]"))


async def find(session: AsyncSession, objection_id: str, *, lock: bool = False) -> Objection | None:
    query = select(ObjectionRow).where(ObjectionRow.id == objection_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else _objection(row)


async def listed(
    session: AsyncSession,
    scope: Scope,
    *,
    publication_id: str | None = None,
    states: Collection[ObjectionState] = tuple(ObjectionState),
    after: str | None,
    limit: int,
    newest_first: bool = False,
) -> list[Objection]:
    """In the order in which they were said; `after` is the id of the last one before."""
    query = select(ObjectionRow).where(scope.where, ObjectionRow.state.in_([each.value for each in states]))
    if publication_id is not None:
        query = query.where(ObjectionRow.publication_id == publication_id)
    if after is not None:
        query = query.where(ObjectionRow.id < after if newest_first else ObjectionRow.id > after)
    query = query.order_by(ObjectionRow.id.desc() if newest_first else ObjectionRow.id)
    return [_objection(row) for row in await session.scalars(query.limit(limit))]


async def waiting(session: AsyncSession, scope: Scope, publication_id: str | None, today: date) -> tuple[int, int]:
    """How many are not answered, and of how many the day has passed."""
    late = func.count().filter(ObjectionRow.due_on < today)
    query = select(func.count(), late).where(scope.where, ObjectionRow.state == ObjectionState.OPEN.value)
    if publication_id is not None:
        query = query.where(ObjectionRow.publication_id == publication_id)
    found = (await session.execute(query)).one()
    return found[0], found[1]


async def count_of(session: AsyncSession, publication_id: str, by_id: str) -> int:
    query = select(func.count()).select_from(ObjectionRow).filter_by(publication_id=publication_id, by_id=by_id)
    return await session.scalar(query) or 0


async def titles(session: AsyncSession, publications: Collection[str]) -> dict[str, str]:
    query = select(PublicationRow.id, PublicationRow.title).where(PublicationRow.id.in_(publications))
    return {row.id: row.title for row in await session.execute(query)}


async def save(session: AsyncSession, objection: Objection) -> None:
    """What became of it; it is held by this transaction."""
    values = {
        "state": objection.state.value,
        "answer": objection.answer,
        "answered_by": objection.answered_by,
        "answered_at": objection.answered_at,
        "corrections": _json(objection.corrections),
        "awards": _json(objection.awards),
    }
    await session.execute(update(ObjectionRow).where(ObjectionRow.id == objection.id).values(**values))


def _json(ids: Sequence[str]) -> str:
    return to_json(list(ids)).decode()


def _objection(row: ObjectionRow) -> Objection:
    return Objection(
        **{name: getattr(row, name) for name in _SAME},
        state=ObjectionState(row.state),
        corrections=from_json(row.corrections),
        awards=from_json(row.awards),
    )
