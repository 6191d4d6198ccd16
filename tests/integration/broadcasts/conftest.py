from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.broadcasts.site import Site, running_site


@pytest.fixture
def environment() -> dict[str, str]:
    """Settings of the application; a test class may have its own."""
    return {}


@pytest.fixture
async def site(tmp_path: Path, environment: dict[str, str]) -> AsyncIterator[Site]:
    async with running_site(tmp_path, environment) as site:
        yield site
