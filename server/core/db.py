"""The database: SQLite for one machine, PostgreSQL for many. The rest of the code sees three verbs.

    async with db.transaction() as session: ...   # read and write; committed at exit, rolled back on any error
    async with db.reading() as session: ...       # reading, each statement what is true at its moment
    async with db.snapshot() as session: ...      # reading, and every statement sees the same moment

`reading` takes no transaction, which would cost more than most of what is read; SQLite refuses to write there. What others may
only hear of once it is true is left with `after_commit(session, call)`.

SQLite runs in WAL with `synchronous=FULL` (NORMAL loses acknowledged commits at power loss) and has exactly one writing
connection, which alone checkpoints: two connections checkpointing at once can corrupt the file before SQLite 3.51.3. Write
transactions take their lock at BEGIN, so that none fails half-way with "database is locked".
"""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import BigInteger, Dialect, MetaData, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, AsyncSessionTransaction, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from .chinese import SQLITE_FUNCTION, sqlite_chinese_order
from .sqlite import OneTripConnection, creator

log = structlog.get_logger(__name__)

Session = AsyncSession
"""What a transaction hands out, for those who only pass it on: rules and use cases import no framework."""

Result = TypeVar("Result")
FirstWrite = Callable[[AsyncSession], Awaitable[None]]
first_write: ContextVar[FirstWrite | None] = ContextVar("first_write", default=None)
"""Work that joins the first write transaction of the current context (an idempotency key, see `core.http.idempotency`)."""

# An error's text goes to the log, and values are names, mobiles and what people wrote.
_PRIVATE = {"hide_parameters": True}
# Seconds. A server that has gone without a word must not be waited for until TCP gives up.
_PATIENCE = {"timeout": 10, "command_timeout": 60}
# Nor may a process that has gone without a word in the middle of a transaction hold a channel until then.
_SILENCE = 15.0  # s

# After so many seconds a connection is asked whether it is still there.
_REST = 1.0
_USED_AT = "used_at"
_QUICKLY_VACUUMED = 8 * 1024 * 1024  # bytes
_BUSY, _SCRUB_WAITS = 10_000, 200  # ms
_CALLS = "after_commit"  # in the session's own dictionary
_SNAPSHOT = "snapshot"  # an execution option

