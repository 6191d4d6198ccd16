"""Records in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..tables import ActivityRow
from .model import Amendment, Attachment, Attendee, Content, Minutes, MinutesState, Waiting
from .tables import AmendmentRow, AttachmentRow, MinutesRow

_NAMES = [each.name for each in fields(Minutes)]
_AMENDMENT = [each.name for each in fields(Amendment)]
_ATTACHMENT = [each.name for each in fields(Attachment)]
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
_ROLL: TypeAdapter[tuple[Attendee, ...]] = TypeAdapter(tuple[Attendee, ...])
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


async def find(session: AsyncSession, activity_id: str) -> Minutes:
    """An empty one of version 0 where nothing has been written yet."""
    row = await session.scalar(select(MinutesRow).filter_by(activity_id=activity_id))
    return Minutes(activity_id) if row is None else _minutes(row)


async def hold(session: AsyncSession, activity_id: str) -> Minutes:
    """Made if there is none; nobody else writes it until the end of the transaction."""
    insert = _INSERT[session.get_bind().dialect.name](MinutesRow).values(**_values(Minutes(activity_id)))
    await session.execute(insert.on_conflict_do_nothing())
    found = await session.scalars(select(MinutesRow).filter_by(activity_id=activity_id).with_for_update())
    return _minutes(found.one())


async def keep(session: AsyncSession, minutes: Minutes) -> None:
    values = _values(minutes)
    await session.execute(update(MinutesRow).where(MinutesRow.activity_id == values.pop("activity_id")).values(**values))


async def states(session: AsyncSession, activity_ids: list[str]) -> dict[str, MinutesState]:
    query = select(MinutesRow.activity_id, MinutesRow.state).where(MinutesRow.activity_id.in_(activity_ids))
    return {row[0]: MinutesState(row[1]) for row in await session.execute(query)}


async def waiting(session: AsyncSession, member_id: str, limit: int) -> list[Waiting]:
    """What waits for this member to confirm it as its chair, the longest first."""
    query = (
        select(ActivityRow.id, ActivityRow.title, ActivityRow.starts_at, MinutesRow.submitted_by, MinutesRow.submitted_at)
        .join(MinutesRow, MinutesRow.activity_id == ActivityRow.id)
        .where(MinutesRow.state == MinutesState.SUBMITTED.value, MinutesRow.chair_id == member_id)
    )
    found: Any = await session.execute(query.order_by(MinutesRow.submitted_at, ActivityRow.id).limit(limit))
    return [Waiting(*row) for row in found]


async def amend(session: AsyncSession, wanted: Amendment) -> Amendment:
    """Write it, or give the one of that mark there is."""
    insert = _INSERT[session.get_bind().dialect.name](AmendmentRow)
    await session.execute(insert.values({name: getattr(wanted, name) for name in _AMENDMENT}).on_conflict_do_nothing())
    row = await session.scalar(select(AmendmentRow).filter_by(by=wanted.by, client_id=wanted.client_id))
    return wanted if row is None else _amendment(row)


async def amendments(session: AsyncSession, activity_id: str) -> list[Amendment]:
    found = await session.scalars(select(AmendmentRow).filter_by(activity_id=activity_id).order_by(AmendmentRow.id))
    return [_amendment(row) for row in found]


async def attach(session: AsyncSession, wanted: Attachment) -> Attachment:
    """Write it, or give the one with the same content."""
    insert = _INSERT[session.get_bind().dialect.name](AttachmentRow)
    await session.execute(insert.values({name: getattr(wanted, name) for name in _ATTACHMENT}).on_conflict_do_nothing())
    row = await session.scalar(select(AttachmentRow).filter_by(activity_id=wanted.activity_id, sha256=wanted.sha256))
    return wanted if row is None else _attachment(row)


async def attachments(session: AsyncSession, activity_id: str) -> list[Attachment]:
    found = await session.scalars(select(AttachmentRow).filter_by(activity_id=activity_id).order_by(AttachmentRow.id))
    return [_attachment(row) for row in found]


async def detach(session: AsyncSession, attachment_id: str) -> None:
    await session.execute(delete(AttachmentRow).filter_by(id=attachment_id))


async def known(session: AsyncSession, attachment_ids: list[str]) -> set[str]:
    """Which of these there are."""
    return set(await session.scalars(select(AttachmentRow.id).where(AttachmentRow.id.in_(attachment_ids))))


def _values(minutes: Minutes) -> dict[str, Any]:
    values = {name: getattr(minutes, name) for name in _NAMES}
    values["content"] = _CONTENT.dump_json(minutes.content).decode()
    values["roll"] = None if minutes.roll is None else _ROLL.dump_json(minutes.roll).decode()
    return values | {"state": minutes.state.value}


def _minutes(row: MinutesRow) -> Minutes:
    values = {name: getattr(row, name) for name in _NAMES}
    content, roll = _CONTENT.validate_json(row.content), None if row.roll is None else _ROLL.validate_json(row.roll)
    return replace(Minutes(**{**values, "state": MinutesState(row.state)}), content=content, roll=roll)


def _amendment(row: AmendmentRow) -> Amendment:
    return Amendment(**{name: getattr(row, name) for name in _AMENDMENT})


def _attachment(row: AttachmentRow) -> Attachment:
    return Attachment(**{name: getattr(row, name) for name in _ATTACHMENT})
