"""The main job, in browsers: on air with a camera, a cable pulled out, a server killed, an end, and the replay."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.faraway import FarAway, far_away
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import look, replay_of, sees_moving_pictures, sign_in, state_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
HOST, VIEWER = "10000000006", "10000000010"
# Cameras want a secure page; on loopback http will do, for a far-away address the browser must be told.
TRUST = "--unsafely-treat-insecure-origin-as-secure={url}"


async def goes_on_air(host: Page, url: str) -> str:
    """From signing in to the red timer, as a host would; gives the broadcast's id."""
    await sign_in(host, url, HOST, then="/studio/new")
    await host.get_by_label("标题").fill("七一主题党日")
    await host.get_by_role("button", name=re.compile("创建|保存")).click()
    await host.wait_for_url(re.compile(r"/studio/[0-9a-f-]{36}$"))
    broadcast = host.url.rsplit("/", 1)[1]
    await host.get_by_role("button", name="打开摄像头和麦克风").click()
    await host.get_by_role("button", name="开始彩排").click()
    go = host.get_by_role("button", name="开播", exact=True)
    await expect(go).to_be_enabled(timeout=30_000)
    await go.click()
    await host.get_by_role("dialog").get_by_role("button", name="开播", exact=True).click()
    await expect(host.get_by_role("region", name="直播中")).to_be_visible(timeout=20_000)
    return broadcast


async def ends(host: Page) -> None:
    """The end needs a long press, so that no elbow ends a broadcast."""
    button = host.get_by_role("button", name=re.compile("结束直播"))
    await button.scroll_into_view_if_needed()
    box = await button.bounding_box()
    assert box is not None
    await host.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await host.mouse.down()
    await expect(host.get_by_role("region", name="直播之后")).to_be_visible(timeout=20_000)
    await host.mouse.up()


async def watches(viewer: Page, url: str, broadcast: str) -> None:
    await sign_in(viewer, url, VIEWER, then=f"/b/{broadcast}")
    await sees_moving_pictures(viewer, within=30)
    # Nothing may reload this page from here on.
    await viewer.evaluate("() => { window.untouched = true }")


async def is_untouched(viewer: Page) -> bool:
    return bool(await viewer.evaluate("() => window.untouched === true"))


async def replay_plays_whole(
    serving: Serving, host: Page, viewer: Page, broadcast: str, *, since: float, within: float
) -> float:
    """The host publishes, the viewer watches to the end; gives the length in seconds."""
    http = await serving.signed_in(HOST)
    try:

        async def is_now(state: str) -> bool:
            return str((await replay_of(http, broadcast))["state"]) == state

        await until(lambda: is_now("withheld"), what="the sealed recording")
        await host.get_by_role("button", name=re.compile("发布回看")).click()
        await until(lambda: is_now("published"), what="the published replay")
    finally:
        await http.close()
    await viewer.goto(f"{serving.url}/b/{broadcast}/replay")
    await viewer.get_by_role("button", name="播放").first.click()
    await sees_moving_pictures(viewer, within=10)
    assert time.monotonic() - since < within
    seen = await look(viewer)
    assert seen is not None
    # To the very end: what is recorded can be played, every second of it.
    await viewer.evaluate("() => { const v = document.querySelector('video'); v.currentTime = v.duration - 1.5 }")

    async def over() -> bool:
        return bool(await viewer.evaluate("() => document.querySelector('video').ended"))

    await until(over, timeout=15, every=0.2, what="the end of the replay")
    duration: float = seen["duration"]
    return duration


@pytest.fixture
def place(tmp_path: Path) -> Iterator[FarAway]:
    with far_away(tmp_path) as place:
        yield place


@pytest.fixture
async def reachable(tmp_path: Path, place: FarAway) -> AsyncIterator[Serving]:
    """A server that listens beyond loopback, as on a LAN."""
    (tmp_path / "data").mkdir()
    environment = {"MEDIA_ADVERTISE": place.near}
    serving = Serving(tmp_path / "data", host="0.0.0.0", public_host=place.near, environment=environment)  # noqa: S104
    await serving.start()
    await serving.set_up()
    yield serving
    await serving.stop()


@pytest.mark.cable
async def test_a_host_loses_the_network_and_comes_back_while_the_viewer_goes_on(reachable: Serving, place: FarAway) -> None:
    trust = TRUST.format(url=reachable.url)
    async with (
        running_browser(executable=place.chromium, flags=[trust]) as over_there,
        running_browser(flags=[trust]) as here,
        phone(over_there, size=DESKTOP) as host,
        phone(here) as viewer,
    ):
        broadcast = await goes_on_air(host, reachable.url)
        began = time.monotonic()
        await watches(viewer, reachable.url, broadcast)

        # Signed in once: each sign-in more would end the oldest, and that is the viewer's own.
        http = await reachable.signed_in(VIEWER)

        async def is_in(state: str) -> bool:
            return await state_of(http, broadcast) == state

        place.pull_the_cable()
        pulled = time.monotonic()
        await until(lambda: is_in("interrupted"), timeout=10, what="the interruption")
        await expect(viewer.get_by_text("主播正在恢复连接", exact=True)).to_be_visible(timeout=15_000)
        await until(lambda: time.monotonic() - pulled >= 5, what="five seconds without a network")
        place.plug_it_in()
        await until(lambda: is_in("live"), timeout=40, what="the host's return")
        await http.close()
        await sees_moving_pictures(viewer, within=30)
        assert await is_untouched(viewer), "the viewer's page was reloaded"
        await expect(viewer.get_by_text("主播正在恢复连接", exact=True)).to_be_hidden(timeout=15_000)
        on_air = time.monotonic() - began
        await ends(host)
        length = await replay_plays_whole(reachable, host, viewer, broadcast, since=time.monotonic(), within=10)
        assert on_air - 25 < length < on_air + 5  # the whole broadcast, but for the gap and the first key frames


async def test_a_killed_server_costs_only_the_open_segment_and_both_pages_go_on(serving: Serving) -> None:
    async with running_browser() as browser, phone(browser, size=DESKTOP) as host, phone(browser) as viewer:
        broadcast = await goes_on_air(host, serving.url)
        await watches(viewer, serving.url, broadcast)
        began = time.monotonic()
        await until(lambda: time.monotonic() - began > 6, what="six seconds on air")
        before = await end_of_recording(serving, broadcast)
        await serving.kill()
        killed = time.monotonic()
        await serving.start()
        http = await serving.signed_in(VIEWER)

        async def live() -> bool:
            return await state_of(http, broadcast) == "live"

        await until(live, timeout=60, what="the host's page to resume the same broadcast")
        await http.close()
        await sees_moving_pictures(viewer, within=40)
        assert await is_untouched(viewer), "the viewer's page was reloaded"
        assert await end_of_recording(serving, broadcast) > before, "the recording went on in the same folder"
        away = time.monotonic() - killed
        await ends(host)
        length = await replay_plays_whole(serving, host, viewer, broadcast, since=time.monotonic(), within=10)
        assert length > 5, f"what was recorded before the kill is still there ({away:.0f} s away)"


async def end_of_recording(serving: Serving, broadcast: str) -> int:
    """Whole segments that are safely on disk."""

    def count() -> int:
        folder = serving.folder / "recordings" / broadcast
        return sum(file.read_bytes().count(b"\n") for file in folder.glob("manifest*"))

    return await asyncio.to_thread(count)
