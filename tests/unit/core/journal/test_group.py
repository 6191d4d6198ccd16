"""A shared transaction: an answer after the commit, one's own mistake is one's own, and nothing accepted is dropped."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.core.db import Database, first_write
from server.core.errors import AppError, Conflict, Unavailable
from server.core.journal import GroupCommit
from tests.support.wait import until


class Here(DeclarativeBase):
    """Tables of this test alone."""


class Word(Here):
    __tablename__ = "words"
    text: Mapped[str] = mapped_column(String(40), primary_key=True)


class Words:
    """What the batches were, and how they may go wrong."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.careful: list[bool] = []
        self.open = asyncio.Event()
        self.open.set()
        self.reached = asyncio.Event()

    async def write(self, session: AsyncSession, words: Sequence[str], careful: bool) -> Sequence[str | AppError]:
        self.batches.append(list(words))
        self.careful.append(careful)
        self.reached.set()
        await self.open.wait()
        session.add_all(Word(text=word) for word in words if not word.startswith("refused"))
        await session.flush()
        return [Conflict("refused", "不行") if word.startswith("refused") else word.upper() for word in words]


@pytest.fixture
async def words(database_url: str) -> Any:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    yield database, Words()
    await database.close()


async def kept(database: Database) -> set[str]:
    async with database.reading() as session:
        return set((await session.scalars(select(Word.text))).all())


async def test_what_comes_together_shares_a_transaction_and_each_gets_its_own_answer(words: tuple[Database, Words]) -> None:
    database, record = words
    commits = GroupCommit(database, record.write, name="test")
    asked = [f"w{number}" for number in range(50)]
    assert await asyncio.gather(*map(commits.submit, asked)) == [word.upper() for word in asked]
    assert record.batches == [asked]
    assert await kept(database) == set(asked)
    await commits.aclose()


async def test_a_batch_has_its_most(words: tuple[Database, Words]) -> None:
    database, record = words
    commits = GroupCommit(database, record.write, name="test", most=8)
    await asyncio.gather(*(commits.submit(f"w{number}") for number in range(20)))
    assert [len(batch) for batch in record.batches] == [8, 8, 4]
    await commits.aclose()


async def test_a_batch_waits_for_as_many_as_came_last_time_and_a_writer_alone_for_nobody(words: tuple[Database, Words]) -> None:
    database, record = words
    commits = GroupCommit(database, record.write, name="test", linger=3600)
    await commits.submit("alone")
    await asyncio.gather(*map(commits.submit, ("a", "b", "c")))
    first = [asyncio.create_task(commits.submit(word)) for word in ("d", "e")]
    await until(lambda: len(commits._queue) == 2, what="two that wait for a third")
    await asyncio.gather(*first, commits.submit("f"))
    assert record.batches == [["alone"], ["a", "b", "c"], ["d", "e", "f"]]
    await commits.aclose()


async def test_company_that_does_not_come_is_not_waited_for_long_nor_at_all_when_closing(words: tuple[Database, Words]) -> None:
    database, record = words
    commits = GroupCommit(database, record.write, name="test", linger=0.01)
    await asyncio.gather(commits.submit("a"), commits.submit("b"))
    async with asyncio.timeout(10):
        assert await commits.submit("c") == "C"
    commits._linger = 3600
    await asyncio.gather(commits.submit("d"), commits.submit("e"))
    last = asyncio.create_task(commits.submit("f"))
    await until(lambda: bool(commits._queue), what="a write that waits")
    async with asyncio.timeout(10):
        await commits.aclose()
    assert await last == "F"


async def test_one_bad_row_costs_nobody_else_theirs(words: tuple[Database, Words]) -> None:
    database, record = words
    commits = GroupCommit(database, record.write, name="test")
    assert await commits.submit("there already") == "THERE ALREADY"
    asked = ["a", "b", "there already", "c", "refused", "d"]
    answers = await asyncio.gather(*map(commits.submit, asked), return_exceptions=True)
    assert [answers[number] for number in (0, 1, 3, 5)] == ["A", "B", "C", "D"]
    assert isinstance(answers[2], IntegrityError)
    assert isinstance(answers[4], Conflict)
    assert await kept(database) == {"there already", "a", "b", "c", "d"}
    assert await commits.submit("e") == "E"
    await commits.aclose()


async def test_a_batch_that_presumed_too_much_is_written_with_care_and_not_row_by_row(
    words: tuple[Database, Words],
) -> None:
    database, record = words

    async def presuming(session: AsyncSession, asked: Sequence[str], careful: bool) -> Sequence[str | AppError]:
        there = set((await session.scalars(select(Word.text).where(Word.text.in_(asked)))).all()) if careful else set()
        await record.write(session, [word for word in asked if word not in there], careful)
        return [word.upper() for word in asked]

    commits = GroupCommit(database, presuming, name="test")
    await commits.submit("there already")
    asked = ["a", "there already", "b"]
    assert await asyncio.gather(*map(commits.submit, asked)) == ["A", "THERE ALREADY", "B"]
    assert (record.batches, record.careful) == ([["there already"], asked, ["a", "b"]], [False, False, True])
    assert await kept(database) == {"there already", "a", "b"}
    await commits.aclose()


