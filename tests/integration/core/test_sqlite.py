"""Statements reach SQLite in one trip to its thread, with everything that SQLAlchemy expects of a cursor."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from server.core.db import Database
from server.core.sqlite import OneTripConnection


async def test_a_statement_with_its_rows_is_one_trip(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(sqlite_url)
    trips: list[object] = []
    original = OneTripConnection._execute

    async def counted(self: OneTripConnection, function: object, *arguments: object) -> object:
        trips.append(function)
        return await original(self, function, *arguments)  # type: ignore[no-untyped-call]

    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
        await session.execute(text("INSERT INTO words (word) VALUES (:word)"), [{"word": "一"}, {"word": "二"}])
        monkeypatch.setattr(OneTripConnection, "_execute", counted)
        found = (await session.execute(text("SELECT id, word FROM words ORDER BY id"))).all()
        assert len(trips) == 1
        assert [tuple(row) for row in found] == [(1, "一"), (2, "二")]
        changed = await session.execute(text("UPDATE words SET word = word || '!'"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]
        given = await session.execute(text("INSERT INTO words (word) VALUES ('三') RETURNING id"))
        assert given.scalar_one() == 3
        assert len(trips) == 3
    await database.close()


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
