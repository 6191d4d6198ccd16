from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.broadcasts.site import Site
from tests.support.engine import site_with


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with site_with(tmp_path) as site:
        yield site
