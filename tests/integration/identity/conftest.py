from collections.abc import AsyncIterator

import pytest

from server.identity import IdentitySettings
from tests.integration.identity.site import FAST, Site, running_site
from tests.support.clock import ManualClock


@pytest.fixture
def identity_settings() -> IdentitySettings:
    return IdentitySettings(hashing=FAST)


@pytest.fixture
async def site(sqlite_url: str, clock: ManualClock, identity_settings: IdentitySettings) -> AsyncIterator[Site]:
    async with running_site(sqlite_url, clock, identity_settings) as site:
        yield site


@pytest.fixture
async def either_site(database_url: str, clock: ManualClock, identity_settings: IdentitySettings) -> AsyncIterator[Site]:
    """The same on SQLite and on PostgreSQL: for races, which the two decide differently."""
    async with running_site(database_url, clock, identity_settings) as site:
        yield site
