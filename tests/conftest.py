"""What many tests need: a clock, a database of each kind, and a loop whose forgotten errors fail the test."""

import asyncio
import logging
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import structlog

from server.core.db import Database
from tests.support.clock import ManualClock
from tests.support.postgres import running_postgres


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server without a database name.

    Not in pytest's own folder: another run of pytest tidies that away after a while, server or not.
    """
    with tempfile.TemporaryDirectory(prefix="hongbo-postgres-") as folder, running_postgres(Path(folder)) as url:
        yield url


@pytest.fixture
async def postgres_url(postgres: str) -> AsyncIterator[str]:
    """A fresh, empty PostgreSQL database."""
    name = f"t{uuid.uuid4().hex}"
    admin = await asyncpg.connect(f"{postgres}/postgres")
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield f"{postgres}/{name}"
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hongbo.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on each kind of database; both start empty."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """An SQLite database at the newest schema."""
    from server.migrations import upgrade

    database = Database(sqlite_url)
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
def restored_logs() -> Iterator[None]:
    """For who calls `configure_logs`: logging is global; put back what pytest had."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def no_forgotten_errors() -> Iterator[None]:
    """A task that fails with nobody looking would only be a log line in production; here it fails the test."""
    seen: list[dict[str, object]] = []
    original = asyncio.BaseEventLoop.call_exception_handler

    def record(self: asyncio.BaseEventLoop, context: dict[str, object]) -> None:
        seen.append(context)
        original(self, context)

    patch = pytest.MonkeyPatch()
    patch.setattr(asyncio.BaseEventLoop, "call_exception_handler", record)
    yield
    patch.undo()
    assert not seen, f"errors nobody looked at: {seen}"