# Constraint names are needed to alter them in a migration; SQLite and PostgreSQL get the same ones.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as integer microseconds since the Unix epoch: exact, sortable and alike in both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        elapsed = value - datetime(1970, 1, 1, tzinfo=UTC)
        return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        seconds, micros = divmod(int(value), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


class Database:
    """Engines and sessions for one `DATABASE_URL` (`sqlite:///path` or `postgresql://…`)."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            address = address.set(drivername="sqlite+aiosqlite")
            common: dict[str, Any] = {**_PRIVATE, "async_creator": creator(address.database or ""), "pool_timeout": 30}
            self._writer = create_async_engine(address, pool_size=1, max_overflow=0, **common)
            self._reader = create_async_engine(address, pool_size=8, max_overflow=0, **common)  # opening one costs ten reads
            _prepare_sqlite(self._writer, writing=True)
            _prepare_sqlite(self._reader, writing=False)
        else:
            address = address.set(drivername="postgresql+asyncpg")
            self._writer = create_async_engine(address, pool_size=10, max_overflow=10, connect_args=_PATIENCE, **_PRIVATE)
            _prepare_postgres(self._writer)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")  # the same connections
        self.url = address

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A write transaction. What the block did is durable when it has been left without an error.

        Whoever is cancelled at the end still waits for it: a commit that was asked for is told if it comes true, and the
        connection goes back to the others whole.
        """
        session = AsyncSession(self._writer, expire_on_commit=False)
        try:
            async with session.begin() as begun:
                if (join := first_write.get()) is not None:
                    first_write.set(None)
                    await join(session)
                yield session
                await _to_the_end(_committed(session, begun))
        except BaseException:
            await _to_the_end(session.close())
            raise
        await session.close()  # in this round of the loop: the commit has given the connection back

    async def at_once(
        self, work: Callable[[AsyncSession], Coroutine[Any, Any, Result]], tell: Callable[[Result], None] = lambda _: None
    ) -> Result:
        """`work` in a write transaction that nothing else is waited for in: what it gives is durable. On SQLite all of it is
        carried out in the connection's thread, in one trip; so it must touch nothing that belongs to the event loop. It is
        never the first write of a request.

        `tell` is called with what it gives on the event loop, at once: each further round of a loop that is busy takes
        milliseconds, and it is some rounds until the connection has been given back and the caller goes on.
        """
        if not self.is_sqlite:
            async with self.transaction() as session:
                answer = await work(session)
            tell(answer)
            return answer
        connection = await self._writer.connect()
        try:
            raw = cast("OneTripConnection", (await connection.get_raw_connection()).driver_connection)
            session = AsyncSession(connection, expire_on_commit=False)

            def told(answer: Result) -> None:
                _run_after_commit(session)
                tell(answer)

            answer = await raw.carry_out(lambda: _worked(session, work), told)
        except BaseException:
            await _to_the_end(connection.close())
            raise
        await connection.close()  # in this round of the loop, for nothing is left to be rolled back
        return answer

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """For reading; its session must not write."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A read transaction in which all statements see one state of the whole database."""
        engine = self._reader if self.is_sqlite else self._writer
        options = {_SNAPSHOT: True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await session.connection(execution_options=options)
            yield session

    async def ping(self) -> None:
        """Raise if the database cannot answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def run_sync(self, work: Any) -> None:
        """Run `work(connection)` in a write transaction; for migrations.

        SQLite alters a table by putting a copy in its place, and dropping the old one would delete, by the foreign keys, all
        that hangs on its rows. So they rest meanwhile, and are looked at before the commit.
        """
        async with self._writer.connect() as connection:
            if not self.is_sqlite:
                async with connection.begin():
                    await connection.run_sync(work)
                return
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None  # noqa: S101  # it was opened just now
            await raw.execute("PRAGMA foreign_keys=OFF")  # which does nothing inside of a transaction
            try:
                async with connection.begin():
                    await connection.run_sync(work)
                    if (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first() is not None:
                        raise RuntimeError("a migration has left rows that point nowhere")
            finally:
                await raw.execute("PRAGMA foreign_keys=ON")

    async def read_sync(self, work: Any) -> None:
        """Run `work(connection)` without writing; for looking at the schema."""
        async with self._reader.connect() as connection:
            await connection.run_sync(work)

    async def scrub(self, *tables: str, thorough: bool = False) -> None:
        """After deletions that must leave nothing in the files: of `tables`, which is what PostgreSQL is told to clean up.

        SQLite overwrites what is deleted (`secure_delete`), but now and then a page that was put together anew keeps a piece of
        a row that has moved to another: only VACUUM, which writes everything anew and holds up writers meanwhile, leaves none.
        It is done if `thorough`, and where it takes no tenth of a second. Earlier states of pages lie in the WAL until
        that is emptied, which waits for readers. Raise TimeoutError where they were in the way.
        """
        async with self._writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None  # noqa: S101  # it was opened just now
            if not self.is_sqlite:
                await raw.execute(f"VACUUM {', '.join(tables)}")
                return
            if await raw.run(_scrub_sqlite, raw.open, thorough):
                raise TimeoutError("readers were in the way of emptying the WAL")

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


async def _committed(session: AsyncSession, begun: AsyncSessionTransaction) -> None:
    await _commit(session, begun)
    _run_after_commit(session)


async def _worked(session: AsyncSession, work: Callable[[AsyncSession], Coroutine[Any, Any, Result]]) -> Result:
    try:
        async with session.begin() as begun:
            answer = await work(session)
            await _commit(session, begun)
        return answer
    finally:
        await session.close()


async def _commit(session: AsyncSession, begun: AsyncSessionTransaction) -> None:
    """Every transaction's; tests that kill do it here."""
    await begun.commit()


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for `work` whatever happens to whoever waits."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("ended_unheard", reason=type(error).__name__)  # who would have heard of it has been cancelled
        raise


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Call `call` on the event loop right after the transaction of `session` has been committed; never if it was not.

    It must be quick and must not raise: the deed is done, so an error is only logged. Calls run in the order they were left.
    """
    session.info.setdefault(_CALLS, []).append(call)


def _run_after_commit(session: AsyncSession) -> None:
    for call in session.info.pop(_CALLS, ()):
        try:
            call()
        except Exception:
            log.exception("after_commit_failed")


def _scrub_sqlite(connection: sqlite3.Connection, thorough: bool) -> bool:
    """Whether readers were in the way."""
    (pages,), (size,) = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")]
    if thorough or pages * size <= _QUICKLY_VACUUMED:
        connection.execute("VACUUM")
    connection.execute(f"PRAGMA busy_timeout={_SCRUB_WAITS}")  # for readers; all who write wait with it
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout={_BUSY}")
    return bool(busy)


def _prepare_postgres(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: ConnectionPoolEntry) -> None:
        # Not among the parameters of the start, which poolers between here and there refuse. Nothing we ask takes as long as
        # compiling it would, which PostgreSQL does where it expects more rows than there turn out to be.
        settings = f"SET idle_in_transaction_session_timeout = {round(_SILENCE * 1000)}; SET jit = off"
        connection.run_async(lambda raw: raw.execute(settings))

    _ping_after_a_rest(engine.sync_engine)


def _ping_after_a_rest(engine: Engine) -> None:
    """Ask a connection that nobody has used for a while whether it is still there, and open others if it is not.

    `pool_pre_ping` asks each time, and a ping is three trips to PostgreSQL: more than most of what follows it.
    """

    @event.listens_for(engine, "checkin")
    def rests(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def is_there(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        if time.monotonic() - record.info.get(_USED_AT, math.inf) < _REST:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            if engine.dialect.is_disconnect(error, connection, None):
                raise InvalidatePoolError from error
            raise


def _prepare_sqlite(engine: AsyncEngine, *, writing: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        connection.create_function(SQLITE_FUNCTION, 1, sqlite_chinese_order, deterministic=True)
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY}")
        cursor.execute("PRAGMA mmap_size=0")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, see `Database.scrub`
        cursor.execute(f"PRAGMA wal_autocheckpoint={1000 if writing else 0}")
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        raw = cast("OneTripConnection", connection.connection.driver_connection)
        if writing:
            raw.begin_with_next("BEGIN IMMEDIATE")
        elif connection.get_execution_options().get(_SNAPSHOT):
            raw.begin_with_next("BEGIN")
