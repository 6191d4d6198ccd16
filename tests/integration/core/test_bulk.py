"""Rows in bulk are what rows one by one would be, in both databases."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import BigInteger, String, Table, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.core.bulk import insert_rows
from server.core.db import Database, UtcDateTime


class Here(DeclarativeBase):
    """Tables of this test alone."""


class Event(Here):
    __tablename__ = "order"  # a word of SQL
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    offset: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str | None] = mapped_column(Text)


TABLE = cast("Table", Event.__table__)
NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> Any:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    yield database
    await database.close()


async def test_what_was_inserted_is_read_back_alike(database: Database) -> None:
    rows = [
        ("plain", 1, NOON, "闻小满"),
        ('{"array", NULL}', 2**53, NOON - timedelta(microseconds=1), "'; DROP TABLE"),
        ("nothing", 0, None, None),
        ("an emoji 👩‍👩‍👧", -1, NOON, ""),
    ]
    async with database.transaction() as session:
        await insert_rows(session, TABLE, rows)
    async with database.reading() as session:
        found = (await session.execute(select(*TABLE.columns).order_by(TABLE.c.name))).all()
    assert [tuple(row) for row in found] == sorted(rows)


async def test_sqlite_keeps_all_of_a_text_with_a_nul_in_it(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.run_sync(Here.metadata.create_all)
    async with database.transaction() as session:
        await insert_rows(session, TABLE, [("a", 1, None, "before\0after"), ("b", 2, None, "\\u0000")])
    async with database.reading() as session:
        assert (await session.scalars(select(Event.by).order_by(Event.name))).all() == ["before\0after", "\\u0000"]
    await database.close()


@pytest.mark.parametrize("alike", list(itertools.product((True, False), repeat=3)))
@pytest.mark.parametrize("count", [1, 3])
async def test_columns_in_which_all_rows_are_alike_too(database: Database, alike: tuple[bool, ...], count: int) -> None:
    """Whichever they are, the last one and those without a value included."""
    offset, at, by = alike
    rows = [
        (f"n{number}", 7 if offset else number, None if at else NOON + timedelta(number), "同一句" if by else str(number))
        for number in range(count)
    ]
    async with database.transaction() as session:
        await insert_rows(session, TABLE, rows)
    async with database.reading() as session:
        found = (await session.execute(select(*TABLE.columns).order_by(TABLE.c.name))).all()
    assert [tuple(row) for row in found] == rows


async def test_no_rows_are_no_statement(database: Database) -> None:
    async with database.transaction() as session:
        await insert_rows(session, TABLE, [])


async def test_one_row_that_may_not_be_there_keeps_out_all_of_them(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        async with database.transaction() as session:
            await insert_rows(session, TABLE, [("a", 1, None, "secret words"), ("a", 2, None, None)])
    assert "secret words" not in str(refused.value)
    async with database.reading() as session:
        assert (await session.scalars(select(Event.name))).all() == []
