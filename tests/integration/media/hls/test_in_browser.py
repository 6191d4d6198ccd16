"""What the rules cannot say: a real player goes on through everything a host does to it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from playwright.async_api import Page
from prometheus_client import CollectorRegistry

from server.core.clock import SystemClock
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.media import MEDIA, AccessUnit, MediaService, MediaSettings, OpusPacket, Tracks, media_routes
from server.media.output import StreamOutput
from tests.integration.media.hls.conftest import STREAM
from tests.support.browsing import phone, running_browser
from tests.support.coded import access_units, opus_packets
from tests.support.publishing import Doorkeeper
from tests.support.simulate import BOTH
from tests.support.wait import until

pytestmark = pytest.mark.browser

HLS_JS = Path(__file__).parents[4] / "static" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
SECOND = 1_000_000
PAGE = """<!doctype html><video muted playsinline></video><script src="/hls.js"></script><script>
  const video = document.querySelector('video');
  window.seen = {fatal: [], heights: [], longest: 0, behind: []};
  const player = new Hls({lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1});
  player.on(Hls.Events.ERROR, (_, error) => { if (error.fatal) seen.fatal.push(error.details); });
  player.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  window.begin = () => {
    player.loadSource('/hls/STREAM/index.m3u8');
    player.attachMedia(video);
  };
  let moved = 0, before = -1;
  setInterval(() => {
    const now = performance.now();
    if (video.currentTime > before) moved = now;
    before = video.currentTime;
    if (before > 0) seen.longest = Math.max(seen.longest, now - moved);
    if (video.videoHeight && !seen.heights.includes(video.videoHeight)) seen.heights.push(video.videoHeight);
    if (player.playingDate) seen.behind.push(Date.now() - player.playingDate.getTime());
    seen.time = before;
  }, 100);
</script>"""

Event = tuple[int, Tracks | AccessUnit | OpusPacket | None]


def take(start: int, seconds: int, size: tuple[int, int] = (320, 180)) -> list[Event]:
    pictures: list[Event] = [(unit.at + 40_000, unit) for unit in access_units(seconds * 30, start=start, size=size)]
    return pictures + [(packet.at + 30_000, packet) for packet in opus_packets(seconds * 50, start=start)]


async def perform(output: StreamOutput, events: list[Event]) -> None:
    """Let everything happen at its wall-clock time; None is a pause."""
    for at, what in sorted(events, key=lambda event: event[0]):
        await asyncio.sleep(max(0.0, at / 1e6 - time.time()))
        if isinstance(what, Tracks):
            output.begin(what)
        elif isinstance(what, AccessUnit):
            output.video(what)
        elif isinstance(what, OpusPacket):
            output.audio(what)
        else:
            output.pause()


async def _watch(page: Page, client: TestClient[web.Request, web.Application], output: StreamOutput) -> dict[str, Any]:
    start = time.time_ns() // 1000 + SECOND
    turned, lost, back = start + 8 * SECOND, start + 13 * SECOND, start + 17 * SECOND
    events: list[Event] = [(start, BOTH), *take(start, 8), *take(turned, 5, (180, 320))]
    events += [(lost + SECOND, None), (back, BOTH), *take(back, 8, (180, 320))]
    performance = asyncio.create_task(perform(output, events))

    async def listed() -> bool:
        async with client.get(f"/hls/{STREAM}/index.m3u8") as answer:
            return answer.status == 200

    try:
        await until(listed)
        await page.evaluate("begin()")
        await page.wait_for_function("seen.time > 0", timeout=15_000)
        await performance
        seen: dict[str, Any] = await page.evaluate("seen")
    finally:
        performance.cancel()
    return seen


async def test_a_player_goes_on_through_a_turned_phone_and_a_lost_network(
    aiohttp_client: Callable[[web.Application], Awaitable[TestClient[web.Request, web.Application]]], tmp_path: Path
) -> None:
    service = MediaService(MediaSettings(part_target=0.25, recordings_dir=tmp_path), Doorkeeper({}), SystemClock())
    await service.start()
    app = web.Application()
    app[MEDIA] = service
    app[HTTP_SETTINGS] = HttpSettings()
    install_frame(app, CollectorRegistry())
    mount(app, [media_routes()])

    async def page_text(_: web.Request) -> web.Response:
        return web.Response(
            text=PAGE.replace("STREAM", STREAM), content_type="text/html", headers={"Content-Security-Policy": ""}
        )

    async def script(_: web.Request) -> web.Response:
        return web.Response(body=HLS_JS.read_bytes(), content_type="text/javascript")

    app.router.add_get("/player", page_text)
    app.router.add_get("/hls.js", script)
    client = await aiohttp_client(app)
    await service.open(STREAM).prepared(on_air=True)
    output = service.live(STREAM)
    assert output is not None
    take(0, 12), take(0, 5, (180, 320))  # encoded beforehand
    try:
        # The browser is there before anything happens: how long it takes to start must not decide what it sees.
        async with running_browser() as browser, phone(browser) as page:
            await page.goto(str(client.make_url("/player")))
            seen = await _watch(page, client, output)
    finally:
        await service.close()
    assert seen["fatal"] == []
    assert set(seen["heights"]) == {180, 320}
    assert seen["longest"] < 8_000  # four seconds without a host, and finding the place again
    assert seen["behind"][-1] < 6_000
    assert seen["time"] > 12
