"""Streams that are recorded, from real coded media, with the server that shows them."""

import os
import resource
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry

from server.core.clock import Clock, SystemClock
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.media import MEDIA, MediaService, MediaSettings, media_routes
from server.media.cmaf.parts import Cut, SegmentEnd
from server.media.model import Tracks
from server.media.output import StreamOutput
from tests.support.coded import START, access_units, opus_packets
from tests.support.publishing import LOOPBACK, Doorkeeper
from tests.support.simulate import BOTH, Simulation, coded_film, coded_sound

Client = TestClient[web.Request, web.Application]
STREAM = "0197f0aa-0000-7000-8000-000000000002"
OTHER = "0197f0aa-0000-7000-8000-000000000003"


@lru_cache(maxsize=8)
def coded_cuts(
    seconds: int = 9, *, tracks: Tracks = BOTH, start: int = START, size: tuple[int, int] = (320, 180), fps: int = 25
) -> tuple[int, tuple[Cut, ...]]:
    """Origin and cuts of a stream of real media, ended by a pause."""
    simulation = Simulation()
    simulation.begin(tracks)
    pictures = coded_film(access_units(seconds * fps, fps=Fraction(fps), gop=2 * fps, start=start, size=size))
    sound = coded_sound(opus_packets(seconds * 50 + 10, start=start - 200_000))
    simulation.run(pictures if tracks.video else [], sound if tracks.audio else [])
    simulation.pause()
    return simulation.packager.origin or 0, tuple(cut for _, cut in simulation.published)


@lru_cache(maxsize=2)
def two_takes(pause: int = 20) -> tuple[int, tuple[Cut, ...]]:
    """Five seconds lying, a pause, five seconds standing: a phone that was turned while its network was away."""
    simulation = Simulation()
    for start, size in ((START, (320, 180)), (START + (5 + pause) * 1_000_000, (180, 320))):
        simulation.begin()
        pictures = coded_film(access_units(125, fps=Fraction(25), gop=50, start=start, size=size))
        simulation.run(pictures, coded_sound(opus_packets(260, start=start - 200_000)))
        simulation.pause()
    return simulation.packager.origin or 0, tuple(cut for _, cut in simulation.published)


@dataclass
class Studio:
    """A server whose streams are recorded below `folder`."""

    client: Client
    service: MediaService
    folder: Path

    async def stream(self, stream_id: str = STREAM) -> StreamOutput:
        """Open the stream, or open it again, on air."""
        opened = self.service.open(stream_id)
        await opened.prepared(on_air=True)
        assert isinstance(opened.output, StreamOutput)
        return opened.output

    async def text(self, name: str, stream_id: str = STREAM) -> str:
        async with self.client.get(f"/hls/{stream_id}/{name}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def data(self, name: str, stream_id: str = STREAM) -> bytes:
        async with self.client.get(f"/hls/{stream_id}/{name}") as answer:
            assert answer.status == 200, name
            return await answer.read()

    def url(self, name: str) -> str:
        return str(self.client.make_url(f"/hls/{STREAM}/{name}"))


def segments_of(cuts: tuple[Cut, ...]) -> list[tuple[Cut, ...]]:
    """The cuts of each whole segment."""
    ends = [index + 1 for index, cut in enumerate(cuts) if isinstance(cut, SegmentEnd)]
    return [cuts[start:end] for start, end in pairwise([0, *ends])]


def feed(output: StreamOutput, origin: int, cuts: tuple[Cut, ...]) -> None:
    """Publish ready-made cuts, as the packager would give them."""
    output._packager.origin = origin
    output._publish(list(cuts), 0.0)


def go_on(output: StreamOutput, start: int, seconds: int) -> None:
    """Real media through the output's own packager, on the clock that a recording has given it; ended by a pause."""
    arrivals = [
        *coded_film(access_units(seconds * 30, start=start)),
        *coded_sound(opus_packets(seconds * 50 + 10, start=start - 200_000)),
    ]
    for at, what in sorted(arrivals, key=lambda arrival: arrival[0]):
        cuts = output._packager.sound(what, at) if isinstance(what, list) else output._packager.video(what, at)
        output._publish(cuts, 0.0)
    output._publish(output._packager.pause(), 0.0)


MakeStudio = Callable[..., Awaitable[Studio]]


@pytest.fixture
async def make_studio(
    aiohttp_client: Callable[[web.Application], Awaitable[Client]], tmp_path: Path
) -> AsyncIterator[MakeStudio]:
    services: list[MediaService] = []

    async def make(folder: Path | None = None, clock: Clock | None = None) -> Studio:
        settings = MediaSettings(recordings_dir=folder or tmp_path / "recordings", advertise=LOOPBACK)
        service = MediaService(settings, Doorkeeper({"good": (STREAM, "host")}), clock or SystemClock())
        await service.start()
        services.append(service)
        app = web.Application()
        app[MEDIA] = service
        app[HTTP_SETTINGS] = HttpSettings()
        mount(app, [media_routes()])
        install_frame(app, CollectorRegistry())
        return Studio(await aiohttp_client(app), service, settings.recordings_dir)

    yield make
    for service in services:
        await service.close()


@pytest.fixture
async def studio(make_studio: MakeStudio) -> Studio:
    return await make_studio()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; without the right to mount one, files may not grow beyond 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        yield folder
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(disk: Path, *, leave: int) -> None:
    """Leave so many bytes on the small disk; where it is only files that may not grow, they may not grow further than that."""
    if os.geteuid() == 0:
        (disk / "filler").write_bytes(bytes(_free(disk) - leave))
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (leave, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def make_room(disk: Path) -> None:
    (disk / "filler").unlink(missing_ok=True)
    if os.geteuid() != 0:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def _free(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize
