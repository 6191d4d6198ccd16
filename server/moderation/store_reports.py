"""Reports in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.journal import Author
from .reporting_model import Case, CaseState, ReportReason, Said
from .tables import CaseRow, ReportRow


async def open_case(session: AsyncSession, case: Case) -> bool:
    """Whether there was none yet."""
    return await _insert(session, CaseRow, _values(case))


async def find(session: AsyncSession, thing_id: str, *, lock: bool = False) -> Case | None:
    row = await session.get(CaseRow, thing_id, with_for_update=True if lock else None, populate_existing=True)
    return None if row is None else _case(row)


async def save(session: AsyncSession, case: Case) -> None:
    await session.merge(CaseRow(**_values(case)))
    await session.flush()


async def open_of(session: AsyncSession, scope: str) -> list[Case]:
    query = select(CaseRow).where(CaseRow.scope == scope, CaseRow.state == CaseState.OPEN.value).order_by(CaseRow.id)
    return _cases(await session.scalars(query))


async def open_count(session: AsyncSession, scope: str) -> int:
    query = select(func.count()).select_from(CaseRow).where(CaseRow.scope == scope, CaseRow.state == CaseState.OPEN.value)
    return int((await session.execute(query)).scalar_one())


async def open_counts(session: AsyncSession, scopes: Collection[str]) -> dict[str, int]:
    """By room; those with nothing are left out."""
    query = select(CaseRow.scope, func.count()).where(CaseRow.scope.in_(scopes), CaseRow.state == CaseState.OPEN.value)
    return {row[0]: row[1] for row in await session.execute(query.group_by(CaseRow.scope))}


async def texts(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    query = select(CaseRow.id, CaseRow.text).where(CaseRow.id.in_(ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def page(session: AsyncSession, scope: str, states: Iterable[CaseState], *, after: str | None, limit: int) -> list[Case]:
    """The newest first."""
    wanted = [each.value for each in states]
    query = select(CaseRow).where(CaseRow.scope == scope, CaseRow.state.in_(wanted)).order_by(CaseRow.id.desc()).limit(limit)
    if after is not None:
        query = query.where(CaseRow.id < after)
    return _cases(await session.scalars(query))


async def add(
    session: AsyncSession, thing_id: str, by_id: str, client_id: str, at: datetime, reason: ReportReason, words: str
) -> bool:
    """Whether this person had not reported it yet."""
    given = {"thing_id": thing_id, "by_id": by_id, "client_id": client_id, "at": at, "reason": reason.value, "words": words}
    return await _insert(session, ReportRow, given)


async def under(session: AsyncSession, by_id: str, client_id: str) -> str | None:
    """What was reported under this client_id."""
    query = select(ReportRow.thing_id).where(ReportRow.client_id == client_id, ReportRow.by_id == by_id)
    found: str | None = await session.scalar(query)
    return found


async def filed_since(session: AsyncSession, by_id: str, since: datetime) -> list[datetime]:
    """When somebody filed reports since then, the oldest first."""
    query = select(ReportRow.at).where(ReportRow.by_id == by_id, ReportRow.at > since).order_by(ReportRow.at)
    return list(await session.scalars(query))


async def reports_of(session: AsyncSession, scope: str, *, after: tuple[str, str] | None, limit: int) -> list[dict[str, Any]]:
    """All reports of a room, by what they are about and who filed them."""
    query = select(ReportRow).join(CaseRow, CaseRow.id == ReportRow.thing_id).where(CaseRow.scope == scope)
    query = query.order_by(ReportRow.thing_id, ReportRow.by_id).limit(limit)
    if after is not None:
        thing, by = after
        query = query.where((ReportRow.thing_id > thing) | ((ReportRow.thing_id == thing) & (ReportRow.by_id > by)))
    return [
        {"thing_id": row.thing_id, "by_id": row.by_id, "at": row.at, "reason": row.reason, "words": row.words}
        for row in await session.scalars(query)
    ]


async def drop(session: AsyncSession, scope: str) -> None:
    await session.execute(delete(CaseRow).where(CaseRow.scope == scope))


async def _insert(session: AsyncSession, table: type[CaseRow] | type[ReportRow], values: dict[str, Any]) -> bool:
    dialect = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = dialect(table).values(**values).on_conflict_do_nothing()
    keys = list(table.__table__.primary_key)
    return (await session.execute(statement.returning(*keys))).first() is not None


def _values(case: Case) -> dict[str, Any]:
    said = case.said
    return {
        "id": said.id,
        "scope": said.scope,
        "kind": said.kind,
        "author": to_json(said.author.wire()).decode(),
        "text": said.text,
        "said_at": said.at,
        "media_at": said.media_at,
        "hits": to_json(list(case.hits)).decode(),
        "count": case.count,
        "reasons": to_json(case.reasons).decode(),
        "state": case.state.value,
        "decided_at": case.decided_at,
        "decided_by": case.decided_by,
        "decided_name": case.decided_name,
    }


def _cases(rows: Iterable[CaseRow]) -> list[Case]:
    return [_case(row) for row in rows]


def _case(row: CaseRow) -> Case:
    author = Author(**from_json(row.author))
    said = Said(row.id, row.scope, row.kind, author, row.text, row.said_at, row.media_at)
    state = CaseState(row.state)
    hits, reasons = from_json(row.hits), from_json(row.reasons)
    return Case(said, hits, row.count, reasons, state, row.decided_at, row.decided_by, row.decided_name)
