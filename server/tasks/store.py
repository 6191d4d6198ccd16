"""Tasks in the database. Every function takes the session of the caller's transaction."""

import enum
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .model import Content, CountsAs, Part, Task, TaskFile, TaskState, Terms, Version
from .tables import TaskBranchRow, TaskBurdenRow, TaskFileRow, TaskOpeningRow, TaskPartRow, TaskRow, TaskVersionRow

_PART = [each.name for each in fields(Part)]
_PARTS = cast("Table", TaskPartRow.__table__)
_FILE = [each.name for each in fields(TaskFile)]
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Lock(enum.Enum):
    """`SHARE`: nobody changes it meanwhile; `UPDATE`: nobody else holds it."""

    NONE = enum.auto()
    SHARE = enum.auto()
    UPDATE = enum.auto()


# Tasks


async def add(session: AsyncSession, task: Task) -> None:
    session.add(TaskRow(id=task.id, **_values(task)))
    await session.flush()
    await _address(session, task)


async def find(session: AsyncSession, task_id: str, lock: Lock = Lock.NONE) -> Task | None:
    query = select(TaskRow).filter_by(id=task_id)
    if lock is not Lock.NONE:
        query = query.with_for_update(read=lock is Lock.SHARE)
    row = await session.scalar(query)
    return None if row is None else (await _tasks(session, [row]))[0]


async def save(session: AsyncSession, task: Task) -> None:
    await session.execute(update(TaskRow).where(TaskRow.id == task.id).values(**_values(task)))
    await session.execute(delete(TaskBranchRow).where(TaskBranchRow.task_id == task.id))
    await _address(session, task)


async def drop(session: AsyncSession, task_id: str) -> None:
    """A draft: nobody has anything to do with it yet."""
    for row in (TaskBranchRow, TaskVersionRow, TaskFileRow):
        await session.execute(delete(row).where(row.task_id == task_id))
    await session.execute(delete(TaskRow).where(TaskRow.id == task_id))


