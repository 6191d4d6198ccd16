"""From FFmpeg's own WHIP muxer to a phone, and into the replay and the MP4, with ffprobe as the judge of every byte."""

import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.browsing import phone, running_browser
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import look, replay_of, sees_moving_pictures, sign_in, state_of

pytestmark = pytest.mark.browser
HOST, VIEWER = "10000000006", "10000000010"


@pytest.fixture
async def host(serving: Serving) -> AsyncIterator[aiohttp.ClientSession]:
    http = await serving.signed_in(HOST)
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
        assert answer.status in (200, 202), await answer.text()


async def probe(url: str, *arguments: str, cookies: str = "") -> dict[str, object]:
    """What ffprobe finds; a single warning fails."""
    assert shutil.which("ffprobe"), "ffprobe is not installed (apt-get install ffmpeg)"
    headers = ("-headers", f"Cookie: {cookies}\r\n") if cookies else ()
    process = await asyncio.create_subprocess_exec(
        "ffprobe", "-v", "warning", "-of", "json", "-show_streams", "-show_format", *arguments, *headers, url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert err.decode().strip() == "", f"ffprobe warns about {url}"
    found: dict[str, object] = json.loads(out)
    return found


def starts(found: dict[str, object]) -> dict[str, float]:
    streams = found["streams"]
    assert isinstance(streams, list)
    return {stream["codec_type"]: float(stream["start_time"]) for stream in streams}


async def test_an_encoder_is_watched_live_and_again_afterwards(
    serving: Serving, host: aiohttp.ClientSession, tmp_path: Path
) -> None:
    broadcast = await schedule(host)
    one = f"/api/v1/broadcasts/{broadcast['id']}"
    encoder = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.encoder", broadcast["url"], broadcast["token"], str(tmp_path),
        stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(lambda: is_in(host, broadcast["id"], "rehearsal"), timeout=20, what="the rehearsal")
        await post(host, f"{one}/live")
        began = time.monotonic()
        async with running_browser() as browser, phone(browser) as page:
            await sign_in(page, serving.url, VIEWER, then=f"/b/{broadcast['id']}")
            await sees_moving_pictures(page)
            await until(lambda: time.monotonic() - began > 8, timeout=20, what="eight seconds on air")
            lasted = time.monotonic() - began
            await post(host, f"{one}/end")
            ended = time.monotonic()
            await until(lambda: is_recorded(host, broadcast["id"]), what="the sealed recording")
            await post(host, f"{one}/replay", published=True, download=True)
            await page.goto(f"{serving.url}/b/{broadcast['id']}/replay")
            await page.get_by_role("button", name="播放").first.click()
            await sees_moving_pictures(page, within=10)
            assert time.monotonic() - ended < 10, "the replay must play within ten seconds of the end"
            seen = await look(page)
            assert seen is not None
            assert seen["duration"] == pytest.approx(lasted, abs=2.0)  # whole, but for waiting for the first key frame
    finally:
        with contextlib.suppress(ProcessLookupError):  # it may have noticed by itself that the broadcast is over
            encoder.kill()  # or hang in its last packets
        await encoder.wait()
    await check_files(serving, broadcast["id"])


async def is_in(http: aiohttp.ClientSession, broadcast: str, state: str) -> bool:
    return await state_of(http, broadcast) == state


async def is_recorded(http: aiohttp.ClientSession, broadcast: str) -> bool:
    return str((await replay_of(http, broadcast))["state"]) == "withheld"


async def check_files(serving: Serving, broadcast: str) -> None:
    """ffprobe reads the replay and the MP4 without a warning; sound and picture start together."""
    viewer = await serving.signed_in(VIEWER)
    try:
        one = f"/api/v1/broadcasts/{broadcast}"
        async with viewer.get(one) as answer:
            replay = (await answer.json())["replay"]
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in viewer.cookie_jar)
        found = await probe(f"{serving.url}{replay['hls']}", cookies=cookies)
        assert abs(starts(found)["video"] - starts(found)["audio"]) < 0.05
        await post(viewer, f"{one}/download")

        async def ready() -> bool:
            async with viewer.get(f"{one}/download") as answer:
                progress: dict[str, Any] = await answer.json()
            assert progress["state"] != "failed"
            assert 0 <= progress["progress"] <= 1
            return str(progress["state"]) == "ready"

        await until(ready, what="the MP4")
        found = await probe(f"{serving.url}{one}/download.mp4", cookies=cookies)
        assert abs(starts(found)["video"] - starts(found)["audio"]) < 0.05
    finally:
        await viewer.close()
