"""The ledger in the database. Every function takes the session of the caller's transaction.

A credit is three statements however many members it is for, because each is a trip: hold the balances, read what there is,
insert the rows. A trigger moves the balances (see `tables`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..core.bulk import insert_rows
from ..core.chain import BEGINNING
from .entry import Entry
from .model import Aspect, Kind, Sum
from .preview import Old
from .statements import HOLD, KNOWN
from .tables import BalanceRow, ChainRow, EntryRow, ExemptionRow, PublicationHeadRow

Key = tuple[str, int, str]
"""Member, year and aspect."""

_LEDGER = cast("Table", EntryRow.__table__)
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


async def hold(session: AsyncSession, keys: Collection[Key]) -> dict[Key, Sum]:
    """What the balances are; nobody else credits or reverses in them until the end of the transaction."""
    connection = await session.connection()
    # In one order everywhere: two who hold several must not wait for each other.
    ordered = sorted(keys)
    sqlite_ = connection.dialect.name == "sqlite"
    given = (to_json(ordered).decode(),) if sqlite_ else tuple(map(list, zip(*ordered, strict=True)))
    found: Any = await connection.exec_driver_sql(HOLD[connection.dialect.name], given)
    return {(member, year, aspect): Sum(*sums) for member, year, aspect, *sums in found}


@dataclass(frozen=True, slots=True)
class Place:
    branch_id: str
    status: str


@dataclass(slots=True)
class Known:
    """What a decision needs. `credited` by member and source; `days` by member and indicator what each day holds."""

    places: dict[str, Place] = field(default_factory=dict)
    credited: dict[tuple[str, str], Entry] = field(default_factory=dict)
    days: dict[tuple[str, str], dict[date, int]] = field(default_factory=lambda: defaultdict(dict))


async def known(
    session: AsyncSession, members: Collection[str], sources: Collection[str], indicators: Collection[str], since: date
) -> Known:
    """Of these members: where they belong, what was credited to them for these sources, and what these indicators hold on each
    day since `since`."""
    connection = await session.connection()
    lists = [sorted(members), sorted(sources), sorted(indicators)]
    given = [to_json(each).decode() for each in lists] if connection.dialect.name == "sqlite" else lists
    answer, again = Known(), False
    found: Any = await connection.exec_driver_sql(KNOWN[connection.dialect.name], (*given, since.isoformat()))
    for kind, member, one, other, day, amount in found:
        if kind == "place":
            answer.places[member] = Place(one, other)
        elif kind == "sum":
            answer.days[member, one][date.fromisoformat(day)] = amount
        else:
            again = True
    if again:
        query = select(EntryRow).where(EntryRow.member_id.in_(lists[0]), EntryRow.source.in_(lists[1]))
        answer.credited = {(row.member_id, row.source): entry(row) for row in await session.scalars(query)}
    return answer


async def add(session: AsyncSession, entries: Sequence[Entry]) -> None:
    await insert_rows(session, _LEDGER, [[getattr(each, column.name) for column in _LEDGER.columns] for each in entries])


async def find(session: AsyncSession, entry_id: str) -> Entry | None:
    row = await session.get(EntryRow, entry_id)
    return None if row is None else entry(row)


async def some(session: AsyncSession, ids: Collection[str]) -> dict[str, Entry]:
    """By id."""
    return {row.id: entry(row) for row in await session.scalars(select(EntryRow).where(EntryRow.id.in_(ids)))}


async def reversal_of(session: AsyncSession, entry_id: str) -> Entry | None:
    row = await session.scalar(select(EntryRow).filter_by(reverses=entry_id))
    return None if row is None else entry(row)


@dataclass(frozen=True, slots=True)
class Renewal:
    id: str
    source: str
    reversed: bool


async def renewals(session: AsyncSession, member_id: str, key: str) -> list[Renewal]:
    """The rows of a cause and of its repetitions (`key#2` …), in order."""
    back = aliased(EntryRow)
    again = func.substr(EntryRow.source, 1, len(key) + 1) == f"{key}#"  # whatever the database's order of characters is
    query = (
        select(EntryRow.id, EntryRow.source, back.id.is_not(None))
        .outerjoin(back, back.reverses == EntryRow.id)
        .where(EntryRow.member_id == member_id, or_(EntryRow.source == key, again))
        .order_by(EntryRow.id)
    )
    return [Renewal(*row) for row in await session.execute(query)]


# Reading


async def sums(session: AsyncSession, members: Collection[str], year: int) -> dict[str, dict[Aspect, Sum]]:
    """The balances of a year; who has none is left out."""
    found: dict[str, dict[Aspect, Sum]] = defaultdict(dict)
    query = select(BalanceRow).where(BalanceRow.member_id.in_(members), BalanceRow.year == year)
    for row in await session.scalars(query):
        found[row.member_id][Aspect(row.aspect)] = Sum(row.awarded, row.deducted, row.vetoes)
    return found


async def of_member(
    session: AsyncSession,
    member_id: str,
    *,
    year: int,
    aspect: Aspect | None = None,
    days: tuple[date, date] | None = None,
    before: str | None = None,
    limit: int,
) -> list[Entry]:
    """The newest first, those older than the row with the id `before`."""
    query = select(EntryRow).filter_by(member_id=member_id, year=year).order_by(EntryRow.id.desc()).limit(limit)
    if aspect is not None:
        query = query.where(EntryRow.aspect == aspect)
    if days is not None:
        query = query.where(EntryRow.day.between(*days))
    if before is not None:
        query = query.where(EntryRow.id < before)
    return [entry(row) for row in await session.scalars(query)]


async def reversals(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Of those rows that were taken back, by which."""
    query = select(EntryRow.reverses, EntryRow.id).where(EntryRow.reverses.in_(ids))
    return {original: made for original, made in await session.execute(query) if original is not None}


