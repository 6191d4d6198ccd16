"""The demo from start to stop: a real server, its real publisher process, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from server.app import build
from server.core.db import Database
from server.demo.encoding import encode
from server.demo.film import Film, FilmSpec, keep
from server.demo.organisation import PASSWORD
from server.demo.picture import chinese_font
from server.demo.setup import add_demo
from server.settings import load_settings
from server.shake import Verified, verified
from tests.support.wait import until

MEMBER, HOST, ADMINISTRATOR, EMPLOYEE = "10000000010", "10000000006", "10000000004", "10090000001"
SECRETARY = "10000000001"
TITLE = "演示直播：红船时钟"


@pytest.fixture(scope="module")
def short_film() -> Film:
    """Two seconds again and again, in place of the whole minute, which would take its time to encode."""
    spec = FilmSpec()
    film = encode(FilmSpec(seconds=2), None)
    return Film(spec, film.pictures * (spec.seconds // 2), film.sounds * (spec.seconds // 2))


class Site:
    def __init__(self, http: aiohttp.ClientSession, origin: str) -> None:
        self._http, self._origin = http, origin

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Origin": self._origin}
        async with self._http.request(method, f"{self._origin}/api/v1{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status != 204 else None

    async def sign_in(self, mobile: str) -> Any:
        self._http.cookie_jar.clear()
        return (await self.api("POST", "/session", {"mobile": mobile, "password": PASSWORD}))["member"]

    async def demo_broadcast(self) -> Any:
        items = (await self.api("GET", "/broadcasts"))["items"]
        return next((item for item in items if item["title"] == TITLE), None)

    async def on_air(self) -> Any:
        async def look() -> Any:
            shown = await self.demo_broadcast()
            return shown if shown is not None and shown["state"] == "live" else None

        return await until(look, timeout=40, every=0.2, what="the demo broadcast on air")


@asynccontextmanager
async def running(folder: Path, length: timedelta = timedelta(hours=1)) -> AsyncIterator[Site]:
    port = unused_port()
    origin = f"http://127.0.0.1:{port}"
    environment = {"PUBLIC_URL": origin, "MEDIA_ADVERTISE": "127.0.0.1", "HONGBO_PART_TARGET": "0.25"}
    settings = load_settings(environment, data_dir=folder, port=port, demo=True)
    app = build(settings)
    add_demo(app, settings, whip_base=origin, length=length)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        # Loopback is as good as https to browsers; aiohttp's jar has to be told.
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=origin)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Site(http, origin)
    finally:
        await runner.cleanup()


async def test_a_broadcast_is_on_air_and_a_second_start_goes_on_with_it(tmp_path: Path, short_film: Film) -> None:
    keep(tmp_path / "demo", short_film, chinese_font())
    async with running(tmp_path) as site:
        assert (await site.sign_in(EMPLOYEE))["status"] == "employee"
        shown = await site.on_air()
        assert shown["host"]["name"] == "闻小满"
        assert shown["visibility"] == "employees"
        await site.sign_in(MEMBER)
        assert (await site.api("GET", "/me"))["organisation"] == "示例集团党委"
        coming = (await site.api("GET", "/broadcasts?state=scheduled"))["items"]
        assert [item["title"] for item in coming] == ["西北支部帮扶走访纪实", "新党员入党宣誓直播"]
        activities = (await site.api("GET", "/activities"))["items"]
        assert {item["state"] for item in activities} == {"closed", "open", "announced"}
        assert (await site.api("GET", "/me/points"))["items"], "what lies behind has earned something"
        shakes = (await site.api("GET", "/shakes"))["items"]
        assert {each["may_shake"] for each in shakes} == {True}
        assert [each["state"] == "closed" for each in shakes] == [False, False, True], "one is open, one to come, one over"
        assert (await site.api("GET", f"/shakes/{shakes[0]['id']}/mine"))["why_not"] is None
        await site.sign_in(ADMINISTRATOR)
        assert (await site.api("GET", "/members?limit=200"))["next"] is None
        await site.sign_in(SECRETARY)
        talks = (await site.api("GET", "/me/talks"))["items"]
        assert [(each["state"], bool(each["note"])) for each in talks] == [("ended", True)]

    proof = await _verified(tmp_path, shakes[-1]["id"])
    assert proof.faults == []
    assert "2 talks, each with somebody else" in proof.held
    async with running(tmp_path) as site:
        await site.sign_in(HOST)
        again = await site.on_air()
        assert again["id"] == shown["id"]
        assert len((await site.api("GET", "/broadcasts"))["items"]) == 3
        assert len((await site.api("GET", "/shakes"))["items"]) == 3
        status = await site.api("GET", f"/broadcasts/{again['id']}/status")
        assert (status["width"], status["height"]) == (1280, 720)


async def _verified(folder: Path, shake: str) -> Verified:
    """As `hongbo shake verify` does."""
    database = Database(load_settings({}, data_dir=folder).database_url)
    try:
        return await verified(database, shake)
    finally:
        await database.close()


async def test_an_ended_demo_broadcast_is_followed_by_another(tmp_path: Path, short_film: Film) -> None:
    keep(tmp_path / "demo", short_film, chinese_font())
    async with running(tmp_path) as site:
        await site.sign_in(HOST)
        first = await site.on_air()
        await site.api("POST", f"/broadcasts/{first['id']}/end")

        async def another() -> bool:
            shown: str = (await site.on_air())["id"]
            return bool(shown != first["id"])

        await until(another, timeout=40, every=0.2, what="another broadcast on air")


async def test_a_demo_left_running_keeps_one_replay_and_what_is_on_air(tmp_path: Path, short_film: Film) -> None:
    keep(tmp_path / "demo", short_film, chinese_font())
    seen: list[str] = []  # ids, in the order in which they were on air
    async with running(tmp_path) as site:
        await site.sign_in(HOST)
        seen.append((await site.on_air())["id"])
        await until(lambda: _recorded(tmp_path, seen[0]), timeout=20, every=0.1, what="a recording")

    # Its time ran out while nothing ran: the next start ends it, publishes it, and goes on with others.
    async with running(tmp_path, timedelta(seconds=4)) as site:
        await site.sign_in(HOST)

        async def third() -> bool:
            shown: str = (await site.on_air())["id"]
            if shown not in seen:
                seen.append(shown)
            return len(seen) == 3

        await until(third, timeout=90, every=0.1, what="the second broadcast after it")
        states = {item["id"]: item["replay"]["state"] for item in (await site.api("GET", "/broadcasts?state=ended"))["items"]}
        assert (states[seen[0]], states[seen[1]]) == ("discarded", "published")
        kept = {path.name for path in (tmp_path / "recordings").iterdir() if path.is_dir()}
        assert seen[0] not in kept
        assert len(kept) <= 2


def _recorded(folder: Path, broadcast: str) -> bool:
    """Whether there is a whole segment."""
    file = folder / "recordings" / broadcast / "manifest.jsonl"
    return file.exists() and b'"segment"' in file.read_bytes()


async def test_no_publisher_outlives_the_server(tmp_path: Path, short_film: Film) -> None:
    keep(tmp_path / "demo", short_film, chinese_font())
    async with running(tmp_path) as site:
        await site.sign_in(MEMBER)
        await site.on_air()
        assert await asyncio.to_thread(_publishers, tmp_path)
    assert not await asyncio.to_thread(_publishers, tmp_path)


def _publishers(folder: Path) -> list[str]:
    """Command lines of processes that publish from this data folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "publish" in words and str(folder) in words:
            found.append(" ".join(words))
    return found
