"""What the plan of a year is made from. Every function takes the session of the caller's transaction."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..minutes.model import MinutesState
from ..minutes.tables import MinutesRow
from ..model import ActivityKind, ActivityState
from ..tables import ActivityRow
from .model import Meeting

_COUNT = (ActivityState.ANNOUNCED.value, ActivityState.OPEN.value, ActivityState.CLOSED.value)


async def meetings(session: AsyncSession, since: datetime, until: datetime, branch_id: str | None) -> list[Meeting]:
    """That begin in this time, drafts and cancelled ones left out; of one branch and the committee, or (None) of all."""
    query = (
        select(ActivityRow, MinutesRow.state)
        .outerjoin(MinutesRow, MinutesRow.activity_id == ActivityRow.id)
        .where(ActivityRow.starts_at >= since, ActivityRow.starts_at < until, ActivityRow.state.in_(_COUNT))
    )
    if branch_id is not None:
        query = query.where(or_(ActivityRow.branch_id.is_(None), ActivityRow.branch_id == branch_id))
    return [
        Meeting(
            row.id,
            ActivityKind(row.kind),
            row.branch_id,
            row.starts_at,
            row.ends_at,
            ActivityState(row.state),
            confirmed=state == MinutesState.CONFIRMED.value,
        )
        for row, state in await session.execute(query)
    ]


async def firsts(session: AsyncSession) -> dict[str, datetime]:
    """By branch its first activity."""
    first = func.min(ActivityRow.starts_at, type_=ActivityRow.starts_at.type)
    query = select(ActivityRow.branch_id, first).where(ActivityRow.branch_id.is_not(None), ActivityRow.state.in_(_COUNT))
    return {str(row[0]): row[1] for row in await session.execute(query.group_by(ActivityRow.branch_id))}
