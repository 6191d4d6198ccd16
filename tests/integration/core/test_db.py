import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Integer, String, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.core.db import Database, UtcDateTime, after_commit
from tests.support.wait import until


class Here(DeclarativeBase):
    """Tables of this test alone."""


class Counter(Here):
    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def test_concurrent_transactions_lose_no_update(database_url: str) -> None:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    async with database.transaction() as session:
        session.add(Counter(name="n", value=0))

    async def add_one() -> None:
        async with database.transaction() as session:
            row = (await session.scalars(select(Counter).with_for_update())).one()
            await asyncio.sleep(0)
            row.value += 1

    await asyncio.gather(*(add_one() for _ in range(40)))
    async with database.reading() as session:
        assert (await session.scalars(select(Counter.value))).one() == 40
    await database.close()


@pytest.mark.postgres
async def test_who_falls_silent_in_a_transaction_does_not_hold_the_others_up(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has lost its power closes no connection, and the locks it held would stay for hours."""
    monkeypatch.setattr("server.core.db._SILENCE", 0.3)
    silent, other = Database(postgres_url), Database(postgres_url)
    await other.run_sync(Here.metadata.create_all)
    written, back = asyncio.Event(), asyncio.Event()

    async def fall_silent() -> None:
        async with silent.transaction() as session:
            session.add(Counter(name="n", value=1))
            await session.flush()
            written.set()
            await back.wait()

    falling = asyncio.create_task(fall_silent())
    await written.wait()
    async with asyncio.timeout(10), other.transaction() as session:
        session.add(Counter(name="n", value=2))  # has to wait for what becomes of the first
    back.set()
    with pytest.raises(DBAPIError) as lost:
        await falling
    assert lost.value.connection_invalidated
    async with other.reading() as session:
        assert (await session.scalars(select(Counter.value))).one() == 2
    await silent.close()
    await other.close()


async def _backend(database: Database) -> int:
    async with database.reading() as session:
        return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())


@pytest.mark.postgres
async def test_connections_that_died_while_they_rested_are_replaced_and_nobody_hears_of_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL was restarted, or a firewall has forgotten who was silent."""
    database, other = Database(postgres_url), Database(postgres_url)
    died = await _backend(database)
    async with other.transaction() as session:
        await session.execute(text(f"SELECT pg_terminate_backend({died})"))
    monkeypatch.setattr("server.core.db._REST", 0.0)  # as if it had been long ago
    assert await _backend(database) != died
    await database.close()
    await other.close()


@pytest.mark.postgres
async def test_a_connection_that_was_just_used_is_not_asked_whether_it_is_there(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    asked: list[object] = []
    monkeypatch.setattr(database._writer.dialect, "do_ping", asked.append)
    assert await _backend(database) == await _backend(database)
    assert asked == []
    monkeypatch.setattr("server.core.db._REST", 0.0)
    await _backend(database)
    assert len(asked) == 1
    await database.close()


@pytest.mark.parametrize("pauses", range(12))
async def test_who_is_cancelled_at_the_end_leaves_the_connection_whole_and_tells_what_came_true(
    database_url: str, pauses: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that stops cancels wherever its tasks happen to be."""
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    told: list[str] = []
    leaving = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as session:
            session.add(Counter(name="n", value=1))
            await session.flush()
            after_commit(session, lambda: told.append("n"))
            leaving.set()

    writing = asyncio.create_task(write())
    await leaving.wait()
    for _ in range(pauses):
        await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait({writing})
    async with database.reading() as session:
        kept = (await session.scalars(select(Counter.name))).all()
    assert told == kept
    async with database.transaction() as session:
        session.add(Counter(name="m", value=1))
    await database.close()
    assert "Exception during reset" not in caplog.text


async def test_an_error_inside_leaves_nothing_behind(database_url: str) -> None:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)

    async def fail_half_way() -> None:
        async with database.transaction() as session:
            session.add(Counter(name="n", value=1))
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail_half_way()
    async with database.reading() as session:
        assert (await session.scalars(select(Counter))).all() == []
    await database.close()


async def test_times_come_back_as_the_same_instant_to_the_microsecond(database_url: str) -> None:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    beijing = datetime(2026, 7, 1, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
    for name, at in {"now": beijing, "old": datetime(1921, 7, 23, tzinfo=UTC)}.items():
        async with database.transaction() as session:
            session.add(Counter(name=name, value=0, at=at))
        async with database.reading() as session:
            assert (await session.get_one(Counter, name)).at == at
    await database.close()


async def test_sqlite_is_durable_and_reading_cannot_write(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.transaction() as session:
        assert (await session.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await session.execute(text("PRAGMA synchronous"))).scalar() == 2  # FULL
    async with database.reading() as session:
        assert (await session.execute(text("PRAGMA wal_autocheckpoint"))).scalar() == 0
        with pytest.raises(DBAPIError, match="readonly"):
            await session.execute(text("CREATE TABLE t (x INTEGER)"))
    await database.close()


async def test_what_was_written_is_not_in_the_words_of_an_error(database_url: str) -> None:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    with pytest.raises(DBAPIError) as caught:
        async with database.transaction() as session:
            session.add_all([Counter(name="悄悄话", value=1), Counter(name="悄悄话", value=2)])
    assert "悄悄话" not in str(caught.value)
    await database.close()


async def test_a_transaction_at_once_is_durable_and_then_told(database_url: str) -> None:
    database, told = Database(database_url), list[object]()
    await database.run_sync(Here.metadata.create_all)

    async def work(session: AsyncSession) -> int:
        session.add(Counter(name="n", value=1))
        await session.flush()
        after_commit(session, lambda: told.append(asyncio.get_running_loop() is loop))
        return await session.scalar(select(Counter.value)) or 0

    loop = asyncio.get_running_loop()
    answered = asyncio.create_task(database.at_once(work, lambda answer: told.append((answer, answered.done()))))
    assert await answered == 1
    assert told == [True, (1, False)], "where everybody else is, in this order, and before the caller goes on"
    async with database.reading() as session:
        assert (await session.scalars(select(Counter.value))).one() == 1
    await database.close()


async def test_a_transaction_at_once_that_fails_leaves_nothing(database_url: str) -> None:
    database, told = Database(database_url), []
    await database.run_sync(Here.metadata.create_all)

    async def work(session: AsyncSession) -> None:
        session.add(Counter(name="n", value=1))
        await session.flush()
        after_commit(session, lambda: told.append("committed"))
        raise ValueError("not this time")

    with pytest.raises(ValueError, match="not this time"):
        await database.at_once(work, lambda _: told.append("answered"))
    async with database.transaction() as session:
        assert (await session.scalars(select(Counter.value))).all() == []
    assert told == []
    await database.close()


async def test_what_is_at_once_waits_for_nothing_else_on_sqlite(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.run_sync(Here.metadata.create_all)

    async def work(session: AsyncSession) -> None:
        session.add(Counter(name="n", value=1))
        await session.flush()
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its connection"):
        await database.at_once(work)
    async with database.transaction() as session:
        assert (await session.scalars(select(Counter.value))).all() == []
    await database.close()


async def test_who_asked_for_a_transaction_at_once_and_went_away_takes_nothing_back(database_url: str) -> None:
    database, told = Database(database_url), []
    await database.run_sync(Here.metadata.create_all)
    begun = threading.Event()

    async def work(session: AsyncSession) -> None:
        begun.set()
        session.add(Counter(name="n", value=1))
        await session.flush()
        after_commit(session, lambda: told.append("committed"))

    asking = asyncio.create_task(database.at_once(work, lambda _: told.append("answered")))
    await until(begun.is_set)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    async with database.reading() as session:
        kept = (await session.scalars(select(Counter.value))).all()
    true = ["committed"] if asking.cancelled() and not database.is_sqlite else ["committed", "answered"]
    assert (kept, told) in (([1], true), ([], [])), "told if and only if it came true"
    await database.close()