async def test_a_write_that_forgets_an_op_is_an_error_and_commits_nothing(words: tuple[Database, Words]) -> None:
    database, record = words

    async def forgetful(session: AsyncSession, asked: Sequence[str], careful: bool) -> Sequence[str | AppError]:
        return (await record.write(session, asked, careful))[1:]

    commits = GroupCommit(database, forgetful, name="test")
    answers = await asyncio.gather(commits.submit("a"), commits.submit("b"), return_exceptions=True)
    assert all(isinstance(answer, RuntimeError) for answer in answers)
    assert await kept(database) == set()
    await commits.aclose()


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/nowhere", "sqlite:////nowhere/at/all.db"])
async def test_without_a_database_all_are_refused_at_once_and_it_goes_on_afterwards(url: str) -> None:
    database, record = Database(url), Words()
    commits = GroupCommit(database, record.write, name="test")
    for _ in range(2):
        answers = await asyncio.gather(*(commits.submit(f"w{number}") for number in range(20)), return_exceptions=True)
        assert {answer.code for answer in answers if isinstance(answer, Unavailable)} == {"storage_away"}
        assert len({id(answer) for answer in answers}) == 20
    assert [len(batch) for batch in record.batches] == [20, 20]  # tried once, not row by row
    await commits.aclose()
    await database.close()
    # A thread of SQLite's that could not open its file still has a word for this loop.
    await until(lambda: not any("_connection_worker_thread" in each.name for each in threading.enumerate()))


@pytest.mark.postgres
async def test_a_database_that_breaks_off_refuses_the_batch_once_and_not_row_by_row(postgres_url: str) -> None:
    database, record = Database(postgres_url), Words()
    await database.run_sync(Here.metadata.create_all)

    async def cut_off(session: AsyncSession, asked: Sequence[str], careful: bool) -> Sequence[str | AppError]:
        if not record.batches:
            connection = await session.connection()
            mine = await connection.exec_driver_sql("SELECT pg_backend_pid()")
            pid = mine.scalar_one()
            async with database.reading() as other:
                await (await other.connection()).exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
        return await record.write(session, asked, careful)

    commits = GroupCommit(database, cut_off, name="test")
    answers = await asyncio.gather(*(commits.submit(f"w{number}") for number in range(5)), return_exceptions=True)
    assert [getattr(answer, "code", answer) for answer in answers] == ["storage_away"] * 5
    assert len(record.batches) == 1
    assert await commits.submit("after") == "AFTER"
    assert await kept(database) == {"after"}
    await commits.aclose()
    await database.close()


async def test_past_the_bound_a_write_is_refused(words: tuple[Database, Words]) -> None:
    database, record = words
    record.open.clear()
    commits = GroupCommit(database, record.write, name="test", waiting=3)
    first = asyncio.create_task(commits.submit("first"))
    await record.reached.wait()
    waiting = [asyncio.create_task(commits.submit(f"w{number}")) for number in range(3)]
    await until(lambda: len(commits._queue) == 3)
    with pytest.raises(Unavailable) as refused:
        await commits.submit("one too many")
    assert refused.value.code == "busy"
    record.open.set()
    assert await asyncio.gather(first, *waiting) == ["FIRST", "W0", "W1", "W2"]
    await commits.aclose()


async def test_closing_writes_what_was_accepted_and_takes_nothing_more(words: tuple[Database, Words]) -> None:
    database, record = words
    record.open.clear()
    commits = GroupCommit(database, record.write, name="test", most=2)
    asked = [asyncio.create_task(commits.submit(f"w{number}")) for number in range(7)]
    await record.reached.wait()
    closing = asyncio.create_task(commits.aclose())
    await until(lambda: commits._closing)
    with pytest.raises(Unavailable) as refused:
        await commits.submit("late")
    assert refused.value.code == "stopping"
    record.open.set()
    await closing
    assert await asyncio.gather(*asked) == [f"W{number}" for number in range(7)]
    assert await kept(database) == {f"w{number}" for number in range(7)}


async def test_a_caller_that_goes_away_takes_nothing_back(words: tuple[Database, Words]) -> None:
    database, record = words
    record.open.clear()
    commits = GroupCommit(database, record.write, name="test")
    leaving, staying = asyncio.create_task(commits.submit("a")), asyncio.create_task(commits.submit("b"))
    await record.reached.wait()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    record.open.set()
    assert await staying == "B"
    assert await kept(database) == {"a", "b"}
    await commits.aclose()


async def test_the_writer_outlives_the_request_that_came_first_and_writes_nothing_in_its_name(
    words: tuple[Database, Words],
) -> None:
    """An idempotency key joins the first write of its own request, not the transaction of a crowd."""
    database, record = words
    commits = GroupCommit(database, record.write, name="test")
    joined: list[AsyncSession] = []

    async def join(session: AsyncSession) -> None:
        joined.append(session)

    async def request() -> None:
        first_write.set(join)
        await commits.submit("a")
        assert first_write.get() is join

    await asyncio.create_task(request())
    assert joined == []
    await commits.aclose()
