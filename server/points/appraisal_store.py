"""Appraisals in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.chinese import chinese_order
from ..core.errors import Conflict
from ..identity import Status
from .appraisal import Appraisal, AppraisalState, Appraised, Grade, GradeObjection, Mark, Marks, Tally
from .model import Aspect
from .tables import AppraisalRow, AppraisedRow, RaterRow, TallyRow

_TALLIES = cast("Table", TallyRow.__table__)
_SAME = [each.name for each in fields(Appraisal) if each.name != "state"]
_OF_MEMBER = [
    each.name
    for each in fields(Appraised)
    if each.name not in ("status", "self_marks", "self_grade", "grade", "objection_state")
]


async def add(session: AsyncSession, appraisal: Appraisal, members: Sequence[Appraised]) -> None:
    """Raise Conflict `appraisal_exists`."""
    session.add(AppraisalRow(**{name: getattr(appraisal, name) for name in _SAME}, state=appraisal.state.value))
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("appraisal_exists", "这个支部今年已经有民主评议了") from error
    for each in members:
        session.add(AppraisedRow(appraisal_id=appraisal.id, **_row(each)))
    await session.flush()
    marked = [each.member_id for each in members if each.is_marked]
    await insert_rows(
        session, _TALLIES, [(appraisal.id, each, aspect.value, 0, 0, 0, 0) for each in marked for aspect in Aspect]
    )


async def find(session: AsyncSession, appraisal_id: str, *, lock: bool = False) -> Appraisal | None:
    row = await session.get(AppraisalRow, appraisal_id, with_for_update=lock or None)
    return None if row is None else _appraisal(row)


async def listed(session: AsyncSession, branch_id: str | None) -> list[Appraisal]:
    """Of one branch or (None) of all, the newest year first."""
    query = select(AppraisalRow).order_by(AppraisalRow.year.desc(), AppraisalRow.id)
    if branch_id is not None:
        query = query.where(AppraisalRow.branch_id == branch_id)
    return [_appraisal(row) for row in await session.scalars(query.limit(500))]


async def of_member(session: AsyncSession, member_id: str) -> list[Appraisal]:
    query = select(AppraisalRow).join(AppraisedRow).where(AppraisedRow.member_id == member_id)
    return [_appraisal(row) for row in await session.scalars(query.order_by(AppraisalRow.year.desc()).limit(20))]


async def change(session: AsyncSession, appraisal_id: str, **values: Any) -> None:
    await session.execute(update(AppraisalRow).where(AppraisalRow.id == appraisal_id).values(**values))


async def members(session: AsyncSession, appraisal_id: str) -> list[Appraised]:
    """In the order of names."""
    query = select(AppraisedRow).filter_by(appraisal_id=appraisal_id)
    ordered = query.order_by(chinese_order(cast("Table", AppraisedRow.__table__).c.name), AppraisedRow.member_id)
    return [_appraised(row) for row in await session.scalars(ordered)]


async def change_member(session: AsyncSession, appraisal_id: str, member_id: str, **values: Any) -> None:
    one = update(AppraisedRow).where(AppraisedRow.appraisal_id == appraisal_id, AppraisedRow.member_id == member_id)
    await session.execute(one.values(**values))


def marks_text(marks: Marks) -> str:
    return to_json({aspect.value: mark.value for aspect, mark in marks.items()}).decode()


# Marks of others


async def raters(session: AsyncSession, appraisal_id: str) -> set[str]:
    return set(await session.scalars(select(RaterRow.member_id).filter_by(appraisal_id=appraisal_id)))


async def count_raters(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    query = select(RaterRow.appraisal_id, func.count()).where(RaterRow.appraisal_id.in_(ids)).group_by(RaterRow.appraisal_id)
    return {appraisal_id: number for appraisal_id, number in await session.execute(query)}  # noqa: C416  # rows, not pairs


async def take(session: AsyncSession, appraisal_id: str, rater_id: str, sheet: Mapping[str, Marks]) -> None:
    """Add a sheet to the tallies, and note that it was given. The appraisal is held. Nothing else is kept of it."""
    session.add(RaterRow(appraisal_id=appraisal_id, member_id=rater_id))
    await session.flush()
    row = _TALLIES.c
    added = (
        update(_TALLIES)
        .where(row.appraisal_id == appraisal_id, row.about_id == bindparam("about"), row.aspect == bindparam("on"))
        .values({mark.value: row[mark.value] + bindparam(f"more_{mark.value}") for mark in Mark})
    )
    given = [
        {"about": about, "on": aspect.value, **{f"more_{mark.value}": int(mark is chosen) for mark in Mark}}
        for about, marks in sorted(sheet.items())
        for aspect, chosen in sorted(marks.items())
    ]
    connection = await session.connection()
    await connection.execute(added, given)


async def tallies(session: AsyncSession, appraisal_id: str) -> dict[str, Tally]:
    found: dict[str, dict[Aspect, dict[Mark, int]]] = {}
    for row in await session.scalars(select(TallyRow).filter_by(appraisal_id=appraisal_id)):
        counts = {mark: int(getattr(row, mark.value)) for mark in Mark}
        found.setdefault(row.about_id, {})[Aspect(row.aspect)] = counts
    return {about: by_aspect for about, by_aspect in found.items()}  # noqa: C416  # of the type that is promised


def _row(of: Appraised) -> dict[str, Any]:
    return {name: getattr(of, name) for name in _OF_MEMBER} | {
        "status": of.status.value,
        "self_marks": marks_text(of.self_marks),
        "self_grade": None if of.self_grade is None else of.self_grade.value,
        "grade": None if of.grade is None else of.grade.value,
        "objection_state": None if of.objection_state is None else of.objection_state.value,
    }


def _appraisal(row: AppraisalRow) -> Appraisal:
    return Appraisal(**{name: getattr(row, name) for name in _SAME}, state=AppraisalState(row.state))


def _appraised(row: AppraisedRow) -> Appraised:
    return Appraised(
        **{name: getattr(row, name) for name in _OF_MEMBER},
        status=Status(row.status),
        self_marks={Aspect(aspect): Mark(mark) for aspect, mark in from_json(row.self_marks).items()},
        self_grade=None if row.self_grade is None else Grade(row.self_grade),
        grade=None if row.grade is None else Grade(row.grade),
        objection_state=None if row.objection_state is None else GradeObjection(row.objection_state),
    )
