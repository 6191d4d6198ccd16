"""Several processes behind nginx, as shipped: a broadcast from sign-in to the downloaded file, and a clean end of each."""

import asyncio
import re
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.deployment.conftest import MakeHouse
from tests.integration.deployment.site import PARTS, PLAN, House, call, reaches
from tests.support.hls_rules import MediaPlaylist, parse
from tests.support.probe import probe
from tests.support.publishing import Publisher
from tests.support.room import Visit, visiting
from tests.support.wait import until

HOST, VIEWER = "10000000006", "10000000010"


async def _go_on_air(house: House, host: aiohttp.ClientSession) -> tuple[Any, Publisher]:
    made = await call(host, "POST", "/api/v1/broadcasts", json=PLAN)
    assert made["whip"]["url"] == f"{house.url}/whip/{made['id']}"
    publisher = await house.publish(made)
    path = f"/api/v1/broadcasts/{made['id']}"
    await reaches(host, path, state="rehearsal")
    live = await call(host, "POST", f"{path}/live")
    assert live["state"] == "live"
    return live, publisher


async def _text(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        return await answer.text() if answer.status == 200 else ""


async def _watch(viewer: aiohttp.ClientSession, broadcast: Any) -> None:
    """The playlists, a blocking reload, the part that it names, and the sound alone."""
    base = f"/hls/{broadcast['id']}"
    index = await until(lambda: _text(viewer, f"{base}/index.m3u8"), timeout=30, every=0.2, what="the multivariant playlist")
    assert "live.m3u8" in index

    async def with_parts() -> MediaPlaylist | None:
        seen = parse(await _text(viewer, f"{base}/live.m3u8"))
        return seen if seen.last_part is not None else None

    first = await until(with_parts, timeout=30, every=0.2, what="a playlist with parts")
    assert first is not None
    assert first.last_part is not None
    msn, part = first.last_part
    async with viewer.get(f"{base}/live.m3u8?_HLS_msn={msn}&_HLS_part={part + 1}") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        later = parse(await answer.text())
    assert later.last_part is not None
    assert later.last_part > first.last_part, "nginx waited for the next part with the server"
    async with viewer.get(f"{base}/{later.segments[-1].parts[-1].uri}") as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert answer.headers["Cache-Control"].startswith("private")
        assert len(await answer.read()) == int(answer.headers["Content-Length"])
    assert await _text(viewer, f"{base}/audio.m3u8")


async def _replay_and_download(host: aiohttp.ClientSession, viewer: aiohttp.ClientSession, path: str, folder: Path) -> None:
    ended = await call(host, "POST", f"{path}/replay", json={"published": True, "download": True})
    playlist = await _text(viewer, ended["replay"]["hls"])
    assert playlist.rstrip().endswith("#EXT-X-ENDLIST")
    segments = [line for line in playlist.splitlines() if not line.startswith("#")]
    async with viewer.get(f"/hls/{ended['id']}/{segments[-1]}") as answer:
        assert answer.status == 200
    assert (await call(viewer, "POST", f"{path}/download"))["state"] in ("preparing", "ready")
    url = (await reaches(viewer, f"{path}/download", state="ready"))["url"]
    async with viewer.get(url) as answer:
        assert answer.status == 200
        file = folder / "replay.mp4"
        await asyncio.to_thread(file.write_bytes, await answer.read())
    async with viewer.get(url, headers={"Range": "bytes=4-7"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"ftyp")
    assert (await probe(file)).keys() == {"video", "audio"}


async def test_a_broadcast_goes_the_whole_way_through_nginx(make_house: MakeHouse, tmp_path: Path) -> None:
    house = await make_house()
    async with AsyncExitStack() as stack:
        host, viewer = [await stack.enter_async_context(await house.signed_in(mobile)) for mobile in (HOST, VIEWER)]
        assert {cookie.key for cookie in viewer.cookie_jar} == {"__Host-hongbo", "__Host-hongbo-device"}
        live, publisher = await _go_on_air(house, host)
        stack.push_async_callback(publisher.close)
        path = f"/api/v1/broadcasts/{live['id']}"
        room = await _enter(stack, house, viewer, live)
        await _watch(viewer, live)
        status = await reaches(host, f"{path}/status", publishing=True, viewers=1, recording=True)
        assert (status["publisher"]["name"], status["width"]) == ("闻小满", 320)
        assert (await call(viewer, "GET", path))["viewers"] == 1, "in the media process, which has nobody in its rooms itself"
        assert (await room.say(live["id"], "听得很清楚"))["ok"]
        await until(
            lambda: (house.folder / "recordings" / live["id"] / "live.m4s").stat().st_size > 100_000, what="a recording"
        )

        ended = await call(host, "POST", f"{path}/end")
        assert (ended["state"], ended["replay"]["state"]) == ("ended", "withheld"), "sealed when the answer came"
        await until(lambda: "broadcast.ended" in [each["type"] for each in room.entries], what="the news of the end")
        comments = await call(viewer, "GET", f"{path}/comments")
        assert [each["data"]["text"] for each in comments["items"]] == ["听得很清楚"]
        await _replay_and_download(host, viewer, path, tmp_path)
        await call(viewer, "DELETE", "/api/v1/session")
        await until(lambda: _refused(viewer, live), timeout=30, every=0.2, what="the end of the session in the other process")
        assert (await call(host, "DELETE", f"{path}/replay"))["replay"]["state"] == "discarded"
        assert not (house.folder / "recordings" / live["id"]).exists()
    assert await house.stop() == dict.fromkeys(PARTS, 0)
    assert not [line for line in house.output if '"level": "error"' in line or "Traceback" in line]


async def _enter(stack: AsyncExitStack, house: House, viewer: aiohttp.ClientSession, broadcast: Any) -> Visit:
    """Into the room, by polling and then WebSocket, as browsers do."""
    csrf = (await call(viewer, "GET", "/api/v1/me"))["csrf"]
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in viewer.cookie_jar)
    room = await stack.enter_async_context(visiting(house.url, cookies, csrf, ssl_verify=False))
    assert (await room.subscribe(broadcast["id"]))["ok"]
    return room


async def test_each_process_ends_by_itself_and_the_others_go_on(make_house: MakeHouse) -> None:
    house = await make_house(apart=True)
    async with AsyncExitStack() as stack:
        host, viewer = [await stack.enter_async_context(await house.signed_in(mobile)) for mobile in (HOST, VIEWER)]
        live, publisher = await _go_on_air(house, host)
        stack.push_async_callback(publisher.close)
        path = f"/api/v1/broadcasts/{live['id']}"
        await _watch(viewer, live)
        assert await house.stop("worker") == {"worker": 0}
        assert await house.stop("web") == {"web": 0}
        await _watch(viewer, live)
        await house.run("web")
        await until(lambda: _answers(viewer, "/api/v1/me"), timeout=60, every=0.2, what="the web's return")

        assert await house.stop("media") == {"media": 0}
        await house.run("media")
        await until(lambda: _answers(viewer, path), timeout=60, every=0.2, what="the return of the media")
        again = await reaches(host, path, state="interrupted")
        assert again["whip"]["token"] == live["whip"]["token"]
        stack.push_async_callback((await house.publish(again)).close)
        await reaches(viewer, path, state="live")
        await _watch(viewer, live)
    assert await house.stop() == {"web": 0, "media": 0}
    assert not [line for line in house.output if '"level": "error"' in line or "Traceback" in line]


async def _refused(viewer: aiohttp.ClientSession, broadcast: Any) -> bool:
    """Whether the ticket that the browser still has opens nothing any more."""
    async with viewer.get(f"/hls/{broadcast['id']}/replay.m3u8") as answer:
        return answer.status == 401


async def _answers(http: aiohttp.ClientSession, path: str) -> bool:
    async with http.get(path) as answer:
        return answer.status == 200


async def test_the_door_is_http_2_with_tls_and_keeps_operators_things_inside(make_house: MakeHouse) -> None:
    house = await make_house()
    assert await asyncio.to_thread(_spoken, house) == "h2"
    async with house.client() as http:
        async with http.get("/metrics") as answer:
            assert answer.status == 403
        async with http.get("/api/openapi.json") as answer:
            paths = (await answer.json())["paths"]
            assert {"/api/v1/session", "/api/v1/broadcasts", "/whip/{stream}"} <= paths.keys()
        async with http.get("/sign-in?next=/me") as answer:
            assert answer.headers["Strict-Transport-Security"]
    log = house.folder.parent / "nginx" / "access.log"
    # nginx answers first and writes its line then.
    await until(lambda: re.search(r'"GET /sign-in" \d+', log.read_text()), what="the line of the request")
    assert "next=" not in log.read_text()
    assert await house.stop() == dict.fromkeys(PARTS, 0)


def _spoken(house: House) -> str | None:
    """What nginx chooses of what a phone offers (ALPN, RFC 7301)."""
    context = ssl.create_default_context(cafile=house.folder.parent / "nginx" / "fullchain.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", house.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secured,
    ):
        return secured.selected_alpn_protocol()
