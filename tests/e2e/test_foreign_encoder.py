"""From FFmpeg's own WHIP muxer, far away, to a phone, and into the replay and the MP4; through a network that is lost."""

import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.browsing import phone, running_browser, trusting
from tests.support.faraway import FarAway
from tests.support.hosting import HOST
from tests.support.judging import judge
from tests.support.outage import Outage
from tests.support.recorded import recorded
from tests.support.replaying import opens, plays_to_the_end
from tests.support.sending import sending
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import (
    is_untouched,
    live_since,
    replay_of,
    sees_moving_pictures,
    sees_pictures_from_after,
    state_of,
    watches,
)

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(240)]
VIEWER = "10000000010"


@pytest.fixture
async def host(reachable: Serving) -> AsyncIterator[aiohttp.ClientSession]:
    http = await reachable.signed_in(HOST)
    yield http
    await http.close()


async def schedule(host: aiohttp.ClientSession) -> dict[str, str]:
    body = {"title": "车间直播", "starts_at": "2030-07-01T01:00:00Z", "visibility": "employees", "comment_mode": "off"}
    async with host.post("/api/v1/broadcasts", json=body) as answer:
        assert answer.status == 201
        broadcast = await answer.json()
    return {"id": broadcast["id"], **broadcast["whip"]}


async def post(http: aiohttp.ClientSession, path: str, **body: bool) -> None:
    async with http.post(path, json=body or None) as answer:
        assert answer.status == 200, await answer.text()


@pytest.mark.cable
async def test_an_encoder_loses_the_network_and_is_watched_live_and_again_afterwards(
    reachable: Serving, place: FarAway, host: aiohttp.ClientSession, tmp_path: Path
) -> None:
    broadcast = await schedule(host)
    one = f"/api/v1/broadcasts/{broadcast['id']}"
    outage = Outage(place, host, broadcast["id"])

    async def is_rehearsing() -> bool:
        return await state_of(host, broadcast["id"]) == "rehearsal"

    async def is_sealed() -> bool:
        return str((await replay_of(host, broadcast["id"]))["state"]) == "withheld"

    async with running_browser(flags=[trusting(reachable.url)]) as browser, phone(browser) as viewer:
        async with sending(place.program(sys.executable), broadcast["url"], broadcast["token"], tmp_path):
            await until(is_rehearsing, timeout=20, what="the rehearsal")
            await post(host, f"{one}/live")
            since = await live_since(host, broadcast["id"])
            await watches(viewer, reachable.url, VIEWER, broadcast["id"])
            await outage.begins()
            await outage.is_over()
            await sees_pictures_from_after(viewer, outage.plugged)
            assert await is_untouched(viewer), "the viewer's page was reloaded"
            ended = time.time()
            await post(host, f"{one}/end")
        await until(is_sealed, what="the sealed recording")
        await post(host, f"{one}/replay", published=True, download=True)
        published = time.time()
        await opens(viewer, reachable.url, broadcast["id"])
        await sees_moving_pictures(viewer, within=10)
        assert time.time() - ended < 10, "the replay must play within ten seconds of the end"
        recording = recorded(reachable.folder / "recordings" / broadcast["id"])
        seen = await plays_to_the_end(viewer, recording, within=10)
        assert time.time() - published < 10, "and be over, at this speed"
        seen.check(recording)
    outage.check(recording, since)
    assert ended - 2 < recording.stretches[-1][1] < ended + 2, "recorded to the end"
    async with await reachable.signed_in(VIEWER) as http:
        await judge(http, broadcast["id"], recording, tmp_path)
