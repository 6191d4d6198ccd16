"""A recording is thrown away over HTTP, and a server that died in the middle finishes it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import model
from server.identity import Role
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.support.publishing import Publisher
from tests.support.wait import until


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    yield publisher
    await publisher.close()


async def _ended(site: Site, host: Person, publisher: Publisher) -> Any:
    """A broadcast with a recording of some seconds, published."""
    made = await host.schedule()
    answer = await publisher.publish(site.client, made["id"], made["whip"]["token"])
    assert answer.status == 201

    async def rehearsed() -> bool:
        return bool((await host.look(made))["state"] == "rehearsal")

    async def recorded() -> bool:
        info = await site.service._media.recording(made["id"])
        return info is not None and info.duration >= 1

    await until(rehearsed, timeout=20, every=0.1, what="the rehearsal")
    await host.act(made, "live")
    await until(recorded, timeout=20, every=0.1, what="a second of recording")
    await host.act(made, "end")
    return await host.act(made, "replay", {"published": True, "download": True})


async def test_the_host_throws_it_away_and_viewers_are_told(site: Site, publisher: Publisher) -> None:
    host, viewer, moderator = await site.host(), await site.person(), await site.person(Role.MODERATOR)
    ended = await _ended(site, host, publisher)
    path, replay = f"/api/v1/broadcasts/{ended['id']}", ended["replay"]["hls"]
    folder = site.data_dir / "recordings" / ended["id"]
    assert (await viewer.get(replay)).status == 200
    assert folder.is_dir()
    assert [(await each.look(ended))["can"]["discard"] for each in (host, moderator, viewer)] == [True, True, False]
    assert (await viewer.send("DELETE", f"{path}/replay")).code == "host_needed"

    gone = await host.send("DELETE", f"{path}/replay")
    assert (gone.status, gone.body["replay"]["state"], gone.body["can"]["discard"]) == (200, "discarded", False)
    assert not folder.exists()
    seen = await viewer.look(ended)
    assert (seen["state"], seen["replay"]["state"], seen["replay"]["discarded_by"]) == ("ended", "discarded", "host")
    assert (seen["replay"]["hls"], seen["playback"], seen["replay"]["download"]["allowed"]) == (None, None, False)
    for address in (replay, f"/hls/{ended['id']}/live.m3u8"):
        assert (await viewer.get(address)).status == 404
    assert (await host.get(f"{path}/download.mp4")).code == "recording_discarded"
    assert (await host.post(f"{path}/replay", {"published": True})).code == "recording_discarded"
    assert (await host.send("DELETE", f"{path}/replay")).body["replay"] == gone.body["replay"], "the same the second time"


async def test_a_server_that_died_between_row_and_files_removes_them_at_its_start(tmp_path: Path, publisher: Publisher) -> None:
    async with running_site(tmp_path, {}) as site:
        host = await site.host()
        ended = await _ended(site, host, publisher)
        await site.service._director.close()  # what follows is all that was done before the end
        await site.service._registry.change(
            ended["id"], lambda each: model.discard_recording(each, site.service.now(), by=host.id)
        )
        assert (await host.get(ended["replay"]["hls"])).status == 404
    folder = tmp_path / "recordings" / ended["id"]
    assert folder.is_dir()
    async with running_site(tmp_path, {}) as site:
        assert not folder.exists()
        again = await site.sign_in("13800000001")
        assert (await again.look(ended))["replay"]["state"] == "discarded"
