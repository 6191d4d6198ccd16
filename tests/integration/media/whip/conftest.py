"""A WHIP server on a real socket, with outputs that only collect."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from server.core.clock import SystemClock
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.core.ids import new_id
from server.media import MEDIA, MediaService, MediaSettings, StreamStatus, media_routes
from tests.support.publishing import LOOPBACK, Client, Collected, Doorkeeper, Publisher


@dataclass
class House:
    """The server and everything around it. `stream` is the one most tests use; its token is `good`."""

    client: Client
    service: MediaService
    door: Doorkeeper
    stream: str
    other_stream: str
    outputs: list[Collected]

    def output(self, stream_id: str | None = None) -> Collected:
        """The newest output of a stream."""
        return [output for output in self.outputs if output.stream_id == (stream_id or self.stream)][-1]

    def status(self, stream_id: str | None = None) -> StreamStatus:
        found = self.service.status(stream_id or self.stream)
        assert found is not None
        return found

    def flows(self, stream_id: str | None = None) -> bool:
        wanted = [output for output in self.outputs if output.stream_id == (stream_id or self.stream)]
        return bool(wanted and wanted[-1].pictures)


MakeHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def make_house(aiohttp_client: Callable[[web.Application], Awaitable[Client]]) -> AsyncIterator[MakeHouse]:
    """Build a server with settings of its own: `await make_house(silent_after=0.5)`."""
    services: list[MediaService] = []

    async def make(**changes: object) -> House:
        settings = replace(MediaSettings(advertise=LOOPBACK, post_burst=1000), **changes)  # type: ignore[arg-type]
        stream, other = new_id(), new_id()
        door = Doorkeeper({"good": (stream, "host"), "second": (stream, "co-host"), "elsewhere": (other, "host")})
        outputs: list[Collected] = []

        def make_output(stream_id: str, recorded: bool) -> Collected:
            outputs.append(Collected(stream_id, recorded))
            return outputs[-1]

        service = MediaService(settings, door, SystemClock(), make_output=make_output)
        await service.start()
        services.append(service)
        app = web.Application()
        app[HTTP_SETTINGS] = HttpSettings()
        app[MEDIA] = service
        install_frame(app, CollectorRegistry())
        mount(app, [media_routes()])
        return House(await aiohttp_client(app), service, door, stream, other, outputs)

    yield make
    for service in services:
        await service.close()


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    return await make_house()


@pytest.fixture
async def make_publisher() -> AsyncIterator[Callable[..., Publisher]]:
    """Publishers that are closed when the test is over."""
    made: list[Publisher] = []

    def make(**more: object) -> Publisher:
        made.append(Publisher(**more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for publisher in made:
        await publisher.close()
