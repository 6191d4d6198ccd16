"""`python -m bench.ledger.filling URL MEMBERS ROWS` makes a large ledger: the database writes it by itself in a few statements,
for a row at a time takes longer than all that is measured.

Meanwhile the triggers rest and the indexes that can wait are away; afterwards the schema is as it was and the balances are what
the rows add up to. The rows have numbers but no true hashes, which a publication does not read; half are of another year.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import asyncpg

from server.core.clock import SystemClock
from server.core.db import Database
from tests.support.ledger.town import town

BRANCHES = 500
_CACHE_KB = 4_000_000


@dataclass(frozen=True, slots=True)
class _Words:
    """What the two databases say differently."""

    day: str
    indexes: str


_SQLITE = _Words(
    day="date(year || '-01-01', (mixed / 65536 % 86) || ' days')",
    indexes="SELECT name, sql FROM sqlite_master WHERE tbl_name = 'ledger' AND type = 'index' AND sql IS NOT NULL",
)
_POSTGRES = _Words(
    day="make_date(year::int, 1, 1) + (mixed / 65536 % 86)::int",
    indexes="""SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'ledger'
        AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = 'ledger'::regclass)""",
)


def member_id(nth: int) -> str:
    return f"01900000-0000-7000-8000-{nth:012d}"


def _id(group: int, nth: str) -> str:
    """As above, in SQL."""
    return f"'01900000-0000-7000-{group}-' || substr(CAST(1000000000000 + {nth} AS text), 2)"


def _branches() -> str:
    return f"""
        INSERT INTO branches (id, name, city, created_at)
        {_counted(BRANCHES)}
        SELECT {_id(8001, "nth")}, '第' || (nth + 1) || '党支部', '广州', 0 FROM counted"""  # noqa: S608  # numbers of ours


def _members(count: int) -> str:
    return f"""
        INSERT INTO members (id, name, mobile, branch_id, status, created_at)
        {_counted(count)}
        SELECT {_id(8000, "nth")}, '陈志远', substr(CAST(100000000000 + nth AS text), 2), {_id(8001, f"nth % {BRANCHES}")},
            'full', 0 FROM counted"""  # noqa: S608


def _counted(count: int) -> str:
    """From 0 on."""
    first = "SELECT CAST(0 AS bigint)"
    return f"WITH RECURSIVE counted(nth) AS ({first} UNION ALL SELECT nth + 1 FROM counted WHERE nth < {count - 1})"  # noqa: S608


def _rows(words: _Words, members: int, rows: int) -> str:
    """Lehmer's generator says who comes next: as good as chance here, and the same on both databases."""
    return f"""
        INSERT INTO ledger (id, member_id, branch_id, indicator, aspect, kind, source, year, day, "full", amount,
            at, recorded_at, title, link, reason, number, hash)
        {_counted(rows)}, mixed AS (
            SELECT nth, nth * 48271 % 2147483647 AS mixed FROM counted
        ), drawn AS (
            SELECT nth, mixed, mixed / 8 % {members} AS person, 2025 + mixed % 2 AS year FROM mixed
        )
        SELECT {_id(8002, "nth")}, {_id(8000, "person")}, {_id(8001, f"person % {BRANCHES}")}, 'Q04', 'qin', 'award',
            'activity.checkin.confirmed/' || {_id(8003, "nth")}, year, {words.day}, 5,
            CASE WHEN mixed / 1024 % 5 = 0 THEN 5 ELSE 0 END, 0, 0, '主题党日', '', '',
            row_number() OVER (PARTITION BY person % {BRANCHES} ORDER BY nth), '{"0" * 64}'
        FROM drawn"""  # noqa: S608  # numbers of ours


_FOLLOWS = (
    """INSERT INTO point_balances (member_id, year, aspect, awarded, deducted, vetoes)
        SELECT member_id, year, aspect, sum(amount), 0, 0 FROM ledger GROUP BY member_id, year, aspect""",
    f"""INSERT INTO ledger_chains (branch_id, number, hash)
        SELECT branch_id, max(number), '{"0" * 64}' FROM ledger GROUP BY branch_id""",  # noqa: S608
)


async def fill(url: str, members: int, rows: int) -> dict[str, float]:
    """Branches, members who are in them in turn, and the rows of these."""
    began = time.perf_counter()
    async with town(url, SystemClock()) as here:
        async with here.database.transaction() as session:
            connection = await session.connection()
            for statement in (_branches(), _members(members)):
                await connection.exec_driver_sql(statement)
        await (_fill_sqlite if here.database.is_sqlite else _fill_postgres)(here.database, members, rows)
    return {"rows": rows, "filled_s": time.perf_counter() - began}


async def _fill_sqlite(database: Database, members: int, rows: int) -> None:
    async with database.transaction() as session:
        connection = await session.connection()

        async def run(statement: str) -> Any:
            return await connection.exec_driver_sql(statement)

        # Large enough for all of it: each page is written once.
        before = (await run("PRAGMA cache_size")).scalar_one()
        await run(f"PRAGMA cache_size=-{_CACHE_KB}")
        triggers = (await run("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'ledger' AND type = 'trigger'")).all()
        indexes = (await run(_SQLITE.indexes)).all()
        for name, _ in triggers:
            await run(f"DROP TRIGGER {name}")
        for name, _ in indexes:
            await run(f"DROP INDEX {name}")
        for statement in (_rows(_SQLITE, members, rows), *_FOLLOWS):
            await run(statement)
        for _, made in (*indexes, *triggers):
            await run(made)
        await run("ANALYZE")  # as the database does by itself, sooner or later
        await run(f"PRAGMA cache_size={before}")


async def _fill_postgres(database: Database, members: int, rows: int) -> None:
    """By a connection of its own, which may take longer than the server's."""
    connection = await asyncpg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")  # no triggers, foreign keys' included
            await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
            indexes = await connection.fetch(_POSTGRES.indexes)
            for name, _ in indexes:
                await connection.execute(f"DROP INDEX {name}")
            for statement in (_rows(_POSTGRES, members, rows), *_FOLLOWS):
                await connection.execute(statement)
            for _, made in indexes:
                await connection.execute(made)
        await connection.execute("VACUUM ANALYZE")  # as the database does by itself, sooner or later
    finally:
        await connection.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
