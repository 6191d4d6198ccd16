"""kill -9 on air: a real process, a real publisher, and what is left of both."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.publishing import Publisher
from tests.support.serving import Serving
from tests.support.wait import until

PLAN = {
    "title": "断电演练",
    "starts_at": "2030-07-01T01:00:00Z",
    "visibility": "members",
    "comment_mode": "post_moderated",
}


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    serving = Serving(tmp_path, environment={"MEDIA_ADVERTISE": "127.0.0.1"})
    await serving.start()
    yield serving
    await serving.stop()


async def _json(http: aiohttp.ClientSession, method: str, path: str, **more: Any) -> Any:
    async with http.request(method, path, **more) as answer:
        body = await answer.json(content_type=None)
        assert answer.status < 300, body
        return body


async def _publish(serving: Serving, broadcast: Any) -> Publisher:
    publisher = Publisher()
    async with aiohttp.ClientSession(serving.url) as bare:
        answer = await publisher.publish(bare, broadcast["id"], broadcast["whip"]["token"])
        assert answer.status == 201, await answer.text()
    return publisher


async def _seen(http: aiohttp.ClientSession, path: str, **wanted: Any) -> Any:
    async def look() -> Any:
        body = await _json(http, "GET", path)
        return body if all(body[key] == value for key, value in wanted.items()) else None

    return await until(look, timeout=20, every=0.1, what=f"{wanted}")


async def _segments(http: aiohttp.ClientSession, path: str) -> list[str]:
    async with http.get(path) as answer:
        return [line for line in (await answer.text()).splitlines() if line and not line.startswith("#")]


async def test_after_kill_9_on_air_the_same_broadcast_goes_on_and_loses_no_whole_segment(serving: Serving) -> None:
    await serving.set_up()
    host, viewer = await serving.signed_in("10000000006"), await serving.signed_in("10000000010")
    made = await _json(host, "POST", "/api/v1/broadcasts", json=PLAN)
    path, playlist = f"/api/v1/broadcasts/{made['id']}", f"/hls/{made['id']}/live.m3u8"
    publisher = await _publish(serving, made)
    await _seen(host, path, state="rehearsal")
    live = await _json(host, "POST", f"{path}/live")

    async def three() -> list[str]:
        segments = await _segments(viewer, playlist)
        return segments if len(segments) >= 3 else []

    before = await until(three, timeout=30, every=0.2, what="three whole segments")
    await serving.kill()
    await publisher.close()
    await serving.start()

    # The same cookies, the same address: viewers find what there was, the host finds the same token.
    seen = await _seen(viewer, path, state="interrupted")
    assert seen["live_at"] == live["live_at"]
    after = await _segments(viewer, playlist)
    assert set(before) <= set(after), "every segment that was whole is still there"
    again = await _seen(host, path, state="interrupted")
    assert again["whip"] == made["whip"]
    publisher = await _publish(serving, again)
    await _seen(viewer, path, state="live")
    goes_on = len(after) + 1

    async def more() -> bool:
        return len(await _segments(viewer, playlist)) >= goes_on

    await until(more, timeout=30, every=0.2, what="a segment after the return")
    await _json(host, "POST", f"{path}/end")
    await publisher.close()
    ended = await _seen(host, path, state="ended")
    assert ended["replay"]["state"] == "withheld"
    await _json(host, "POST", f"{path}/replay", json={"published": True})
    replay = await _segments(viewer, ended["replay"]["hls"])
    assert len(replay) >= goes_on
    for http in (host, viewer):
        await http.close()
