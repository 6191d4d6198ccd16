"""Roll-calls in the database. Every function takes the session of the caller's transaction.

Whatever decides on a broadcast's attendance holds its plan: answers share it, and opening, closing and settling have it alone,
over all processes. So nothing is settled while an answer is being written.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Table, exists, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.errors import Conflict
from .model import Origin, Plan, Proof, ReplayCheck, RollCall, Rules, Topic
from .tables import AckRow, AnswerRow, AttendanceRow, PlanRow, RollCallRow

_ACKS = cast("Table", AckRow.__table__)
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SAME = [each.name for each in fields(RollCall) if each.name != "origin"]


# Plans


async def find_plan(session: AsyncSession, broadcast_id: str) -> Plan | None:
    row = await session.get(PlanRow, broadcast_id)
    return None if row is None else _plan(row)


async def plans(session: AsyncSession, broadcast_ids: Collection[str]) -> dict[str, Plan]:
    query = select(PlanRow).where(PlanRow.broadcast_id.in_(broadcast_ids))
    return {row.broadcast_id: _plan(row) for row in await session.scalars(query)}


async def unsettled(session: AsyncSession) -> list[Plan]:
    query = select(PlanRow).where(PlanRow.settled_at.is_(None), PlanRow.due.is_not(None)).order_by(PlanRow.broadcast_id)
    return [_plan(row) for row in await session.scalars(query)]


async def hold_plan(session: AsyncSession, broadcast_id: str) -> Plan:
    """The plan, made if there is none; nobody else decides by it until the end of the transaction."""
    values = {"broadcast_id": broadcast_id, **_values(Plan(broadcast_id))}
    await session.execute(_insert(session, PlanRow).values(**values).on_conflict_do_nothing())
    return _plan((await session.scalars(select(PlanRow).filter_by(broadcast_id=broadcast_id).with_for_update())).one())


async def share_plans(session: AsyncSession, broadcast_ids: Collection[str]) -> dict[str, Plan]:
    """Nobody changes them until the end of the transaction."""
    query = select(PlanRow).where(PlanRow.broadcast_id.in_(broadcast_ids)).order_by(PlanRow.broadcast_id)
    return {row.broadcast_id: _plan(row) for row in await session.scalars(query.with_for_update(read=True))}


async def save_plan(session: AsyncSession, plan: Plan) -> None:
    await session.execute(update(PlanRow).where(PlanRow.broadcast_id == plan.broadcast_id).values(**_values(plan)))


# Roll-calls


async def add(session: AsyncSession, made: RollCall, *, client_id: str | None = None, digest: str | None = None) -> None:
    """Raise Conflict `roll_call_open` where another one is open, or the client id was used before."""
    values = {name: getattr(made, name) for name in _SAME}
    session.add(RollCallRow(origin=made.origin.value, client_id=client_id, digest=digest, **values))
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("roll_call_open", "还有一次点名没有结束") from error


async def close(session: AsyncSession, closed: RollCall) -> None:
    values = {"closed_at": closed.closed_at, "closed_why": closed.closed_why}
    await session.execute(update(RollCallRow).where(RollCallRow.id == closed.id).values(**values))


async def note_interrupted(session: AsyncSession, roll_call_id: str) -> None:
    await session.execute(update(RollCallRow).where(RollCallRow.id == roll_call_id).values(interrupted=True))


async def find(session: AsyncSession, roll_call_id: str) -> RollCall | None:
    row = await session.get(RollCallRow, roll_call_id)
    return None if row is None else _roll_call(row)


async def opened_under(session: AsyncSession, member_id: str, client_id: str) -> tuple[RollCall, str | None] | None:
    """The roll-call somebody opened under a client id, and the digest of what was asked for."""
    row = await session.scalar(select(RollCallRow).filter_by(opened_by=member_id, client_id=client_id))
    return None if row is None else (_roll_call(row), row.digest)


async def by_ids(session: AsyncSession, ids: Collection[str]) -> dict[str, RollCall]:
    return {row.id: _roll_call(row) for row in await session.scalars(select(RollCallRow).where(RollCallRow.id.in_(ids)))}


async def of_broadcast(session: AsyncSession, broadcast_id: str) -> list[RollCall]:
    """In the order of their opening."""
    query = select(RollCallRow).filter_by(broadcast_id=broadcast_id).order_by(RollCallRow.number)
    return [_roll_call(row) for row in await session.scalars(query)]


def any_due() -> ColumnElement[bool]:
    """For the pulse: a plan that is not settled, or a roll-call that is not closed."""
    unsettled = exists().where(PlanRow.settled_at.is_(None), PlanRow.due.is_not(None))
    return unsettled | exists().where(RollCallRow.closed_at.is_(None))


async def all_open(session: AsyncSession) -> list[RollCall]:
    query = select(RollCallRow).where(RollCallRow.closed_at.is_(None)).order_by(RollCallRow.id)
    return [_roll_call(row) for row in await session.scalars(query)]


# Answers


@dataclass(frozen=True, slots=True)
class Answer:
    roll_call_id: str
    member_id: str
    broadcast_id: str
    branch_id: str | None
    answered_at: datetime


async def acknowledged(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """The roll-calls of those answers that were acknowledged before."""
    query = select(AckRow.key, AckRow.roll_call_id).where(AckRow.key.in_(keys))
    return dict((await session.execute(query)).all())


async def acknowledge(session: AsyncSession, acks: Sequence[tuple[str, str]]) -> None:
    """`acks`: key and roll-call of each."""
    await insert_rows(session, _ACKS, acks)


async def answer(session: AsyncSession, answers: Iterable[Answer]) -> None:
    """Who has answered already stays as they were."""
    rows = [{name: getattr(each, name) for name in Answer.__slots__} for each in answers]
    rows.sort(key=lambda row: (row["roll_call_id"], row["member_id"]))
    if rows:
        await session.execute(_insert(session, AnswerRow).on_conflict_do_nothing(), rows)


async def answered(
    session: AsyncSession, broadcast_ids: Collection[str], members: Collection[str]
) -> dict[tuple[str, str], list[int]]:
    """By broadcast and member the numbers of the roll-calls that were answered, in order."""
    query = (
        select(AnswerRow.broadcast_id, AnswerRow.member_id, RollCallRow.number)
        .join(RollCallRow, RollCallRow.id == AnswerRow.roll_call_id)
        .where(AnswerRow.broadcast_id.in_(broadcast_ids), AnswerRow.member_id.in_(members))
        .order_by(RollCallRow.number)
    )
    found: dict[tuple[str, str], list[int]] = {}
    for broadcast_id, member_id, number in await session.execute(query):
        found.setdefault((broadcast_id, member_id), []).append(number)
    return found


async def count_answers(session: AsyncSession, roll_call_id: str) -> int:
    return await session.scalar(select(func.count()).select_from(AnswerRow).filter_by(roll_call_id=roll_call_id)) or 0


async def all_answers(session: AsyncSession, broadcast_id: str) -> list[Answer]:
    query = select(AnswerRow).filter_by(broadcast_id=broadcast_id)
    return [Answer(**{name: getattr(row, name) for name in Answer.__slots__}) for row in await session.scalars(query)]


# Who was present


async def confirm(session: AsyncSession, broadcast_id: str, members: Collection[str], at: datetime, way: Proof) -> set[str]:
    """Record that these were present; gives those who were not recorded before."""
    if not members:
        return set()
    rows = [
        {"broadcast_id": broadcast_id, "member_id": each, "confirmed_at": at, "way": way.value} for each in sorted(set(members))
    ]
    statement = _insert(session, AttendanceRow).values(rows).on_conflict_do_nothing().returning(AttendanceRow.member_id)
    return set(await session.scalars(statement))


async def confirmation(session: AsyncSession, broadcast_id: str, member_id: str) -> tuple[datetime, Proof] | None:
    """When and how somebody was found to be present."""
    row = await session.get(AttendanceRow, (broadcast_id, member_id))
    return None if row is None else (row.confirmed_at, Proof(row.way))


async def recorded(session: AsyncSession, keys: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these broadcasts and members are recorded as present."""
    query = select(AttendanceRow.broadcast_id, AttendanceRow.member_id)
    query = query.where(tuple_(AttendanceRow.broadcast_id, AttendanceRow.member_id).in_(list(keys)))
    return {(broadcast_id, member_id) for broadcast_id, member_id in await session.execute(query)}


