"""Reactions and samples in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ARRAY, String, Table, any_, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from .tables import ReactionBatchRow, ReactionCountRow, ReactionTotalRow, ViewerSampleRow

_BATCHES = cast("Table", ReactionBatchRow.__table__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Taps of one person that came together; in the order of the table's columns."""

    client_id: str
    person: str
    broadcast_id: str
    kind: str
    count: int
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return (self.client_id, self.person)

    @property
    def said(self) -> tuple[str, str, int]:
        return (self.broadcast_id, self.kind, self.count)


@dataclass(frozen=True, slots=True)
class Counted:
    """Reactions of one kind that came within the ten seconds from `at` on."""

    at: datetime
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Viewers at the end of the ten seconds from `at` on, and the most within them."""

    at: datetime
    viewers: int
    most: int


async def remember(session: AsyncSession, batches: Sequence[Batch]) -> None:
    """Raise IntegrityError if one of them was counted before."""
    await insert_rows(session, _BATCHES, [astuple(batch) for batch in batches])


async def claim(session: AsyncSession, batches: Sequence[Batch]) -> set[tuple[str, str]]:
    """As `remember`, but leaves out those that were counted before; gives the keys of the others. Waits for whoever is just
    writing the same, so that a look afterwards sees it."""
    if not batches:
        return set()
    values = [{name: getattr(batch, name) for name in Batch.__slots__} for batch in batches]
    statement = _insert(session, ReactionBatchRow).values(values).on_conflict_do_nothing()
    made = await session.execute(statement.returning(ReactionBatchRow.client_id, ReactionBatchRow.person))
    return {(client_id, person) for client_id, person in made}


async def remembered(session: AsyncSession, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Batch]:
    """Those of the (client_id, person) pairs that were counted before."""
    row = _BATCHES.c
    client_ids = [client_id for client_id, _ in keys]
    query = select(_BATCHES)
    if session.get_bind().dialect.name == "postgresql":
        query = query.where(row.client_id == any_(literal(client_ids, ARRAY(String))))
    else:
        query = query.where(row.client_id.in_(client_ids))
    found = [Batch(*values) for values in await session.execute(query)]
    wanted = set(keys)
    return {each.key: each for each in found if each.key in wanted}


async def forget(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(ReactionBatchRow).where(ReactionBatchRow.at < before))


async def count(session: AsyncSession, counts: Mapping[tuple[str, str, datetime], int]) -> dict[str, dict[str, int]]:
    """Add to the counts of (broadcast, kind, ten seconds); gives the totals that have grown, as they are after this
    transaction: they stay locked until its end. Rows are taken in one order, so that two processes never wait in a circle."""
    sums: dict[tuple[str, str], int] = {}
    for (broadcast_id, kind, at), more in sorted(counts.items()):
        values = {"broadcast_id": broadcast_id, "kind": kind, "at": at, "count": more}
        await session.execute(_added(session, ReactionCountRow, values))
        sums[broadcast_id, kind] = sums.get((broadcast_id, kind), 0) + more
    grown: dict[str, dict[str, int]] = {}
    for (broadcast_id, kind), more in sums.items():
        statement = _added(session, ReactionTotalRow, {"broadcast_id": broadcast_id, "kind": kind, "count": more})
        total = (await session.execute(statement.returning(ReactionTotalRow.count))).scalar_one()
        grown.setdefault(broadcast_id, {})[kind] = total
    return grown


async def totals(session: AsyncSession, broadcast_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Of every kind there was."""
    row = ReactionTotalRow
    query = select(row.broadcast_id, row.kind, row.count).where(row.broadcast_id.in_(broadcast_ids)).order_by(row.kind)
    found: dict[str, dict[str, int]] = {}
    for broadcast_id, kind, total in await session.execute(query):
        found.setdefault(broadcast_id, {})[kind] = total
    return found


async def counted(session: AsyncSession, broadcast_id: str) -> list[Counted]:
    """In the order of time."""
    row = ReactionCountRow
    query = select(row.at, row.kind, row.count).where(row.broadcast_id == broadcast_id).order_by(row.at, row.kind)
    return [Counted(*values) for values in await session.execute(query)]


async def sample(session: AsyncSession, broadcast_id: str, sampled: Sample) -> None:
    """Several processes may say so of the same seconds; the most stays."""
    given = {"broadcast_id": broadcast_id, "at": sampled.at, "viewers": sampled.viewers, "most": sampled.most}
    statement = _insert(session, ViewerSampleRow).values(**given)
    new = statement.excluded
    largest = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
    changed = {"viewers": new.viewers, "most": largest(ViewerSampleRow.most, new.most)}
    await session.execute(
        statement.on_conflict_do_update(index_elements=[ViewerSampleRow.broadcast_id, ViewerSampleRow.at], set_=changed)
    )


async def samples(session: AsyncSession, broadcast_id: str) -> list[Sample]:
    """In the order of time."""
    row = ViewerSampleRow
    query = select(row.at, row.viewers, row.most).where(row.broadcast_id == broadcast_id).order_by(row.at)
    return [Sample(*values) for values in await session.execute(query)]


def _added(session: AsyncSession, row: type[ReactionCountRow | ReactionTotalRow], values: Mapping[str, Any]) -> Any:
    statement = _insert(session, row).values(**values)
    key = [column for column in values if column != "count"]
    return statement.on_conflict_do_update(index_elements=key, set_={"count": row.count + statement.excluded["count"]})


def _insert(session: AsyncSession, row: Any) -> Any:
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(row)
