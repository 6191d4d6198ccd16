"""Rights that end while somebody watches: playlists and parts stop with them, on the fast lane as on the ordinary way."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import delete, update

from server.broadcasts.tables import BroadcastRow
from server.core.http.fastlane import FastAnswer
from server.identity import Role
from server.identity.tables import SessionRow
from server.media.hls_fast import FastHls
from tests.integration.broadcasts.site import Person, Site
from tests.support.publishing import Publisher
from tests.support.wait import until

_URI = re.compile(r"[A-Za-z0-9_-]+/r?[va][0-9.]+\.m4s")


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    yield publisher
    await publisher.close()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths that the fast lane has answered."""
    answered: list[str] = []
    original = FastHls.__call__

    def spy(self: FastHls, path: str, cookies: str) -> FastAnswer | None:
        answer = original(self, path, cookies)
        if answer is not None:
            answered.append(path)
        return answer

    monkeypatch.setattr(FastHls, "__call__", spy)
    return answered


async def _on_air(site: Site, host: Person, publisher: Publisher) -> Any:
    made = await host.schedule()
    assert (await publisher.publish(site.client, made["id"], made["whip"]["token"])).status == 201

    async def rehearses() -> bool:
        return bool((await host.look(made))["state"] == "rehearsal")

    await until(rehearses, timeout=20, what="a rehearsal")
    live = await host.act(made, "live")
    await until(lambda: _recorded(site, live), timeout=20, what="a recording")
    return live


async def _recorded(site: Site, broadcast: Any) -> bool:
    info = await site.service._media.recording(broadcast["id"])
    return info is not None and info.duration > 1


async def _watcher(site: Site) -> Person:
    """Somebody whose player has connections of its own: one that has carried a POST is not fast any more."""
    person = await site.person()
    return replace(person, http=await site.stack.enter_async_context(ClientSession(cookie_jar=person.http.cookie_jar)))


async def _status(person: Person, path: str) -> int:
    return (await person.get(path)).status


async def _part(person: Person, playlist: str) -> str:
    """Begins to watch; answers the address of a part or segment."""

    async def found() -> str:
        answer = await person.get(playlist)
        names = _URI.findall(answer.raw.decode()) if answer.status == 200 else []
        return f"{playlist.rsplit('/', 1)[0]}/{names[-1]}" if names else ""

    return await until(found, timeout=20, what="something to watch")


async def _ends(person: Person, *paths: str, status: int) -> None:
    """Within ten seconds, and for good."""

    async def refused() -> bool:
        return [await _status(person, path) for path in paths] == [status] * len(paths)

    await until(refused, timeout=10, every=0.1, what="the end of a right")
    assert await refused()


EndSession = Callable[[Site, Person], Awaitable[None]]


async def _by_staff(site: Site, person: Person) -> None:
    administrator = await site.person(Role.ADMINISTRATOR)
    assert (await administrator.send("DELETE", f"/api/v1/members/{person.id}/sessions")).status == 204


async def _by_another_process(site: Site, person: Person) -> None:
    async with site.database.transaction() as session:
        await session.execute(delete(SessionRow).filter_by(member_id=person.id))


async def test_an_ended_session_sees_no_more_parts(site: Site, publisher: Publisher, fast: list[str]) -> None:
    host = await site.host()
    live = await _on_air(site, host, publisher)
    playlist = f"/hls/{live['id']}/live.m3u8"
    for end in (_by_staff, _by_another_process):
        viewer, token_viewer = await _watcher(site), await site.person()
        token = (await token_viewer.look(live))["playback"]["token"]
        bare = await site.visitor()
        part = await _part(viewer, playlist)
        assert await _status(bare, f"{part}?token={token}") == 200

        async def plays(viewer: Person = viewer, part: str = part) -> bool:
            return await _status(viewer, part) == 200 and bool(fast) and fast[-1] == part

        await until(plays, what="parts come by the fast lane")
        for person in (viewer, token_viewer):
            await end(site, person)
        await _ends(viewer, part, playlist, status=401)
        await _ends(bare, f"{part}?token={token}", f"{playlist}?token={token}", status=401)
        fast.clear()
        await _status(viewer, part)
        assert fast == []


async def test_a_withdrawn_replay_gives_no_more_segments(site: Site, publisher: Publisher) -> None:
    host, viewer = await site.host(), await site.person()
    ended = await host.act(await _on_air(site, host, publisher), "end")
    playlist = f"/hls/{ended['id']}/replay.m3u8"
    await host.act(ended, "replay", {"published": True, "download": False})
    segment = await _part(viewer, playlist)
    assert await _status(viewer, segment) == 200
    await host.act(ended, "replay", {"published": False, "download": False})
    assert [await _status(viewer, path) for path in (segment, playlist)] == [404, 404], "at once"
    await host.act(ended, "replay", {"published": True, "download": False})
    assert await _status(viewer, segment) == 200
    async with site.database.transaction() as session:
        await session.execute(update(BroadcastRow).filter_by(id=ended["id"]).values(replay_published=False))
    await _ends(viewer, segment, playlist, status=404)
    assert await _status(host, playlist) == 200, "the host may still review it"


async def test_a_broadcast_that_was_cut_off_gives_no_more_parts(site: Site, publisher: Publisher, fast: list[str]) -> None:
    host, viewer, moderator = await site.host(), await _watcher(site), await site.person(Role.MODERATOR)
    live = await _on_air(site, host, publisher)
    part = await _part(viewer, f"/hls/{live['id']}/live.m3u8")
    assert await _status(viewer, part) == 200
    await moderator.act(live, "cut-off", {"reason": "与主题无关"})
    fast.clear()
    assert await _status(viewer, part) == 404
    assert fast == []
