"""A server set up as an operator would, and what people do with their browsers on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.serving import Serving


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    """On loopback, with the people of `tests.support.serving`."""
    serving = Serving(tmp_path)
    await serving.start()
    await serving.set_up()
    yield serving
    await serving.stop()
    errors = [line for line in serving.output if '"level": "error"' in line or "Traceback" in line]
    assert not errors, errors[0]
