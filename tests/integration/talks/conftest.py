from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.broadcasts.site import Site, running_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {}) as site:
        yield site


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """On SQLite, and on PostgreSQL."""
    async with running_site(tmp_path, {"DATABASE_URL": database_url}) as site:
        yield site
