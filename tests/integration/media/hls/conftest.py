"""A server with one stream whose parts come when the test says so; and a clock the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry

from server.core.errors import Unauthenticated
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.media import MEDIA, MediaService, MediaSettings, media_routes
from server.media.cmaf.parts import Cut, Part
from server.media.hls.waiters import WaitBudget
from server.media.output import StreamOutput
from server.media.outputs import Outputs
from tests.support.clock import ManualClock
from tests.support.coded import START
from tests.support.hls_rules import MediaPlaylist, parse
from tests.support.publishing import Doorkeeper
from tests.support.simulate import BOTH, Simulation, evenly, parameter_sets, picture, soundtrack

Client = TestClient[web.Request, web.Application]
STREAM = "0197f0aa-0000-7000-8000-000000000001"


def prepared_cuts(seconds: int = 40, part_target: float = 0.5, takes: int = 1) -> list[Cut]:
    """Cuts of an even stream with a key frame every 2 s: four parts a segment.

    Of several takes each is so long, and the picture is turned from one to the next: another SPS, another init section.
    """
    simulation = Simulation(part_target=part_target)
    for take in range(takes):
        simulation.begin()
        start = START + take * (seconds + 5) * 1_000_000
        sets = parameter_sets((320, 180) if take % 2 == 0 else (180, 320))
        times = enumerate(evenly(30, seconds, start))
        pictures = [(at + 40_000, picture(at, key=index % 60 == 0, number=index, sets=sets)) for index, at in times]
        simulation.run(pictures, soundtrack(start - 100_000, start + seconds * 1_000_000))
        if takes > 1:
            simulation.pause()
    return [cut for _, cut in simulation.published]


class Door(Doorkeeper):
    """Lets everyone watch until told otherwise."""

    def __init__(self) -> None:
        super().__init__({})
        self.shut = False

    async def viewer(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        if self.shut:
            raise Unauthenticated("sign_in_needed", "请先登录")


@dataclass
class Stage:
    """The server, and the hand that publishes part after part."""

    client: Client
    service: MediaService
    output: StreamOutput
    clock: ManualClock
    budget: WaitBudget
    cuts: list[Cut]
    door: Door
    taken: int = 0

    def publish(self, parts: int = 1) -> None:
        """The next parts, each with the segment end that follows it."""
        for _ in range(parts):
            self._take()
            while self.taken < len(self.cuts) and not isinstance(self.cuts[self.taken], Part):
                self._take()

    def _take(self) -> None:
        cut = self.cuts[self.taken]
        self.taken += 1
        if isinstance(cut, Part):
            self.clock.advance(cut.duration / 90_000)
        self.output._publish([cut], self.clock.monotonic())

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(path if path.startswith("/") else f"/hls/{STREAM}/{path}") as answer:
            return answer.status, (await answer.read()).decode(errors="replace")

    async def playlist(self, query: str = "", name: str = "live.m3u8") -> MediaPlaylist:
        status, text = await self.get(f"{name}{query}")
        assert status == 200, text
        return parse(text)

    async def data(self, name: str) -> bytes:
        """A part, segment or init section by its URI in a playlist."""
        async with self.client.get(f"/hls/{STREAM}/{name}") as answer:
            assert answer.status == 200, name
            return await answer.read()


MakeStage = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def make_stage(
    aiohttp_client: Callable[[web.Application], Awaitable[Client]], clock: ManualClock
) -> AsyncIterator[MakeStage]:
    """`await make_stage(parts=9, window=30.0)`: a stream with so many parts, of 0.5 s and four to a segment; `takes=2` of ten
    seconds each."""
    services: list[MediaService] = []

    async def make(parts: int = 9, takes: int = 1, **changes: object) -> Stage:
        settings = MediaSettings(**changes)  # type: ignore[arg-type]  # the test names fields
        door = Door()
        outputs = Outputs(settings, clock)
        made: list[StreamOutput] = []

        def make_output(stream_id: str, recorded: bool) -> StreamOutput:
            made.append(outputs.make(stream_id, False))
            return made[-1]

        service = MediaService(settings, door, clock, make_output=make_output)
        await service.start()
        services.append(service)
        await service.open(STREAM).prepared(on_air=True)
        app = web.Application()
        app[MEDIA] = service
        app[HTTP_SETTINGS] = HttpSettings()
        mount(app, [media_routes()])
        install_frame(app, CollectorRegistry())
        output = made[0]
        output.begin(BOTH)
        output._packager.origin = 0  # the cuts come ready-made
        stage = Stage(
            await aiohttp_client(app),
            service,
            output,
            clock,
            outputs._budget,
            prepared_cuts(40 if takes == 1 else 10, settings.part_target, takes),
            door,
        )
        stage.publish(parts)
        return stage

    yield make
    for service in services:
        await service.close()


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    """Two whole segments of four parts, and one part of the third."""
    return await make_stage()
