"""Statements reach SQLite in one trip to its thread, with everything that SQLAlchemy expects of a cursor."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from server.core.db import Database
from server.core.sqlite import OneTripConnection, creator


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One for each trip made from now on."""
    made: list[object] = []
    original = OneTripConnection._execute

    async def counted(self: OneTripConnection, function: object, *arguments: object, **named: object) -> object:
        made.append(function)
        return await original(self, function, *arguments, **named)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(OneTripConnection, "_execute", counted)
    return made


async def test_a_statement_with_its_rows_is_one_trip(sqlite_url: str, trips: list[object]) -> None:
    database = Database(sqlite_url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
        await session.execute(text("INSERT INTO words (word) VALUES (:word)"), [{"word": "一"}, {"word": "二"}])
        trips.clear()
        found = (await session.execute(text("SELECT id, word FROM words ORDER BY id"))).all()
        assert len(trips) == 1
        assert [tuple(row) for row in found] == [(1, "一"), (2, "二")]
        changed = await session.execute(text("UPDATE words SET word = word || '!'"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]
        given = await session.execute(text("INSERT INTO words (word) VALUES ('三') RETURNING id"))
        assert given.scalar_one() == 3
        assert len(trips) == 3
    await database.close()


async def test_beginning_and_giving_back_are_no_trips(sqlite_url: str, trips: list[object]) -> None:
    database = Database(sqlite_url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE words (word TEXT)"))
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))  # the connection is open now
    trips.clear()
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO words VALUES ('一')"))
    assert len(trips) == 2, "the statement and the commit"
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM words")) == 1
    assert len(trips) == 3
    async with database.transaction():
        pass
    async with database.snapshot():
        pass
    assert len(trips) == 3, "nothing was asked"
    await database.close()


async def test_a_snapshot_sees_one_moment_and_reading_each_statement_its_own(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE words (word TEXT)"))
    count = text("SELECT count(*) FROM words")
    async with database.snapshot() as still, database.reading() as moving:
        assert [await still.scalar(count), await moving.scalar(count)] == [0, 0]
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO words VALUES ('一')"))
        assert [await still.scalar(count), await moving.scalar(count)] == [0, 1]
    await database.close()


async def test_a_rollback_takes_back_what_was_begun_for_somebody_who_was_cancelled(tmp_path: Path) -> None:
    connection = await creator(str(tmp_path / "words"))()
    await connection.execute("CREATE TABLE words (word TEXT)")
    go_on = threading.Event()
    busy = asyncio.create_task(connection.run(go_on.wait))
    connection.begin_with_next("BEGIN IMMEDIATE")
    writing = asyncio.create_task(connection.cursor().execute("INSERT INTO words VALUES ('一')"))
    await asyncio.sleep(0)  # both have asked the thread, which is busy with the first
    writing.cancel()
    ending = asyncio.create_task(connection.rollback())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(busy, writing, ending, return_exceptions=True)
    assert not connection.in_transaction
    assert list(await connection.execute_fetchall("SELECT * FROM words")) == []
    await connection.close()


async def test_errors_are_what_they_were_and_leave_the_connection_usable(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE words (word TEXT UNIQUE)"))
        await session.execute(text("INSERT INTO words VALUES ('一')"))
    with pytest.raises(IntegrityError, match="UNIQUE"):
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO words VALUES ('一')"))
    with pytest.raises(OperationalError, match="no such table"):
        async with database.reading() as session:
            await session.execute(text("SELECT * FROM nowhere"))
    with pytest.raises(OperationalError, match="readonly"):
        async with database.reading() as session:
            await session.execute(text("INSERT INTO words VALUES ('二')"))
    async with database.reading() as session:
        assert (await session.scalars(text("SELECT word FROM words"))).all() == ["一"]
    await database.close()