async def kept(
    session: AsyncSession, *, everything: bool, own: str | None, before: str | None, limit: int
) -> list[tuple[Task, str]]:
    """With their titles, the newest first: all of them, or those of one branch and those given to it."""
    query = _titled().order_by(TaskRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(TaskRow.id < before)
    if not everything:
        addressed = exists().where(TaskBranchRow.task_id == TaskRow.id, TaskBranchRow.branch_id == own)
        given = and_(TaskRow.state != TaskState.DRAFT.value, or_(TaskRow.whole.is_(True), addressed))
        query = query.where(or_(TaskRow.branch_id == own, given))
    return await _with_titles(session, query)


async def given(session: AsyncSession, after: str, due_after: datetime, limit: int) -> list[Task]:
    """Those that are not due yet, in the order of their ids."""
    query = select(TaskRow).where(TaskRow.state == TaskState.GIVEN.value, TaskRow.due_at > due_after, TaskRow.id > after)
    return await _tasks(session, list(await session.scalars(query.order_by(TaskRow.id).limit(limit))))


# Versions and files


async def write(session: AsyncSession, task_id: str, version: Version) -> None:
    """A new one, or a draft's once more."""
    content = version.content
    values: dict[str, Any] = {"title": content.title, "text": content.text, "hash": version.hash}
    values |= {"files": json.dumps([each.id for each in content.files]), "by": version.by, "at": version.at}
    insert = _INSERT[session.get_bind().dialect.name](TaskVersionRow).values(task_id=task_id, number=version.number, **values)
    await session.execute(insert.on_conflict_do_update(index_elements=["task_id", "number"], set_=values))


async def version(session: AsyncSession, task_id: str, number: int) -> Version | None:
    row = await session.scalar(select(TaskVersionRow).filter_by(task_id=task_id, number=number))
    if row is None:
        return None
    there = {each.id: each for each in await files(session, task_id)}
    content = Content(row.title, row.text, tuple(there[each] for each in json.loads(row.files) if each in there))
    return Version(row.number, content, row.hash, row.by, row.at)


async def versions(session: AsyncSession, task_id: str) -> list[tuple[int, str, datetime]]:
    """Number, hash and moment of each."""
    query = select(TaskVersionRow.number, TaskVersionRow.hash, TaskVersionRow.at).filter_by(task_id=task_id)
    return [(row[0], row[1], row[2]) for row in await session.execute(query.order_by(TaskVersionRow.number))]


async def files(session: AsyncSession, task_id: str) -> list[TaskFile]:
    found = await session.scalars(select(TaskFileRow).filter_by(task_id=task_id).order_by(TaskFileRow.id))
    return [TaskFile(**{name: getattr(row, name) for name in _FILE}) for row in found]


async def add_file(session: AsyncSession, task_id: str, file: TaskFile) -> None:
    session.add(TaskFileRow(task_id=task_id, **{name: getattr(file, name) for name in _FILE}))
    await session.flush()


async def known_files(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Which of these there are."""
    return set(await session.scalars(select(TaskFileRow.id).where(TaskFileRow.id.in_(ids))))


# Parts


async def ask(session: AsyncSession, parts: Sequence[Part]) -> None:
    """Of people who have no part in it yet."""
    names = [column.name for column in _PARTS.columns]
    await insert_rows(session, _PARTS, [[getattr(each, name) for name in names] for each in parts])


async def asked(session: AsyncSession, task_id: str) -> set[str]:
    return set(await session.scalars(select(TaskPartRow.member_id).filter_by(task_id=task_id)))


async def part(session: AsyncSession, task_id: str, member_id: str, *, lock: bool = False) -> Part | None:
    query = select(TaskPartRow).filter_by(task_id=task_id, member_id=member_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else _part(row)


async def parts(session: AsyncSession, task_id: str, *, lock: bool = False) -> list[Part]:
    """Of all who are asked, in the order of their ids."""
    query = select(TaskPartRow).filter_by(task_id=task_id).order_by(TaskPartRow.member_id)
    return [_part(row) for row in await session.scalars(query.with_for_update() if lock else query)]


async def keep(session: AsyncSession, changed: Part) -> None:
    values = {name: getattr(changed, name) for name in _PART[2:]}
    mine = (TaskPartRow.task_id == changed.task_id, TaskPartRow.member_id == changed.member_id)
    await session.execute(update(TaskPartRow).where(*mine).values(**values))


async def note_reminded(session: AsyncSession, task_id: str, members: Collection[str], at: datetime) -> None:
    mine = (TaskPartRow.task_id == task_id, TaskPartRow.member_id.in_(members))
    await session.execute(update(TaskPartRow).where(*mine).values(reminded_at=at))


async def of_member(session: AsyncSession, member_id: str, limit: int) -> list[tuple[Task, str, Part]]:
    """With their titles: what waits for the member, the nearest deadline first; then what is confirmed, the latest first."""
    mine = TaskPartRow.member_id == member_id
    query = _titled().add_columns(TaskPartRow).join(TaskPartRow, TaskPartRow.task_id == TaskRow.id).where(mine).limit(limit)
    waits = query.where(TaskPartRow.confirmed_at.is_(None), TaskRow.state == TaskState.GIVEN.value)
    done = query.where(TaskPartRow.confirmed_at.is_not(None))
    found = [*await session.execute(waits.order_by(TaskRow.due_at, TaskRow.id))]
    found += await session.execute(done.order_by(TaskPartRow.confirmed_at.desc(), TaskRow.id))
    tasks = await _tasks(session, [row[0] for row in found])
    return [(task, row[1], _part(row[2])) for task, row in zip(tasks, found, strict=True)]


async def waiting(session: AsyncSession, member_id: str) -> int:
    """How many wait for the member."""
    query = select(func.count()).select_from(TaskPartRow).join(TaskRow, TaskRow.id == TaskPartRow.task_id)
    query = query.where(TaskPartRow.member_id == member_id, TaskPartRow.confirmed_at.is_(None))
    return await session.scalar(query.where(TaskRow.state == TaskState.GIVEN.value)) or 0


@dataclass(frozen=True, slots=True)
class Counts:
    asked: int
    confirmed: int


async def counts(session: AsyncSession, task_ids: Collection[str], answers: Collection[str] | None) -> dict[str, Counts]:
    """`answers`: of these branches alone, None for all."""
    done: ColumnElement[int] = func.count().filter(TaskPartRow.confirmed_at.is_not(None))
    query = select(TaskPartRow.task_id, func.count(), done).where(TaskPartRow.task_id.in_(task_ids))
    if answers is not None:
        query = query.where(TaskPartRow.branch_id.in_(answers))
    return {row[0]: Counts(row[1], row[2]) for row in await session.execute(query.group_by(TaskPartRow.task_id))}


# Openings and burdens


async def note_opened(session: AsyncSession, task_id: str, member_id: str, file_id: str, at: datetime) -> None:
    insert = _INSERT[session.get_bind().dialect.name](TaskOpeningRow)
    values = {"task_id": task_id, "member_id": member_id, "file_id": file_id, "at": at}
    await session.execute(insert.values(**values).on_conflict_do_nothing())


async def opened(session: AsyncSession, task_id: str, member_id: str) -> set[str]:
    query = select(TaskOpeningRow.file_id).filter_by(task_id=task_id, member_id=member_id)
    return set(await session.scalars(query))


async def complain(session: AsyncSession, task_id: str, member_id: str, at: datetime) -> None:
    insert = _INSERT[session.get_bind().dialect.name](TaskBurdenRow)
    await session.execute(insert.values(task_id=task_id, member_id=member_id, at=at).on_conflict_do_nothing())


async def complains(session: AsyncSession, task_id: str, member_id: str) -> bool:
    mine = exists().where(TaskBurdenRow.task_id == task_id, TaskBurdenRow.member_id == member_id)
    return bool(await session.scalar(select(mine)))


async def burdens(session: AsyncSession, until: datetime, limit: int) -> list[tuple[Task, str, int, datetime]]:
    """By task how many found it too much before `until`, and when the last one said so, the newest first."""
    last = func.max(TaskBurdenRow.at)
    counted = select(TaskBurdenRow.task_id, func.count().label("many"), last.label("last"))
    counted_by = counted.where(TaskBurdenRow.at < until).group_by(TaskBurdenRow.task_id).subquery()
    query = _titled().add_columns(counted_by.c.many, counted_by.c.last).join(counted_by, counted_by.c.task_id == TaskRow.id)
    found = [*await session.execute(query.order_by(counted_by.c.last.desc(), TaskRow.id).limit(limit))]
    tasks = await _tasks(session, [row[0] for row in found])
    return [(task, row[1], row[2], row[3]) for task, row in zip(tasks, found, strict=True)]


# Inside


def _titled() -> Any:
    """Tasks with the titles of their newest versions."""
    newest = and_(TaskVersionRow.task_id == TaskRow.id, TaskVersionRow.number == TaskRow.version)
    return select(TaskRow, TaskVersionRow.title).join(TaskVersionRow, newest)


async def _with_titles(session: AsyncSession, query: Any) -> list[tuple[Task, str]]:
    found = [*await session.execute(query)]
    tasks = await _tasks(session, [row[0] for row in found])
    return [(task, row[1]) for task, row in zip(tasks, found, strict=True)]


async def _address(session: AsyncSession, task: Task) -> None:
    session.add_all(TaskBranchRow(task_id=task.id, branch_id=each) for each in task.terms.branches)
    await session.flush()


async def _tasks(session: AsyncSession, rows: Sequence[TaskRow]) -> list[Task]:
    query = select(TaskBranchRow.task_id, TaskBranchRow.branch_id).where(TaskBranchRow.task_id.in_([row.id for row in rows]))
    branches: dict[str, list[str]] = {}
    for task_id, branch_id in await session.execute(query.order_by(TaskBranchRow.branch_id)):
        branches.setdefault(task_id, []).append(branch_id)
    return [_task(row, branches.get(row.id, ())) for row in rows]


def _task(row: TaskRow, branches: Iterable[str]) -> Task:
    counts_as = None if row.counts_as is None else CountsAs(row.counts_as)
    terms = Terms(row.due_at, row.whole, tuple(branches), counts_as)
    own = (row.version, row.created_by, row.created_at, row.given_at, row.ended_at, row.reason)
    return Task(row.id, row.branch_id, terms, TaskState(row.state), *own)


def _values(task: Task) -> dict[str, Any]:
    own = ("branch_id", "state", "version", "created_by", "created_at", "given_at", "ended_at", "reason")
    of_terms = ("due_at", "whole", "counts_as")
    return {name: getattr(task, name) for name in own} | {name: getattr(task.terms, name) for name in of_terms}


def _part(row: TaskPartRow) -> Part:
    return Part(**{name: getattr(row, name) for name in _PART})
