"""Exemptions and the proposals for them in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, delete, false, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.errors import Conflict
from .exempting_model import Exempting
from .proposing_model import ProposalState, Standing
from .tables import ExemptingRow, ExemptionRow


async def add(session: AsyncSession, proposal: Exempting) -> None:
    """Raise Conflict `already_proposed`: one at a time waits for somebody in a year."""
    session.add(ExemptingRow(**asdict(proposal)))
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("already_proposed", "这位党员这一年已经有一个待确认的提议") from error


async def held(session: AsyncSession, proposal_id: str) -> Exempting | None:
    row = await session.get(ExemptingRow, proposal_id, with_for_update=True)
    return None if row is None else _proposal(row)


async def save(session: AsyncSession, changed: Exempting) -> None:
    """It is held by this transaction."""
    row = await session.get_one(ExemptingRow, changed.id)
    for each in fields(changed):
        setattr(row, each.name, getattr(changed, each.name))
    await session.flush()


async def listed(
    session: AsyncSession,
    states: Sequence[ProposalState],
    *,
    everywhere: bool,
    branch_id: str | None,
    before: str | None,
    limit: int,
) -> list[Exempting]:
    """The newest first."""
    whose: ColumnElement[bool] = true() if everywhere else ExemptingRow.branch_id == branch_id if branch_id else false()
    query = select(ExemptingRow).where(ExemptingRow.state.in_(states), whose).order_by(ExemptingRow.id.desc())
    if before is not None:
        query = query.where(ExemptingRow.id < before)
    return [_proposal(row) for row in await session.scalars(query.limit(limit))]


async def exemption(session: AsyncSession, member_id: str, year: int) -> ExemptionRow | None:
    return await session.get(ExemptionRow, (member_id, year))


async def carry_out(session: AsyncSession, proposal: Exempting) -> None:
    """What was confirmed is so from now on."""
    if proposal.lift:
        query = delete(ExemptionRow).where(ExemptionRow.member_id == proposal.member_id, ExemptionRow.year == proposal.year)
        await session.execute(query)
    elif await exemption(session, proposal.member_id, proposal.year) is None:
        session.add(
            ExemptionRow(
                member_id=proposal.member_id,
                year=proposal.year,
                reason=proposal.reason,
                by=proposal.by,
                made_at=proposal.reviewed_at or proposal.made_at,
            )
        )
    await session.flush()


def _proposal(row: ExemptingRow) -> Exempting:
    found = {each.name: getattr(row, each.name) for each in fields(Exempting)}
    return Exempting(**found | {"standing": Standing(row.standing), "state": ProposalState(row.state)})
