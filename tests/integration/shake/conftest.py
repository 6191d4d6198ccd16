from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.broadcasts.site import Site, running_site
from tests.support.shaken import Hall
from tests.support.shaken import hall as running_hall


@pytest.fixture
async def hall(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Hall]:
    async with running_hall(sqlite_url, tmp_path) as hall:
        yield hall


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Hall]:
    """On SQLite, and on PostgreSQL."""
    async with running_hall(database_url, tmp_path) as hall:
        yield hall


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {}) as site:
        yield site
