from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.core.db import Database
from server.migrations import upgrade
from tests.integration.broadcasts.site import Site, running_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {}) as site:
        yield site


@pytest.fixture
async def any_site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """Once on each kind of database."""
    database = Database(database_url)
    await upgrade(database)
    await database.close()
    environment = {} if database_url.startswith("sqlite") else {"DATABASE_URL": database_url}
    async with running_site(tmp_path, environment) as site:
        yield site
