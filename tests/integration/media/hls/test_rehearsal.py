"""A rehearsal is for the host alone: before the air, while the air waits for its first key frame, and after the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from server.core.clock import SystemClock
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.media import MEDIA, REHEARSAL, MediaService, MediaSettings, fast_hls, media_routes
from server.media.output import StreamOutput
from server.media.outputs import Outputs
from server.media.stream import Stream
from tests.integration.media.hls.conftest import STREAM, Client, prepared_cuts
from tests.support.coded import START
from tests.support.hls_rules import parse
from tests.support.publishing import Doorkeeper
from tests.support.simulate import BOTH, picture


class Lobby(Doorkeeper):
    """Lets everyone in; the host comes with `?token=host`."""

    async def viewer(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        request[REHEARSAL] = request.query.get("token") == "host"


@dataclass
class Room:
    client: Client
    service: MediaService
    stream: Stream
    opening: asyncio.Event  # set: recorded outputs open without delay
    outputs: list[StreamOutput]

    async def statuses(self) -> tuple[int, int]:
        """What the host gets, and what everybody else gets."""
        found = []
        for query in ("?token=host", ""):
            async with self.client.get(f"/hls/{STREAM}/live.m3u8{query}") as answer:
                found.append(answer.status)
        fast = fast_hls(self.service, lambda *_, playlist: True)
        assert fast(f"/hls/{STREAM}/live.m3u8", "") is None or found[1] == 200
        return found[0], found[1]


@pytest.fixture
async def room(aiohttp_client: Callable[[web.Application], Awaitable[Client]], tmp_path: Path) -> AsyncIterator[Room]:
    """A rehearsal of some seconds."""
    settings = MediaSettings(recordings_dir=tmp_path)
    outputs, opening = Outputs(settings, SystemClock()), asyncio.Event()
    made: list[StreamOutput] = []

    def make_output(stream_id: str, recorded: bool) -> StreamOutput:
        output = outputs.make(stream_id, recorded)
        made.append(output)
        at_once = output.open

        async def open_when_allowed() -> None:
            if recorded:
                await opening.wait()
            await at_once()

        output.open = open_when_allowed  # type: ignore[method-assign]  # a disk that is slow for as long as the test says
        return output

    service = MediaService(settings, Lobby({}), SystemClock(), make_output=make_output)
    await service.start()
    app = web.Application()
    app[MEDIA], app[HTTP_SETTINGS] = service, HttpSettings()
    mount(app, [media_routes()])
    install_frame(app, CollectorRegistry())
    stream = service.open(STREAM)
    await stream.prepared(on_air=False)
    stream.begin(BOTH)
    made[0]._packager.origin = 0
    made[0]._publish(prepared_cuts(10), 0.0)
    opening.set()
    yield Room(await aiohttp_client(app), service, stream, opening, made)
    await service.close()
    await outputs.close()


async def test_only_the_host_sees_a_rehearsal(room: Room) -> None:
    assert await room.statuses() == (200, 404)


async def test_on_air_nobody_else_sees_it_before_the_first_key_frame(room: Room) -> None:
    await room.stream.prepared(on_air=True)
    assert await room.statuses() == (200, 404)
    room.stream.video(picture(START, key=True, number=0))
    room.outputs[1]._packager.origin = 0
    room.outputs[1]._publish(prepared_cuts(10), 0.0)
    assert await room.statuses() == (200, 200)
    assert room.service.live(STREAM) is room.outputs[1]


async def test_a_rehearsal_that_the_air_never_followed_is_gone_with_the_end(room: Room) -> None:
    """The network dropped right after the broadcast had gone on air; viewers may read for a while after an end."""
    await room.stream.prepared(on_air=True)
    await room.service.finish(STREAM)
    assert await room.statuses() == (404, 404)
    assert room.service.live(STREAM, rehearsal=True) is None
    assert await room.service.recording(STREAM) is None


async def test_an_end_that_overtakes_the_opening_of_the_recording_shows_no_rehearsal_either(room: Room) -> None:
    room.opening.clear()
    room.stream.prepare(on_air=True)
    async with asyncio.timeout(10):
        while len(room.outputs) < 2:  # noqa: ASYNC110  # a step of the loop each
            await asyncio.sleep(0)
        ending = asyncio.create_task(room.service.finish(STREAM))
        while not room.stream.finished:  # noqa: ASYNC110
            await asyncio.sleep(0)
        room.opening.set()
        await ending
    assert await room.statuses() == (404, 404)


async def test_what_went_on_air_can_still_be_read_after_the_end(room: Room) -> None:
    await room.stream.prepared(on_air=True)
    room.stream.video(picture(START, key=True, number=0))
    room.outputs[1]._packager.drop()  # the prepared ones stand for what it would cut
    room.outputs[1]._packager.origin = 0
    room.outputs[1]._publish(prepared_cuts(4), 0.0)
    await room.service.finish(STREAM)
    async with room.client.get(f"/hls/{STREAM}/live.m3u8") as answer:
        assert parse(await answer.text()).ended