async def confirmed(session: AsyncSession, broadcast_id: str) -> dict[str, tuple[datetime, Proof]]:
    """When and how, by member."""
    rows = await session.scalars(select(AttendanceRow).filter_by(broadcast_id=broadcast_id))
    return {row.member_id: (row.confirmed_at, Proof(row.way)) for row in rows}


async def proven(session: AsyncSession, broadcast_id: str, needed: int, *, limit: int) -> dict[str, str | None]:
    """Members, with their branches, who have answered often enough and are not recorded yet."""
    recorded = exists().where(AttendanceRow.broadcast_id == broadcast_id, AttendanceRow.member_id == AnswerRow.member_id)
    query = (
        select(AnswerRow.member_id, func.max(AnswerRow.branch_id))
        .where(AnswerRow.broadcast_id == broadcast_id, ~recorded)
        .group_by(AnswerRow.member_id)
        .having(func.count() >= needed)
        .order_by(AnswerRow.member_id)
        .limit(limit)
    )
    return dict((await session.execute(query)).all())


def _insert(session: AsyncSession, row: type[Any]) -> Any:
    return _INSERT[session.get_bind().dialect.name](row)


def _values(plan: Plan) -> dict[str, object]:
    rules = plan.rules
    return {
        "number": rules.number,
        "seconds": rules.seconds,
        "asked": rules.needed,
        "topic": None if rules.topic is None else rules.topic.value,
        "needed": plan.needed,
        "due": None if plan.due is None else to_json([(at - _EPOCH) // _MICROSECOND for at in plan.due]).decode(),
        "settled_at": plan.settled_at,
        "replay": rules.replay.value,
        "replay_days": rules.replay_days,
    }


def _plan(row: PlanRow) -> Plan:
    topic = None if row.topic is None else Topic(row.topic)
    due = None if row.due is None else tuple(_EPOCH + _MICROSECOND * at for at in from_json(row.due))
    rules = Rules(row.number, row.seconds, row.asked, topic, ReplayCheck(row.replay), row.replay_days)
    return Plan(row.broadcast_id, rules, due, row.needed, row.settled_at)


def _roll_call(row: RollCallRow) -> RollCall:
    return RollCall(origin=Origin(row.origin), **{name: getattr(row, name) for name in _SAME})


Answered = Mapping[tuple[str, str], Sequence[int]]
