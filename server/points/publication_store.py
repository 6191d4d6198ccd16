"""Publications and objections in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Table, and_, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.chinese import chinese_order
from ..core.errors import Conflict
from . import rules_store
from .entry import Entry
from .model import Aspect
from .publication import Publication, PublicationState, Published
from .store import entry
from .tables import EntryRow, ExemptionRow, PublicationHeadRow, PublicationRow, PublishedRow

_HEADS = cast("Table", PublicationHeadRow.__table__)
_PUBLISHED = cast("Table", PublishedRow.__table__)


async def add(session: AsyncSession, publication: Publication, heads: Mapping[str, tuple[int, str]], by: str) -> None:
    row = PublicationRow(
        id=publication.id,
        title=publication.title,
        year=publication.year,
        quarter=publication.quarter,
        until=publication.until,
        state=publication.state.value,
        scale=to_json(rules_store.scale_rule(publication.scale)).decode(),
        total=publication.total,
        prepared=0,
        cursor="",
        made_at=publication.made_at,
        made_by=by,
        deadline_sure=True,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("publication_exists", "这个季度已经有公示了") from error
    await insert_rows(session, _HEADS, [(publication.id, branch, number, last) for branch, (number, last) in heads.items()])


async def find(session: AsyncSession, publication_id: str, *, lock: bool = False) -> Publication | None:
    query = select(PublicationRow).where(PublicationRow.id == publication_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else _publication(row)


async def of_quarter(session: AsyncSession, year: int, quarter: int) -> Publication | None:
    row = await session.scalar(select(PublicationRow).filter_by(year=year, quarter=quarter))
    return None if row is None else _publication(row)


def any_unfinished() -> ColumnElement[bool]:
    """For the pulse: one that is being prepared, or is open."""
    return exists().where(PublicationRow.state.in_([PublicationState.PREPARING.value, PublicationState.OPEN.value]))


async def listed(session: AsyncSession, states: Collection[PublicationState]) -> list[Publication]:
    """The newest first."""
    query = select(PublicationRow).where(PublicationRow.state.in_([each.value for each in states]))
    return [_publication(row) for row in await session.scalars(query.order_by(PublicationRow.id.desc()).limit(100))]


async def change(session: AsyncSession, publication_id: str, **values: Any) -> None:
    await session.execute(update(PublicationRow).where(PublicationRow.id == publication_id).values(**values))


async def heads(session: AsyncSession, publication_id: str) -> dict[str, tuple[int, str]]:
    """Number and hash of the last row of each chain that is published."""
    query = select(PublicationHeadRow.branch_id, PublicationHeadRow.number, PublicationHeadRow.hash)
    found = await session.execute(query.filter_by(publication_id=publication_id))
    return {branch: (number, last) for branch, number, last in found}


async def exempt(session: AsyncSession, year: int, *, at: datetime | None = None) -> set[str]:
    """Those who are not compared in a year; `at`: those who were not already at that moment."""
    query = select(ExemptionRow.member_id).filter_by(year=year)
    return set(await session.scalars(query if at is None else query.where(ExemptionRow.made_at <= at)))


async def add_published(session: AsyncSession, publication_id: str, members: Sequence[Published]) -> None:
    rows = [
        (
            publication_id,
            each.member_id,
            each.branch_id,
            each.name,
            to_json([each.added[aspect] for aspect in Aspect]).decode(),
            each.deducted,
            each.score,
            each.vetoed,
            each.exempt,
        )
        for each in members
    ]
    await insert_rows(session, _PUBLISHED, rows)


async def members(session: AsyncSession, publication_id: str, branch_id: str, *, after: int, limit: int) -> list[Published]:
    """Of one branch, in the order of names, from the `after`-th on."""
    query = (
        select(PublishedRow)
        .filter_by(publication_id=publication_id, branch_id=branch_id)
        .order_by(chinese_order(_PUBLISHED.c.name), PublishedRow.member_id)
        .offset(after)
        .limit(limit)
    )
    return [_published(row) for row in await session.scalars(query)]


async def named(session: AsyncSession, publication_id: str, name: str, *, after: int, limit: int) -> list[Published]:
    """Of all branches, in the order of names, from the `after`-th on."""
    query = (
        select(PublishedRow)
        .where(PublishedRow.publication_id == publication_id, PublishedRow.name.icontains(name, autoescape=True))
        .order_by(chinese_order(_PUBLISHED.c.name), PublishedRow.member_id)
        .offset(after)
        .limit(limit)
    )
    return [_published(row) for row in await session.scalars(query)]


async def frozen_rows(
    session: AsyncSession, publication: Publication, member_id: str, *, before: str | None, limit: int
) -> list[Entry]:
    """The rows of a member that are in a publication, the newest first, those older than the row with the id `before`."""
    query = (
        select(EntryRow)
        .join(
            PublicationHeadRow,
            and_(PublicationHeadRow.publication_id == publication.id, PublicationHeadRow.branch_id == EntryRow.branch_id),
        )
        .where(
            EntryRow.member_id == member_id,
            EntryRow.year == publication.year,
            EntryRow.day <= publication.until,
            EntryRow.number <= PublicationHeadRow.number,
        )
    )
    if before is not None:
        query = query.where(EntryRow.id < before)
    return [entry(row) for row in await session.scalars(query.order_by(EntryRow.id.desc()).limit(limit))]


async def member(session: AsyncSession, publication_id: str, member_id: str) -> Published | None:
    row = await session.get(PublishedRow, (publication_id, member_id))
    return None if row is None else _published(row)


@dataclass(frozen=True, slots=True)
class BranchCount:
    branch_id: str
    members: int


async def branches(session: AsyncSession, publication_id: str) -> list[BranchCount]:
    query = select(PublishedRow.branch_id, func.count()).filter_by(publication_id=publication_id)
    return [BranchCount(*row) for row in await session.execute(query.group_by(PublishedRow.branch_id))]


def _publication(row: PublicationRow) -> Publication:
    same = ("id", "title", "year", "quarter", "until", "total", "prepared", "cursor", "made_at", "opened_at", "closes_on")
    return Publication(
        **{name: getattr(row, name) for name in same},
        state=PublicationState(row.state),
        scale=rules_store.scale_of(from_json(row.scale), row.until),
        deadline_sure=row.deadline_sure,
        closed_at=row.closed_at,
    )


def _published(row: PublishedRow) -> Published:
    same = ("member_id", "branch_id", "name", "deducted", "score", "vetoed", "exempt")
    return Published(**{name: getattr(row, name) for name in same}, added=dict(zip(Aspect, from_json(row.added), strict=True)))
