"""The main job, in browsers: on air with a camera, a cable pulled out, a server killed, an end, and the replay."""

import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser, trusting
from tests.support.faraway import FarAway
from tests.support.hosting import HOST, ends, goes_on_air, publishes_the_replay
from tests.support.judging import judge
from tests.support.outage import Outage
from tests.support.recorded import Recorded, recorded
from tests.support.replaying import opens, plays_to_the_end
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import (
    is_untouched,
    live_since,
    mark,
    sees_moving_pictures,
    sees_pictures_from_after,
    state_of,
    watches,
)

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(240)]
VIEWER = "10000000010"


async def ends_and_is_watched_again(serving: Serving, host: Page, viewer: Page, broadcast: str, folder: Path) -> Recorded:
    """From the press to the replay's moving pictures in ten seconds; then all of it, and ffprobe's word on its files."""
    pressed = await ends(host)
    await publishes_the_replay(host)
    await opens(viewer, serving.url, broadcast)
    await sees_moving_pictures(viewer, within=10)
    took = time.time() - pressed
    assert took < 10, f"the replay must play within ten seconds of the end, not {took:.1f}"
    recording = recorded(serving.folder / "recordings" / broadcast)
    seen = await plays_to_the_end(viewer, recording, within=recording.length)
    seen.check(recording)
    async with await serving.signed_in(HOST) as http:
        await judge(http, broadcast, recording, folder)
    assert pressed - 2 < recording.stretches[-1][1] < pressed + 5, "recorded to the end"
    return recording


@pytest.mark.cable
async def test_a_host_loses_the_network_and_comes_back_while_the_viewer_goes_on(
    reachable: Serving, place: FarAway, tmp_path: Path
) -> None:
    trust = trusting(reachable.url)
    async with (
        running_browser(executable=place.chromium, flags=[trust]) as over_there,
        running_browser(flags=[trust]) as here,
        phone(over_there, size=DESKTOP) as host,
        phone(here) as viewer,
    ):
        broadcast = await goes_on_air(host, reachable.url)
        await watches(viewer, reachable.url, VIEWER, broadcast)
        async with await reachable.signed_in(VIEWER) as http:
            since = await live_since(http, broadcast)
            outage = Outage(place, http, broadcast)
            await outage.begins()
            await expect(viewer.get_by_text("主播正在恢复连接", exact=True)).to_be_visible(timeout=15_000)
            await outage.is_over()
        await sees_pictures_from_after(viewer, outage.plugged)
        assert await is_untouched(viewer), "the viewer's page was reloaded"
        await expect(viewer.get_by_text("主播正在恢复连接", exact=True)).to_be_hidden(timeout=15_000)
        recording = await ends_and_is_watched_again(reachable, host, viewer, broadcast, tmp_path)
        outage.check(recording, since)


async def test_a_killed_server_costs_only_the_open_segment_and_both_pages_go_on(serving: Serving, tmp_path: Path) -> None:
    async with running_browser() as browser, phone(browser, size=DESKTOP) as host, phone(browser) as viewer:
        broadcast = await goes_on_air(host, serving.url)
        await watches(viewer, serving.url, VIEWER, broadcast)
        await mark(host)
        folder = serving.folder / "recordings" / broadcast
        await until(lambda: len(recorded(folder).segments) >= 3, timeout=20, every=0.2, what="three whole segments")
        await serving.kill()
        killed = time.time()
        before = recorded(folder)
        assert before.opened <= before.segments[-1].msn + 1
        assert killed - before.stretches[0][1] < 6, "what is not on disk is the open segment, and what was under way"
        started = time.time()
        await serving.start()
        async with await serving.signed_in(VIEWER) as http:

            async def live() -> bool:
                return await state_of(http, broadcast) == "live"

            await until(live, timeout=60, what="the host's page to resume the same broadcast")
        await sees_pictures_from_after(viewer, started)
        assert await is_untouched(host), "the host's page was reloaded"
        assert await is_untouched(viewer), "the viewer's page was reloaded"
        enough = len(before.segments) + 2
        await until(lambda: len(recorded(folder).segments) >= enough, timeout=20, every=0.2, what="two segments more")
        recording = await ends_and_is_watched_again(serving, host, viewer, broadcast, tmp_path)
        assert recording.segments[: len(before.segments)] == before.segments, "every whole segment is still there"
        assert len(recording.stretches) == 2
