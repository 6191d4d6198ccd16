from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.settings import Settings
from tests.integration.broadcasts.site import Site, running_site


def unreconciled(settings: Settings) -> Settings:
    """What is on air as far as the database knows stays so, however slow the machine is."""
    return replace(settings, broadcasts=replace(settings.broadcasts, reconcile_every=3600.0))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {}, unreconciled) as site:
        yield site


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """On SQLite, and on PostgreSQL."""
    async with running_site(tmp_path, {"DATABASE_URL": database_url}, unreconciled) as site:
        yield site
