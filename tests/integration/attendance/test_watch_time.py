"""Watch time over the socket: added up over devices and processes, kept, and shown to its member alone."""

import asyncio
from datetime import datetime, timedelta

from server.attendance import Watching
from server.broadcasts import State
from tests.integration.attendance.room import clock_of_now, own, watching_process
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.sockets.test_snapshots import member_of


async def test_two_devices_over_two_processes_and_a_replay_add_up_and_never_faster_than_the_clock(either: Site) -> None:
    site, clock = either, clock_of_now()
    host, viewer, other = await site.host(), await site.person(), await site.person()
    broadcast = await on_air(site, host)
    live_at = datetime.fromisoformat((await host.look({"id": broadcast}))["live_at"])
    member = await member_of(site, viewer)
    one, two = (watching_process(site, clock) for _ in range(2))

    async def say(watching: Watching, device: str, second: float, *, playing: bool = True, visible: bool = True) -> int:
        media_at = live_at + timedelta(seconds=second)
        heard = await watching.report(member, broadcast, device, media_at=media_at, playing=playing, visible=visible)
        return heard.ms

    clock.advance(100)
    assert list(await asyncio.gather(say(one, "phone", 0), say(two, "pad", 5))) == [0, 0]
    for second in (10, 20, 30):
        clock.advance(10)
        told = max(await asyncio.gather(say(one, "phone", second), say(two, "pad", second + 5)))
        assert told == second * 1000, "at different moments of the picture, and one clock"
    clock.advance(10)
    assert await say(one, "phone", 90) == 30_000, "seeking"
    clock.advance(10)
    assert await say(one, "phone", 100, visible=False) == 30_000, "hidden"
    await put(site, broadcast, state=State.ENDED, ended_at=live_at + timedelta(seconds=120))
    for watching in (one, two):
        await watching.close()
    again = watching_process(site, clock)  # the server was started anew
    await say(again, "phone", 100)
    clock.advance(30)
    told = await say(again, "phone", 130)
    assert round(told / 1000) == 55, "with 20 s of a replay, up to where it was broadcast"
    assert (await own(viewer, broadcast))["watched_ms"] == told
    assert (await own(other, broadcast))["watched_ms"] == 0
    await again.close()


async def test_it_is_told_over_the_socket(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    scheduled, broadcast = (await host.schedule())["id"], await on_air(site, host)
    said = {"media_at": "2026-07-01T12:00:00Z", "playing": True, "visible": True}
    async with await visit(site, viewer) as one:
        for each in (scheduled, broadcast):
            assert await one.call("watch", {"broadcast": each, **said}) == {"ok": True, "watched_ms": 0}