async def why_exempt(session: AsyncSession, member_id: str, year: int) -> str | None:
    """None for who is compared like everybody else."""
    row = await session.get(ExemptionRow, (member_id, year))
    return None if row is None else row.reason


async def old_rows(session: AsyncSession, *, first: str, last: str, year: int, until: date) -> list[Old]:
    """Of the members from one id to another, each member's together and in the order of their ids."""
    columns = ("id", "member_id", "indicator", "aspect", "kind", "day", "amount", "reverses")
    query = (
        select(*(getattr(EntryRow, name) for name in columns))
        .where(EntryRow.member_id.between(first, last), EntryRow.year == year, EntryRow.day <= until)
        .order_by(EntryRow.member_id, EntryRow.id)
    )
    aspects, kinds = {str(each): each for each in Aspect}, {str(each): each for each in Kind}
    return [
        Old(row, member, indicator, aspects[aspect], kinds[kind], day, amount, reverses)
        for row, member, indicator, aspect, kind, day, amount, reverses in await session.execute(query)
    ]


async def exempt_of(session: AsyncSession, members: Collection[str], year: int) -> set[str]:
    query = select(ExemptionRow.member_id).where(ExemptionRow.member_id.in_(members), ExemptionRow.year == year)
    return set(await session.scalars(query))


# Sealing


def any_unsealed() -> ColumnElement[bool]:
    return exists().where(EntryRow.number.is_(None))


async def unsealed(session: AsyncSession, limit: int) -> list[Entry]:
    query = select(EntryRow).where(EntryRow.number.is_(None)).order_by(EntryRow.id).limit(limit)
    return [entry(row) for row in await session.scalars(query)]


