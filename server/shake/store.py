"""Sessions and rounds in the database. Every function takes the session of the caller's transaction.

Whatever decides on a session (its rounds, draws and offers) holds its row, over all processes. Tickets share their round's row
instead, and the close has it alone: nothing is written while a list is closed, and a draw does not wait for those who shake.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .model import Plan, Round, RoundState, Shake, ShakeState
from .tables import BranchRow, RoundRow, SecretaryRow, ShakeRow

INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
UNDER_WAY = tuple(each.value for each in (RoundState.PREPARED, RoundState.OPEN, RoundState.CLOSING, RoundState.CLOSED))
_PLAIN = ("title", "opens_at", "closes_at", "rounds", "round_seconds", "talk_minutes", "exclusion_days", "favour")
_SAME = [each.name for each in fields(Shake) if each.name not in ("plan", "state")]
_ROUND = [each.name for each in fields(Round) if each.name != "state"]


def _opened() -> Select[Any]:
    each = aliased(RoundRow)
    last = select(func.max(each.number)).where(each.shake_id == RoundRow.shake_id, each.opened_at.is_not(None))
    among = RoundRow.shake_id.in_(bindparam("shakes", expanding=True))
    query = select(*(getattr(RoundRow, name) for name in _ROUND), RoundRow.state)  # columns: no row is mapped
    query = query.where(among, RoundRow.number == last.scalar_subquery())
    return query.order_by(RoundRow.shake_id).with_for_update(read=True, of=RoundRow)


_OPENED = _opened()  # made once: everybody who shakes waits for it, and putting it together costs more than running it


class Raced(Exception):
    """Somebody else was first; to be tried once more in another transaction."""


# Sessions


async def add(session: AsyncSession, shake: Shake) -> None:
    session.add(ShakeRow(**_values(shake)))
    await session.flush()
    await _name(session, shake)


async def save(session: AsyncSession, shake: Shake) -> None:
    values = {name: value for name, value in _values(shake).items() if name != "id"}
    await session.execute(update(ShakeRow).where(ShakeRow.id == shake.id).values(**values))


async def rename(session: AsyncSession, shake: Shake) -> None:
    """Its secretaries and branches anew."""
    for row in (SecretaryRow, BranchRow):
        await session.execute(delete(row).where(row.shake_id == shake.id))
    await _name(session, shake)


async def _name(session: AsyncSession, shake: Shake) -> None:
    plan = shake.plan
    session.add_all(SecretaryRow(shake_id=shake.id, member_id=each, position=at) for at, each in enumerate(plan.secretaries))
    session.add_all(BranchRow(shake_id=shake.id, branch_id=each) for each in plan.branches or ())
    await session.flush()


async def find(session: AsyncSession, shake_id: str) -> Shake | None:
    return next(iter(await _loaded(session, select(ShakeRow).where(ShakeRow.id == shake_id))), None)


async def hold(session: AsyncSession, shake_id: str) -> Shake | None:
    """Nobody else decides on it until the end of the transaction."""
    query = select(ShakeRow).where(ShakeRow.id == shake_id).with_for_update()
    return next(iter(await _loaded(session, query.execution_options(populate_existing=True))), None)


async def running(session: AsyncSession) -> list[Shake]:
    """Those that are neither closed nor cancelled."""
    states = (ShakeState.ANNOUNCED.value, ShakeState.OPEN.value)
    return await _loaded(session, select(ShakeRow).where(ShakeRow.state.in_(states)).order_by(ShakeRow.id))


async def listed(
    session: AsyncSession,
    member_id: str,
    branch_id: str | None,
    *,
    party: bool,
    everything: bool,
    states: Collection[ShakeState] = (),
    before: str | None = None,
    limit: int,
) -> list[Shake]:
    """Those somebody may see, the newest first. `party`: whether they are of the Party; `everything`: whether they see all."""
    query = select(ShakeRow).order_by(ShakeRow.id.desc()).limit(limit)
    if not everything:
        query = query.where(_seen_by(member_id, branch_id, party=party))
    if states:
        query = query.where(ShakeRow.state.in_([each.value for each in states]))
    if before is not None:
        query = query.where(ShakeRow.id < before)
    return await _loaded(session, query)


def _seen_by(member_id: str, branch_id: str | None, *, party: bool) -> ColumnElement[bool]:
    named = exists().where(SecretaryRow.shake_id == ShakeRow.id, SecretaryRow.member_id == member_id)
    ways: list[ColumnElement[bool]] = [ShakeRow.owner_id == member_id, named]
    if party:
        ways += [
            ShakeRow.everybody.is_(True),
            exists().where(BranchRow.shake_id == ShakeRow.id, BranchRow.branch_id == branch_id),
        ]
    return or_(*ways)


async def _loaded(session: AsyncSession, query: Any) -> list[Shake]:
    rows = list(await session.scalars(query))
    ids = [row.id for row in rows]
    secretaries: dict[str, list[str]] = {each: [] for each in ids}
    branches: dict[str, list[str]] = {each: [] for each in ids}
    if ids:
        named = select(SecretaryRow.shake_id, SecretaryRow.member_id).where(SecretaryRow.shake_id.in_(ids))
        for shake_id, member_id in await session.execute(named.order_by(SecretaryRow.position)):
            secretaries[shake_id].append(member_id)
    if any(not row.everybody for row in rows):
        invited = select(BranchRow.shake_id, BranchRow.branch_id).where(BranchRow.shake_id.in_(ids))
        for shake_id, branch_id in await session.execute(invited.order_by(BranchRow.branch_id)):
            branches[shake_id].append(branch_id)
    return [_shake(row, secretaries[row.id], branches[row.id]) for row in rows]


# Rounds


async def rounds(session: AsyncSession, shake_id: str) -> list[Round]:
    """In their order."""
    query = select(RoundRow).filter_by(shake_id=shake_id).order_by(RoundRow.number)
    return [_round(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def find_round(session: AsyncSession, shake_id: str, number: int) -> Round | None:
    row = await session.get(RoundRow, (shake_id, number), populate_existing=True)
    return None if row is None else _round(row)


async def hold_round(session: AsyncSession, shake_id: str, number: int) -> Round | None:
    """Nobody else writes it, or a ticket of it, until the end of the transaction."""
    row = await session.get(RoundRow, (shake_id, number), with_for_update=True, populate_existing=True)
    return None if row is None else _round(row)


async def newest_revealed(session: AsyncSession, shake_id: str) -> Round | None:
    query = select(RoundRow).filter_by(shake_id=shake_id, state=RoundState.REVEALED.value)
    row = await session.scalar(query.order_by(RoundRow.number.desc()).limit(1).execution_options(populate_existing=True))
    return None if row is None else _round(row)


async def share_opened(session: AsyncSession, shake_ids: Collection[str]) -> dict[str, Round]:
    """The round of each session that was opened last; those that are still open cannot be closed until the end of the
    transaction."""
    rows = await session.execute(_OPENED, {"shakes": list(shake_ids)})
    return {row.shake_id: _round(row) for row in rows}


async def add_round(session: AsyncSession, made: Round) -> None:
    """Raise Raced."""
    session.add(RoundRow(state=made.state.value, **{name: getattr(made, name) for name in _ROUND}))
    await flushed(session)


async def save_round(session: AsyncSession, made: Round) -> None:
    """Without its key: SQLite would look through all that hangs on it, though it stays the same."""
    values = {name: getattr(made, name) for name in _ROUND if name not in ("shake_id", "number")}
    values["state"] = made.state.value
    statement = update(RoundRow).where(RoundRow.shake_id == made.shake_id, RoundRow.number == made.number)
    await session.execute(statement.values(**values).execution_options(synchronize_session=False))


async def flushed(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise Raced from error


def any_running() -> ColumnElement[bool]:
    """For the pulse: a session that is neither closed nor cancelled."""
    return exists().where(ShakeRow.state.in_((ShakeState.ANNOUNCED.value, ShakeState.OPEN.value)))


def any_under_way() -> ColumnElement[bool]:
    """For the pulse: a round that waits for something."""
    return exists().where(RoundRow.state.in_(UNDER_WAY))


async def under_way(session: AsyncSession) -> list[Round]:
    query = select(RoundRow).where(RoundRow.state.in_(UNDER_WAY)).order_by(RoundRow.shake_id)
    return [_round(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


def by_shake(found: Iterable[Round]) -> dict[str, list[Round]]:
    sorted_out: dict[str, list[Round]] = {}
    for each in found:
        sorted_out.setdefault(each.shake_id, []).append(each)
    return sorted_out


def _values(shake: Shake) -> dict[str, Any]:
    plan = shake.plan
    return {
        **{name: getattr(plan, name) for name in _PLAIN},
        **{name: getattr(shake, name) for name in _SAME},
        "everybody": plan.branches is None,
        "state": shake.state.value,
    }


def _shake(row: ShakeRow, secretaries: list[str], branches: list[str]) -> Shake:
    plan = Plan(
        secretaries=tuple(secretaries),
        branches=None if row.everybody else tuple(branches),
        **{name: getattr(row, name) for name in _PLAIN},
    )
    return Shake(plan=plan, state=ShakeState(row.state), **{name: getattr(row, name) for name in _SAME})


def _round(row: RoundRow) -> Round:
    return Round(state=RoundState(row.state), **{name: getattr(row, name) for name in _ROUND})
