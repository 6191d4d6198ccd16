"""What many tests need: a clock, a database of each kind, and a loop whose forgotten errors fail the test."""

import asyncio
import gc
import logging
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import structlog
from alembic import command

from server.core import db
from server.core.db import Database
from server.migrations import upgrade
from tests.support import compiled, forked, schemas
from tests.support.clock import ManualClock
from tests.support.postgres import running_postgres

_READY = "ready"
# Begun first, so that at the end no core waits for the last of them.
_LONGEST = (
    "test_role_matrix",
    "test_demo",
    "test_churn",
    "test_event_matrix",
    "test_scaled",
    "test_in_browser",
    "test_presence",
    "test_redis_away",
    "test_ledger",
    "test_reactions",
    "test_kill",
    "test_commands",
    "test_hostile_texts",
    "test_hall",
    "test_hostile_points",
    "test_hostile_meetings",
    "test_shake",
    "test_attendance",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker is given an even share of what follows one another here, and who has done theirs takes from the ends of the
    others' (`--dist worksteal`): so every share begins with some of the longest."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    longest = sorted((item for item in items if item.path.stem in _LONGEST), key=lambda item: _LONGEST.index(item.path.stem))
    others = [item for item in items if item.path.stem not in _LONGEST]
    whole, items[:] = len(items), []
    for number in range(workers):
        begins = longest[number::workers]
        rest = (whole - len(items)) // (workers - number) - len(begins)
        items += begins + others[: max(0, rest)]
        del others[: max(0, rest)]
    items += others


def pytest_collection_finish() -> None:
    """What has been loaded by now stays, and need not be looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server without a database name.

    Not in pytest's own folder: another run of pytest tidies that away after a while, server or not. It speaks no TLS, so nobody
    asks it: whoever is cancelled while asking leaves a future of asyncpg's that nobody looks at.
    """
    os.environ["PGSSLMODE"] = "disable"
    with tempfile.TemporaryDirectory(prefix="hongbo-postgres-") as folder, running_postgres(Path(folder), syncs=False) as url:
        yield url


@pytest.fixture(scope="session")
def ready_postgres(postgres: str) -> str:
    """The name of a database at the newest schema that others are copied from."""
    asyncio.run(_make_ready(postgres))
    return _READY


@pytest.fixture
async def postgres_url(postgres: str, ready_postgres: str) -> AsyncIterator[str]:
    """A fresh PostgreSQL database without rows, at the newest schema."""
    async with _database_of(postgres, ready_postgres) as url:
        yield url


@pytest.fixture
async def empty_postgres_url(postgres: str) -> AsyncIterator[str]:
    async with _database_of(postgres) as url:
        yield url


async def _make_ready(postgres: str) -> None:
    admin = await asyncpg.connect(f"{postgres}/postgres")
    await admin.execute(f"CREATE DATABASE {_READY}")
    await admin.close()
    database = Database(f"{postgres}/{_READY}")
    await upgrade(database)
    await database.close()


@asynccontextmanager
async def _database_of(postgres: str, template: str = "template1") -> AsyncIterator[str]:
    """Its files are copied, as PostgreSQL did before 15: the newer way writes all of them to the log as well, for thrice the
    time."""
    name = f"t{uuid.uuid4().hex}"
    admin = await asyncpg.connect(f"{postgres}/postgres")
    how = "STRATEGY FILE_COPY" if admin.get_server_version().major >= 15 else ""
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
        yield f"{postgres}/{name}"
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hongbo.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on each kind of database, which has no rows and is upgraded by whoever needs a schema."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """An SQLite database at the newest schema."""
    database = Database(sqlite_url)
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture(scope="session", autouse=True)
def no_server_of_forks_left() -> Iterator[None]:
    yield
    forked.close()


@pytest.fixture(autouse=True)
def quick_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "upgrade", schemas.upgrade)
    monkeypatch.setattr(db, "create_async_engine", compiled.engine)


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
