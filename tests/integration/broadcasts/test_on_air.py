"""A broadcast from the first packet to the downloaded file: real peers, real parts, real recordings."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from server.identity import Role
from tests.integration.broadcasts.site import Answer, Person, Site, running_site
from tests.support.publishing import Publisher
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]


@pytest.fixture
async def make_publisher() -> AsyncIterator[MakePublisher]:
    made: list[Publisher] = []

    def make(**more: Any) -> Publisher:
        made.append(Publisher(**more))
        return made[-1]

    yield make
    for publisher in made:
        await publisher.close()


async def _publish(site: Site, publisher: Publisher, broadcast: Any, *, takeover: bool = False) -> Any:
    return await publisher.publish(site.client, broadcast["id"], broadcast["whip"]["token"], takeover=takeover)


async def _reaches(person: Person, broadcast: Any, state: str) -> Any:
    async def look() -> Any:
        seen = await person.look(broadcast)
        return seen if seen["state"] == state else None

    return await _until(look, f"the state {state}")


async def _until(look: Callable[[], Awaitable[Any]], what: str, *, timeout: float = 20) -> Any:
    return await until(look, timeout=timeout, every=0.1, what=what)


async def _go_on_air(site: Site, host: Person, publisher: Publisher, **more: Any) -> Any:
    """By a host who presses the moment the browser is connected, before any picture is through."""
    made = await host.schedule(**more)
    assert (await _publish(site, publisher, made)).status == 201
    return await host.act(made, "live")


async def _hls(person: Person, broadcast: Any, name: str = "index.m3u8") -> Answer:
    return await person.get(f"/hls/{broadcast['id']}/{name}")


def _dates(playlist: bytes) -> list[bytes]:
    """When its segments were sent."""
    return [line for line in playlist.splitlines() if line.startswith(b"#EXT-X-PROGRAM-DATE-TIME")]


async def _plays(person: Person, broadcast: Any) -> bool:
    return (await _hls(person, broadcast)).status == 200


async def test_a_broadcast_goes_from_rehearsal_to_a_downloaded_file(site: Site, make_publisher: MakePublisher) -> None:
    host, viewer, publisher = await site.host(), await site.person(), make_publisher()
    made = await host.schedule(title="“七月的红船”直播党课")
    assert (await host.post(f"/api/v1/broadcasts/{made['id']}/live")).code == "nothing_received"
    assert (await _publish(site, publisher, made)).status == 201

    rehearsal = await _reaches(host, made, "rehearsal")
    assert rehearsal["playback"]["hls"] == f"/hls/{made['id']}/index.m3u8"
    await _until(lambda: _plays(host, made), "the host's own picture")
    seen = await viewer.look(made)
    assert (seen["state"], seen["playback"]) == ("scheduled", None)
    assert made["id"] in await viewer.listed("state=scheduled")
    assert await host.listed("state=rehearsal") == [made["id"]]
    assert (await _hls(viewer, made)).status == 404
    rehearsed = _dates((await _hls(host, made, "live.m3u8")).raw)
    assert rehearsed

    live = await host.act(made, "live")
    assert (live["state"], live["viewers"]) == ("live", 0)
    seen = await viewer.look(made)
    assert seen["state"] == "live"
    await _until(lambda: _plays(viewer, made), "the viewer's picture")
    assert (await _hls(viewer, made, "live.m3u8")).raw.startswith(b"#EXTM3U")
    assert set(_dates((await _hls(viewer, made, "live.m3u8")).raw)).isdisjoint(rehearsed), "nobody sees what was rehearsed"
    status = (await host.get(f"/api/v1/broadcasts/{made['id']}/status")).body
    assert (status["publishing"], status["publisher"]["id"], status["recording"]) == (True, host.id, True)
    assert (status["tracks"], status["width"], status["viewers"]) == ({"video": True, "audio": True}, 320, 0)
    assert status["last_media_at"][:10] == status["server_time"][:10]

    # The same words, another time: nothing happens; a bare player uses the token instead of cookies.
    assert (await host.act(made, "live"))["live_at"] == live["live_at"]
    bare = await site.visitor()
    assert (await bare.get(f"/hls/{made['id']}/live.m3u8?token={seen['playback']['token']}")).status == 200
    assert (await _hls(bare, made)).status == 401

    await _until(lambda: _recorded(site, made, 3.0), "three seconds of recording")
    ended = await host.act(made, "end")
    assert (ended["state"], ended["replay"]["state"], ended["whip"]) == ("ended", "withheld", None)
    assert ended["replay"]["duration"] > 2
    await _replay_and_download(site, host, viewer, ended)


async def _recorded(site: Site, broadcast: Any, seconds: float) -> bool:
    info = await site.service._media.recording(broadcast["id"])
    return info is not None and info.duration >= seconds


async def _replay_and_download(site: Site, host: Person, viewer: Person, ended: Any) -> None:
    path = f"/api/v1/broadcasts/{ended['id']}"
    assert (await _hls(viewer, ended, "replay.m3u8")).status == 404
    assert (await _hls(host, ended, "replay.m3u8")).status == 200
    assert (await viewer.look(ended))["replay"] == {
        "state": "withheld",
        "hls": None,
        "duration": None,
        "size": None,
        "has_video": None,
        "discarded_at": None,
        "discarded_by": None,
        "download": {"allowed": False, "offered": False, "state": "none", "progress": 0.0, "url": None},
    }
    await host.act(ended, "replay", {"published": True, "download": False})
    seen = await viewer.look(ended)
    assert (seen["replay"]["state"], seen["replay"]["has_video"]) == ("published", True)
    assert (await viewer.get(seen["replay"]["hls"])).status == 200
    assert (await viewer.post(f"{path}/download")).code == "download_off"

    await host.act(ended, "replay", {"published": True, "download": True})
    started = await viewer.post(f"{path}/download")
    assert started.status == 202

    async def ready() -> Any:
        now = (await viewer.get(f"{path}/download")).body
        return now if now["state"] == "ready" else None

    url = (await _until(ready, "the MP4"))["url"]
    assert (await viewer.look(ended))["replay"]["download"]["url"] == url
    part = await viewer.get(url, headers={"Range": "bytes=4-7"})
    assert (part.status, part.raw) == (206, b"ftyp")
    assert part.headers["Content-Type"] == "video/mp4"
    assert part.headers["Content-Disposition"].startswith("attachment; filename=\"hongbo-2030-07-01.mp4\"; filename*=UTF-8''")
    await host.act(ended, "replay", {"published": False, "download": True})
    assert (await viewer.get(url)).code == "download_off"
    assert (await host.get(url, headers={"Range": "bytes=0-0"})).status == 206


async def test_what_was_rehearsed_stays_private_when_the_network_drops_right_after_going_on_air(
    site: Site, make_publisher: MakePublisher
) -> None:
    """No key frame comes any more, so nothing ever went on air; the end must not bring the rehearsal to light."""
    host, viewer, publisher = await site.host(), await site.person(), make_publisher()
    made = await host.schedule()
    assert (await _publish(site, publisher, made)).status == 201
    await _until(lambda: _plays(host, made), "the host's own picture")
    publisher.mute(True)
    seen = [0]

    async def nothing_comes() -> bool:
        seen.append(site.service._media.status(made["id"]).last_media_at or 0)  # type: ignore[union-attr]  # it is open
        return seen[-1] == seen[-2]

    await _until(nothing_comes, "the end of what was under way")
    live = await host.act(made, "live")  # silence is noticed after three seconds
    assert (live["state"], (await viewer.look(made))["state"]) == ("live", "live")
    for person in (viewer, host):
        assert (await _hls(person, made, "live.m3u8")).status == 404
    ended = await host.act(made, "end")
    assert (ended["state"], ended["replay"]["state"]) == ("ended", "none")
    for person in (viewer, host):
        assert (await _hls(person, made, "live.m3u8")).status == 404


async def test_a_lost_host_comes_back_into_the_same_broadcast(site: Site, make_publisher: MakePublisher) -> None:
    host, viewer = await site.host(), await site.person()
    first, second = make_publisher(), make_publisher()
    live = await _go_on_air(site, host, first)
    await _until(lambda: _plays(viewer, live), "a picture")
    first.mute(True)  # the network is gone; nobody says goodbye
    interrupted = await _reaches(viewer, live, "interrupted")
    assert interrupted["playback"]["hls"] == live["playback"]["hls"]
    assert await _plays(viewer, live), "the player goes on waiting"
    assert (await _publish(site, second, live)).status == 201, "the same token, no takeover needed"
    back = await _reaches(viewer, live, "live")
    assert (back["live_at"], back["interrupted_at"]) == (live["live_at"], None)


async def test_cutting_off_silences_everybody_at_once(site: Site, make_publisher: MakePublisher) -> None:
    host, viewer, moderator = await site.host(), await site.person(), await site.person(Role.MODERATOR)
    publisher = make_publisher()
    live = await _go_on_air(site, host, publisher)
    await _until(lambda: _plays(viewer, live), "a picture")
    await _until(lambda: _recorded(site, live, 1.0), "a recording")
    cut = await moderator.act(live, "cut-off", {"reason": "  与主题\n无关 "})
    assert (cut["state"], cut["cut_off_reason"], cut["replay"]["state"]) == ("cut_off", "与主题 无关", "withheld")
    for person in (viewer, host, moderator):
        assert (await _hls(person, live)).status == 404
    assert (await _publish(site, make_publisher(), live)).status == 409
    assert (await host.post(f"/api/v1/broadcasts/{live['id']}/replay", {"published": True})).code == "cut_off"
    hosts, viewers = await host.look(live), await viewer.look(live)
    assert (hosts["cut_off_reason"], hosts["replay"]["state"]) == ("与主题 无关", "none")
    assert (viewers["cut_off_reason"], viewers["replay"]["state"]) == (None, "none")
    assert (await _hls(host, live, "replay.m3u8")).status == 404
    assert (await _hls(moderator, live, "replay.m3u8")).status == 200, "kept as evidence"


async def test_a_co_host_takes_over_and_a_renewed_token_ends_the_old_one(site: Site, make_publisher: MakePublisher) -> None:
    host, helper = await site.host(), await site.host("江一苇")
    live = await _go_on_air(site, host, make_publisher(), co_hosts=[helper.id])
    theirs = await helper.look(live)
    assert (await _publish(site, make_publisher(), theirs)).status == 409
    assert (await _publish(site, make_publisher(), theirs, takeover=True)).status == 201

    async def sends(person: Person) -> bool:
        status = (await host.get(f"/api/v1/broadcasts/{live['id']}/status")).body
        return bool(status["publishing"]) and status["publisher"]["id"] == person.id

    await _until(lambda: sends(helper), "the co-host's picture")
    renewed = await helper.act(theirs, "whip-token")
    assert renewed["whip"]["token"] != theirs["whip"]["token"]
    await _reaches(host, live, "interrupted")
    assert (await _publish(site, make_publisher(), theirs)).status == 401
    assert (await _publish(site, make_publisher(), renewed)).status == 201
    await _reaches(host, live, "live")
    assert (await host.act(live, "end"))["state"] == "ended"


async def test_a_host_who_loses_the_role_is_off_the_air_within_ten_seconds(site: Site, make_publisher: MakePublisher) -> None:
    host, administrator = await site.host(), await site.person(Role.ADMINISTRATOR)
    live = await _go_on_air(site, host, make_publisher())
    assert (await administrator.send("PUT", f"/api/v1/members/{host.id}/roles", {"roles": []})).status == 200

    async def away() -> bool:
        status = site.service._media.status(live["id"])
        return status is not None and not status.publishing

    await _until(away, "the publisher's end", timeout=10)
    assert (await _publish(site, make_publisher(), live)).status == 401


async def test_after_a_restart_the_same_token_resumes_the_same_recording(tmp_path: Path, make_publisher: MakePublisher) -> None:
    async with running_site(tmp_path, {}) as site:
        host = await site.host()
        live = await _go_on_air(site, host, make_publisher())
        await _until(lambda: _recorded(site, live, 2.0), "two seconds of recording")
        mobile = "13800000001"
    async with running_site(tmp_path, {}) as site:
        again = await site.sign_in(mobile)
        seen = await again.look(live)
        assert (seen["state"], seen["whip"]["token"]) == ("interrupted", live["whip"]["token"])
        await _until(lambda: _plays(again, live), "what was there before")
        assert (await _publish(site, make_publisher(), live)).status == 201
        await _reaches(again, live, "live")
        before = await site.service._media.recording(live["id"])
        assert before is not None
        await _until(lambda: _recorded(site, live, before.duration + 1), "more of the same recording")
        ended = await again.act(live, "end")
        assert (ended["replay"]["state"], ended["replay"]["duration"] > 3) == ("withheld", True)