async def unsealed_by_branch(session: AsyncSession) -> dict[str, int]:
    query = select(EntryRow.branch_id, func.count()).where(EntryRow.number.is_(None)).group_by(EntryRow.branch_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def hold_chains(session: AsyncSession, branches: Collection[str]) -> dict[str, tuple[int, str]]:
    """Number and hash of each chain's last row; nobody else seals in them until the end of the transaction."""
    insert = _INSERT[session.get_bind().dialect.name](ChainRow)
    statement = (
        insert.values([{"branch_id": each, "number": 0, "hash": BEGINNING} for each in sorted(branches)])
        .on_conflict_do_update(index_elements=[ChainRow.branch_id], set_={"number": ChainRow.number})
        .returning(ChainRow.branch_id, ChainRow.number, ChainRow.hash)
    )
    return {branch: (number, last) for branch, number, last in await session.execute(statement)}


async def seal(session: AsyncSession, links: Sequence[tuple[str, int, str]], ends: Mapping[str, tuple[int, str]]) -> None:
    """Write (id, number, hash) of rows, and the new ends of their chains, which are held. A row that has been sealed is refused
    by the database."""
    connection = await session.connection()
    rows, chains = _LEDGER, cast("Table", ChainRow.__table__)
    sealed = update(rows).where(rows.c.id == bindparam("row")).values(number=bindparam("nth"), hash=bindparam("hashed"))
    await connection.execute(sealed, [{"row": row, "nth": number, "hashed": hashed} for row, number, hashed in links])
    moved = (
        update(chains).where(chains.c.branch_id == bindparam("of")).values(number=bindparam("nth"), hash=bindparam("hashed"))
    )
    await connection.execute(moved, [{"of": each, "nth": end, "hashed": last} for each, (end, last) in sorted(ends.items())])


async def chain_ends(session: AsyncSession) -> dict[str, tuple[int, str]]:
    query = select(ChainRow.branch_id, ChainRow.number, ChainRow.hash)
    return {branch: (number, last) for branch, number, last in await session.execute(query)}


async def sealed_branches(session: AsyncSession) -> set[str]:
    """Of which there are sealed rows, whatever became of their chains' ends."""
    query = select(EntryRow.branch_id).where(EntryRow.number.is_not(None)).distinct()
    return set(await session.scalars(query))


async def misdated(session: AsyncSession, limit: int) -> list[str]:
    """Rows that are counted in another year than that of their day, which the hash covers."""
    query = select(EntryRow.id).where(func.extract("year", EntryRow.day) != EntryRow.year)
    return list(await session.scalars(query.order_by(EntryRow.id).limit(limit)))


async def lost_heads(session: AsyncSession, limit: int) -> list[tuple[str, int]]:
    """Branch and number of what was published as the end of a chain and is not in it any more."""
    published = PublicationHeadRow
    there = and_(EntryRow.branch_id == published.branch_id, EntryRow.number == published.number)
    query = (
        select(published.branch_id, published.number)
        .outerjoin(EntryRow, and_(there, EntryRow.hash == published.hash))
        .where(published.number > 0, EntryRow.id.is_(None))
        .order_by(published.branch_id, published.number)
    )
    return [(branch, number) for branch, number in await session.execute(query.limit(limit))]


async def sealed(session: AsyncSession, branch_id: str, *, after: int, limit: int) -> list[Entry]:
    """In the order of a branch's chain, from the one after `after`."""
    query = select(EntryRow).where(EntryRow.branch_id == branch_id, EntryRow.number > after).order_by(EntryRow.number)
    return [entry(row) for row in await session.scalars(query.limit(limit))]


async def unbalanced(session: AsyncSession, limit: int) -> list[Key]:
    """Where the balances differ from what the rows add up to."""
    kind, amount = EntryRow.kind, EntryRow.amount
    vetoed = case((EntryRow.reverses.is_(None), 1), else_=-1)
    added = (
        select(
            EntryRow.member_id,
            EntryRow.year,
            EntryRow.aspect,
            func.sum(case((kind == Kind.AWARD, amount), else_=0)).label("awarded"),
            func.sum(case((kind == Kind.DEDUCT, amount), else_=0)).label("deducted"),
            func.sum(case((kind == Kind.VETO, vetoed), else_=0)).label("vetoes"),
        )
        .group_by(EntryRow.member_id, EntryRow.year, EntryRow.aspect)
        .subquery()
    )
    held = cast("Table", BalanceRow.__table__).c
    one = and_(added.c.member_id == held.member_id, added.c.year == held.year, added.c.aspect == held.aspect)
    same = and_(*(func.coalesce(added.c[name], 0) == held[name] for name in ("awarded", "deducted", "vetoes")))
    of_rows = select(added.c.member_id, added.c.year, added.c.aspect).outerjoin(BalanceRow, one).where(held.member_id.is_(None))
    of_balances = select(held.member_id, held.year, held.aspect).outerjoin(added, one).where(not_(same))
    return [
        (member, year, aspect) for member, year, aspect in await session.execute(union_all(of_rows, of_balances).limit(limit))
    ]


def entry(row: EntryRow) -> Entry:
    return Entry(
        id=row.id,
        member_id=row.member_id,
        branch_id=row.branch_id,
        indicator=row.indicator,
        aspect=Aspect(row.aspect),
        kind=Kind(row.kind),
        source=row.source,
        day=row.day,
        full=row.full,
        amount=row.amount,
        at=row.at,
        recorded_at=row.recorded_at,
        reverses=row.reverses,
        by=row.by,
        reviewer=row.reviewer,
        title=row.title,
        link=row.link,
        reason=row.reason,
        number=row.number,
        hash=row.hash,
    )
