"""A server set up as an operator would, and what people do with their browsers on it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.faraway import FarAway, far_away
from tests.support.relay import Relay, running_relay
from tests.support.serving import Serving, start_furnished


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server that was set up, once the first test has made it."""
    return tmp_path_factory.mktemp("furnished") / "data"


@pytest.fixture
async def serving(tmp_path: Path, pattern: Path) -> AsyncIterator[Serving]:
    """On loopback, with the people of `tests.support.serving`."""
    serving = Serving(tmp_path)
    await start_furnished(serving, pattern)
    yield serving
    await serving.stop()
    said_no_error(serving)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[FarAway]:
    with far_away(tmp_path) as place:
        yield place


@pytest.fixture
async def reachable(tmp_path: Path, pattern: Path, place: FarAway) -> AsyncIterator[Serving]:
    """A server that listens beyond loopback, as on a LAN."""
    environment = {"MEDIA_ADVERTISE": place.near}
    serving = Serving(tmp_path / "data", host="0.0.0.0", public_host=place.near, environment=environment)  # noqa: S104
    await start_furnished(serving, pattern)
    yield serving
    await serving.stop()
    said_no_error(serving)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    with running_relay(tmp_path / "relay") as relay:
        yield relay


@pytest.fixture
async def relaying(tmp_path: Path, pattern: Path, relay: Relay) -> AsyncIterator[Serving]:
    """On loopback, handing out the relay to those who call."""
    serving = Serving(tmp_path / "data", environment=relay.environment)
    serving.folder.mkdir()
    await start_furnished(serving, pattern)
    yield serving
    await serving.stop()
    said_no_error(serving)


def said_no_error(serving: Serving) -> None:
    print("\n".join(serving.output[-200:]))  # noqa: T201  # shown with a test that fails
    errors = [line for line in serving.output if '"level": "error"' in line or "Traceback" in line]
    assert not errors, errors[0]
