"""Proposals and appeals in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .model import Kind
from .proposing_model import Appeal, AppealState, Proposal, ProposalState, Standing
from .tables import AppealRow, ProposalRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_proposal(session: AsyncSession, proposal: Proposal) -> None:
    session.add(ProposalRow(**asdict(proposal)))


async def bring(session: AsyncSession, brought: Proposal) -> bool:
    """Whether it is new: one that stands for the same source stays."""
    insert = _INSERT[session.get_bind().dialect.name](ProposalRow).values(**asdict(brought))
    return await session.scalar(insert.on_conflict_do_nothing().returning(ProposalRow.id)) is not None


async def standing_for(session: AsyncSession, source: str) -> Proposal | None:
    """What was brought for it and not taken back; held by this transaction."""
    query = select(ProposalRow).where(ProposalRow.source == source, ProposalRow.state != ProposalState.WITHDRAWN.value)
    row = await session.scalar(query.with_for_update())
    return None if row is None else _proposal(row)


async def add_appeal(session: AsyncSession, appeal: Appeal) -> None:
    session.add(AppealRow(**asdict(appeal)))
    await session.flush()


async def proposal(session: AsyncSession, proposal_id: str, *, lock: bool = False) -> Proposal | None:
    row = await session.get(ProposalRow, proposal_id, with_for_update=lock)
    return None if row is None else _proposal(row)


async def appeal(session: AsyncSession, appeal_id: str, *, lock: bool = False) -> Appeal | None:
    row = await session.get(AppealRow, appeal_id, with_for_update=lock)
    return None if row is None else _appeal(row)


async def appeal_of(session: AsyncSession, entry_id: str) -> Appeal | None:
    row = await session.scalar(select(AppealRow).filter_by(entry_id=entry_id))
    return None if row is None else _appeal(row)


async def appeals_of(session: AsyncSession, entries: Collection[str]) -> dict[str, Appeal]:
    rows = await session.scalars(select(AppealRow).where(AppealRow.entry_id.in_(entries)))
    return {row.entry_id: _appeal(row) for row in rows}


async def save(session: AsyncSession, changed: Proposal | Appeal) -> None:
    """It is held by this transaction."""
    row: Any = await session.get(ProposalRow if isinstance(changed, Proposal) else AppealRow, changed.id)
    for each in fields(changed):
        setattr(row, each.name, getattr(changed, each.name))
    await session.flush()


async def proposals(
    session: AsyncSession,
    seen: "Seen",
    states: Sequence[ProposalState],
    *,
    before: str | None,
    limit: int,
) -> list[Proposal]:
    """The newest first."""
    query = select(ProposalRow).where(ProposalRow.state.in_(states), seen.of(ProposalRow)).order_by(ProposalRow.id.desc())
    if before is not None:
        query = query.where(ProposalRow.id < before)
    return [_proposal(row) for row in await session.scalars(query.limit(limit))]


async def appeals(
    session: AsyncSession, seen: "Seen", states: Sequence[AppealState], *, before: str | None, limit: int
) -> list[Appeal]:
    """The newest first."""
    query = select(AppealRow).where(AppealRow.state.in_(states), seen.of(AppealRow)).order_by(AppealRow.id.desc())
    if before is not None:
        query = query.where(AppealRow.id < before)
    return [_appeal(row) for row in await session.scalars(query.limit(limit))]


class Seen:
    """What somebody may see: everything ordinary or that of a branch, and what is the discipline committee's or not."""

    def __init__(self, *, everywhere: bool, branch_id: str | None, discipline: bool) -> None:
        self._everywhere, self._branch_id, self._discipline = everywhere, branch_id, discipline

    def of(self, row: type[ProposalRow] | type[AppealRow]) -> ColumnElement[bool]:
        ordinary: ColumnElement[bool] = row.discipline.is_(False)
        if not self._everywhere:
            ordinary = and_(ordinary, row.branch_id == self._branch_id) if self._branch_id else false()
        return or_(ordinary, row.discipline.is_(True)) if self._discipline else ordinary


def _proposal(row: ProposalRow) -> Proposal:
    found = {each.name: getattr(row, each.name) for each in fields(Proposal)}
    return Proposal(**found | {"kind": Kind(row.kind), "standing": Standing(row.standing), "state": ProposalState(row.state)})


def _appeal(row: AppealRow) -> Appeal:
    found = {each.name: getattr(row, each.name) for each in fields(Appeal)}
    return Appeal(**found | {"state": AppealState(row.state)})
