"""A connection to an SQLite file for SQLAlchemy's asyncio engine, with one trip to its thread for each statement.

aiosqlite makes four: a cursor, the statement, its rows, the cursor's end. Each costs two changes of threads, many times what
SQLite itself needs to find a row. Here the rows are read where the statement runs, BEGIN goes along with the first statement
of a transaction, and a rollback where there is nothing to roll back, which SQLAlchemy asks for after each use, is no trip at
all. Built on aiosqlite's connection and on `_execute`, its queue to the thread; a test notices should that go.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from threading import get_ident
from typing import Any, Self, TypeVar

import aiosqlite

Result = TypeVar("Result")
_STATEMENTS = 1000  # that a connection keeps compiled; the same ones come again and again


class OneTripConnection(aiosqlite.Connection):
    _begin: str | None = None  # said with the next statement
    _asked = _done = 0  # trips; the thread may still be at one whose caller was cancelled

    def begin_with_next(self, statement: str) -> None:
        """Begin a transaction in the trip of its first statement, which has the error if that cannot be; without one, never."""
        self._begin = statement

    def take_begin(self) -> str | None:
        begin, self._begin = self._begin, None
        return begin

    async def commit(self) -> None:
        if self.take_begin() is None:
            await self.run(self.open.commit)

    async def rollback(self) -> None:
        self._begin = None
        if self._asked != self._done or self.open.in_transaction:
            await self.run(self.open.rollback)

    def cursor(self) -> "_Cursor":  # type: ignore[override]  # SQLAlchemy asks for no more than what is below
        return _Cursor(self)

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call it in the connection's thread."""
        if get_ident() == self._thread.ident:
            return function(*arguments)  # see `carry_out`
        self._asked += 1
        return await self._execute(self._there, function, arguments)  # type: ignore[no-untyped-call]

    async def carry_out(self, work: Callable[[], Coroutine[Any, Any, Result]], tell: Callable[[Result], None]) -> Result:
        """Run a coroutine in the connection's thread, all of it in one trip. It may wait for this connection, and for nothing
        else. Raise RuntimeError if it does.

        `tell` is called on the event loop with what it gives, before anybody who waits goes on, also if the caller has been
        cancelled meanwhile; who then still waits for the end.
        """
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def told(found: Result) -> None:
            try:
                tell(found)
            finally:
                ended.set_result(None)

        def carried() -> Result:
            try:
                found = _carried_out(work)
            except BaseException:
                loop.call_soon_threadsafe(ended.set_result, None)
                raise
            loop.call_soon_threadsafe(told, found)
            return found

        try:
            found: Result = await self.run(carried)
        except asyncio.CancelledError:
            await asyncio.wait({ended})
            raise
        return found

    def _there(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        try:
            return function(*arguments)
        finally:
            self._done += 1

    @property
    def open(self) -> sqlite3.Connection:
        return self._conn


def _carried_out(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    coroutine = work()
    try:
        coroutine.send(None)
    except StopIteration as end:
        found: Result = end.value
        return found
    coroutine.close()
    raise RuntimeError("what is carried out at once must wait for nothing but its connection")


class _Cursor:
    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount, self.arraysize = -1, 1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.run(self._execute, self._connection.take_begin(), statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        await self._connection.run(self._executemany, self._connection.take_begin(), statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """Nothing is open any more."""

    # In the connection's thread

    def _execute(self, begin: str | None, statement: str, parameters: Sequence[Any]) -> None:
        self._keep(self._begun(begin).execute(statement, parameters))

    def _executemany(self, begin: str | None, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._keep(self._begun(begin).executemany(statement, parameters))

    def _begun(self, begin: str | None) -> sqlite3.Connection:
        if begin is not None:
            self._connection.open.execute(begin)
        return self._connection.open

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        if cursor.description is not None:
            self._rows = cursor.fetchall()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


def creator(path: str) -> Callable[[], Awaitable[OneTripConnection]]:
    """For `create_async_engine(async_creator=…)`."""

    async def create() -> OneTripConnection:
        connection = OneTripConnection(
            lambda: sqlite3.connect(path, check_same_thread=False, cached_statements=_STATEMENTS), iter_chunk_size=64
        )
        connection._thread.daemon = True  # noqa: SLF001  # a process that ends does not wait for it
        await connection
        return connection

    return create
