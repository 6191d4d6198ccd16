"""Talks in the database. Every function takes the session of the caller's transaction, who holds the conversation's row."""

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .model import ErasedBy, Reason, Side, SummaryState, Talk, TalkState
from .tables import PlaceRow, TalkRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
SCRUBBED = (TalkRow.__tablename__,)
"""Agreed summaries and notes were in it."""
_NAMES = [each.name for each in fields(Talk)]


async def add(session: AsyncSession, talk: Talk) -> None:
    session.add(TalkRow(**_values(talk)))
    await session.flush()


async def save(session: AsyncSession, talk: Talk) -> None:
    values = _values(talk)
    del values["id"]
    await session.execute(update(TalkRow).where(TalkRow.id == talk.id).values(**values))


async def find(session: AsyncSession, talk_id: str) -> Talk | None:
    return _one((await session.scalars(_query().where(TalkRow.id == talk_id))).first())


async def of_source(session: AsyncSession, source: str) -> Talk | None:
    return _one((await session.scalars(_query().where(TalkRow.source == source))).first())


async def unfinished_of(session: AsyncSession, person_id: str) -> Talk | None:
    """The talk somebody is in now."""
    query = _query().join(PlaceRow, PlaceRow.talk_id == TalkRow.id).where(PlaceRow.person_id == person_id)
    return _one((await session.scalars(query)).first())


def any_unfinished() -> ColumnElement[bool]:
    """For the pulse: a talk that is not over."""
    return exists().where(TalkRow.state != TalkState.ENDED.value)


async def unfinished(session: AsyncSession) -> list[Talk]:
    found = await session.scalars(_query().where(TalkRow.state != TalkState.ENDED.value).order_by(TalkRow.id))
    return [_talk(row) for row in found]


async def of_person(
    session: AsyncSession, person_id: str, *, due: bool, wished: bool, before: str | None, limit: int
) -> list[Talk]:
    """The newest first. `due`: those with a note that is to be followed up, the most pressing first, all of them; `wished`:
    those after which the member asked for another."""
    query = _query()
    if due:
        query = query.where(TalkRow.secretary_id == person_id, TalkRow.note_due_on.is_not(None), ~TalkRow.note_done)
        return [_talk(row) for row in await session.scalars(query.order_by(TalkRow.note_due_on, TalkRow.id).limit(limit))]
    query = query.where(or_(TalkRow.secretary_id == person_id, TalkRow.member_id == person_id))
    if wished:
        query = query.where(TalkRow.secretary_id == person_id, TalkRow.again)
    if before is not None:
        query = query.where(TalkRow.id < before)
    return [_talk(row) for row in await session.scalars(query.order_by(TalkRow.id.desc()).limit(limit))]


async def held_by(session: AsyncSession, secretary_id: str) -> int:
    """How many talks somebody has had as a secretary, those nobody came to left out."""
    query = select(func.count()).select_from(TalkRow).where(TalkRow.secretary_id == secretary_id)
    return (await session.execute(query.where(TalkRow.ended_at.is_not(None), TalkRow.opened_at.is_not(None)))).scalar_one()


async def stars_of(session: AsyncSession, secretary_id: str) -> list[int]:
    """In the order in which they were given."""
    query = select(TalkRow.stars).where(TalkRow.secretary_id == secretary_id, TalkRow.stars.is_not(None))
    return [stars for stars in await session.scalars(query.order_by(TalkRow.rated_at, TalkRow.id)) if stars is not None]


# Places


async def take_places(session: AsyncSession, talk: Talk) -> bool:
    """Whether both were free; otherwise nothing was taken. Waits for whoever is about to take the same place."""
    made = _INSERT[session.get_bind().dialect.name](PlaceRow).on_conflict_do_nothing().returning(PlaceRow.person_id)
    for person_id in sorted(talk.people):
        if (await session.execute(made.values(person_id=person_id, talk_id=talk.id))).first() is None:
            await free_places(session, talk.id)
            return False
    return True


async def free_places(session: AsyncSession, talk_id: str) -> None:
    await session.execute(delete(PlaceRow).where(PlaceRow.talk_id == talk_id))


async def busy(session: AsyncSession, ids: Collection[str]) -> set[str]:
    return set(await session.scalars(select(PlaceRow.person_id).where(PlaceRow.person_id.in_(ids))))


def _query() -> Select[TalkRow]:
    return select(TalkRow).execution_options(populate_existing=True)


def _values(talk: Talk) -> dict[str, Any]:
    values = {name: getattr(talk, name) for name in _NAMES}
    values["keeping"] = " ".join(sorted(talk.keeping))
    return {name: value.value if isinstance(value, _CODES) else value for name, value in values.items()}


_CODES = (TalkState, Reason, Side, ErasedBy, SummaryState)


def _one(row: TalkRow | None) -> Talk | None:
    return None if row is None else _talk(row)


def _talk(row: TalkRow) -> Talk:
    values = {name: getattr(row, name) for name in _NAMES}
    values |= {
        "state": TalkState(row.state),
        "reason": None if row.reason is None else Reason(row.reason),
        "asked_by": None if row.asked_by is None else Side(row.asked_by),
        "keeping": frozenset(Side(each) for each in row.keeping.split()),
        "erased_by": None if row.erased_by is None else ErasedBy(row.erased_by),
        "summary_state": SummaryState(row.summary_state),
        "summary_by": None if row.summary_by is None else Side(row.summary_by),
    }
    return Talk(**values)
